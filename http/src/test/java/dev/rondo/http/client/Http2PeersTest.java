package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.RawServer;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h2.ErrorCode;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Options;
import dev.rondo.http.h2.Http2Stream;
import dev.rondo.http.h2.StreamHandler;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import dev.rondo.net.TlsStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session makes of servers of HTTP/2 that refuse, leave, reset and fall silent. */
class Http2PeersTest {

    private static final String SETTINGS = "000000 04 00 00000000";
    private static final String SETTINGS_ACK = "000000 04 01 00000000";

    private interface Use {
        void of(RawServer server, ClientSession session) throws Exception;
    }

    private interface Script {
        void serve(TlsStream stream, int connection) throws IOException;
    }

    private static void connected(Script script, ClientSession.Builder client, Use use) throws Exception {
        run(() -> Asyncio.timeout(Duration.ofSeconds(30), () -> {
            try (var server = RawServer.start(tcp -> {
                        try (TlsStream tls = Net.startTlsServer(
                                tcp.stream(),
                                TestCertificate.CONTEXT,
                                TlsOptions.DEFAULT.withApplicationProtocols("h2", "http/1.1"))) {
                            script.serve(tls, tcp.number());
                        }
                    });
                    var session = client.sslContext(TestCertificate.CONTEXT).build()) {
                use.of(server, session);
            }
        }));
    }

    private static Script speaking(Http2Options options, StreamHandler handler) {
        return (stream, number) ->
                Http2Connection.server(stream, options, handler).awaitClosed();
    }

    /** Writes frames in hexadecimal, and reads on until the client hangs up. */
    private static Script sending(String frames) {
        return (stream, number) -> {
            ByteBuffer buffer = ByteBuffer.allocate(1000);
            send(stream, SETTINGS + SETTINGS_ACK);
            int seen = 0;
            while (stream.read(buffer.clear()) >= 0) {
                seen += buffer.position();
                if (seen > 24 + 9 + 30 + 13 + 9) { // preface, settings, window: what follows is the request
                    send(stream, frames);
                    seen = Integer.MIN_VALUE;
                }
            }
        };
    }

    private static void send(TlsStream stream, String hex) throws IOException {
        stream.write(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    private static String url(RawServer server) {
        return "https://127.0.0.1:" + server.port();
    }

    private static void answer(Http2Stream stream, String text) throws IOException {
        while (stream.readContent() != null) {
            // all of the request
        }
        stream.sendHead(new ResponseHead(200, "", true, Headers.of("Content-Type", "text/plain")), false);
        stream.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), true);
    }

    private static String text(ClientResponse response) throws IOException {
        try (response) {
            return response.text();
        }
    }

    // ------------------------------------------------------------------------------------------------ refusals

    @Test
    void aRequestThatWasNotProcessedIsSentAgainWhateverItsMethod() throws Exception {
        var asked = new ArrayList<String>();
        Script refusing = speaking(Http2Options.SERVER, stream -> {
            asked.add(stream.request().method());
            if (asked.size() <= 3) {
                stream.reset(ErrorCode.REFUSED_STREAM);
            } else {
                answer(stream, "at last");
            }
        });
        connected(refusing, ClientSession.builder(), (server, session) -> {
            assertThat(text(session.post(url(server), Body.text("x")))).isEqualTo("at last");
            assertThat(asked).containsExactly("POST", "POST", "POST", "POST");
        });
    }

    @Test
    void aServerMayRequireHttp1() throws Exception {
        Script strict = (stream, number) -> {
            if ("h2".equals(stream.applicationProtocol())) {
                speaking(Http2Options.SERVER, request -> request.reset(ErrorCode.HTTP_1_1_REQUIRED))
                        .serve(stream, number);
            }
            ByteBuffer request = ByteBuffer.allocate(10_000);
            while (stream.read(request.clear()) >= 0) {
                stream.write(ByteBuffer.wrap(
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1".getBytes(StandardCharsets.US_ASCII)));
            }
        };
        connected(strict, ClientSession.builder(), (server, session) -> {
            for (int i = 0; i < 3; i++) {
                assertThat(text(session.get(url(server)))).isEqualTo("1");
            }
            assertThat(server.connections()).isEqualTo(2);
            assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
        });
    }

    @Test
    void notForEver() throws Exception {
        var asked = new ArrayList<String>();
        Script refusing = speaking(Http2Options.SERVER, stream -> {
            asked.add(stream.request().method());
            stream.reset(ErrorCode.REFUSED_STREAM);
        });
        connected(refusing, ClientSession.builder(), (server, session) -> {
            assertThatThrownBy(() -> session.get(url(server)))
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("REFUSED_STREAM");
            assertThat(asked).hasSize(4);
        });
    }

    @Test
    void notIfTheBodyCannotBeSentTwice() throws Exception {
        var asked = new ArrayList<String>();
        Script refusing = speaking(Http2Options.SERVER, stream -> {
            asked.add(stream.request().method());
            stream.reset(ErrorCode.REFUSED_STREAM);
        });
        connected(refusing, ClientSession.builder(), (server, session) -> {
            Body once = Body.stream("text/plain", out -> out.write(ByteBuffer.wrap(new byte[1])));
            assertThatThrownBy(() -> session.post(url(server), once)).isInstanceOf(ConnectionClosedException.class);
            assertThat(asked).hasSize(1);
        });
    }

    @Test
    void notIfTheServerMayHaveActedOnIt() throws Exception {
        var asked = new ArrayList<String>();
        Script failing = speaking(Http2Options.SERVER, stream -> {
            asked.add(stream.request().method());
            stream.reset(ErrorCode.INTERNAL_ERROR);
        });
        connected(failing, ClientSession.builder(), (server, session) -> {
            assertThatThrownBy(() -> session.get(url(server)))
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("INTERNAL_ERROR");
            assertThat(asked).hasSize(1);
        });
    }

    @Test
    void aServerThatTakesFewAtATimeGetsMoreConnections() throws Exception {
        var all = new AsyncEvent();
        var count = new int[1];
        Script small = speaking(Http2Options.SERVER.withMaxStreams(5), stream -> {
            if (++count[0] == 20) {
                all.set();
            }
            all.await();
            answer(stream, "x");
        });
        connected(small, ClientSession.builder(), (server, session) -> {
            var answers = new ArrayList<Task<String, IOException>>();
            for (int i = 0; i < 20; i++) {
                answers.add(createTask(() -> text(session.request("POST", url(server)))));
            }
            for (Task<String, IOException> answer : answers) {
                assertThat(answer.await()).isEqualTo("x");
            }
            assertThat(server.connections()).isEqualTo(4);
            assertThat(session).hasToString("ClientSession[0 in use, 4 idle, 0 waiting]");
        });
    }

    @Test
    void whereThePoolAllowsNoMoreConnectionsTheyTakeTurns() throws Exception {
        var now = new int[2]; // how many there are, and the most there have been
        Script small = speaking(Http2Options.SERVER.withMaxStreams(3), stream -> {
            now[1] = Math.max(now[1], ++now[0]);
            Asyncio.yieldNow();
            answer(stream, "x");
            now[0]--;
        });
        var two = ClientSession.builder().pool(PoolOptions.DEFAULT.withTotal(2));
        connected(small, two, (server, session) -> {
            var answers = new ArrayList<Task<String, IOException>>();
            for (int i = 0; i < 40; i++) {
                answers.add(createTask(() -> text(session.get(url(server)))));
            }
            for (int i = 0; i < 40; i += 7) {
                answers.get(i).cancel();
            }
            for (int i = 0; i < 40; i++) {
                if (i % 7 != 0) {
                    assertThat(answers.get(i).await()).isEqualTo("x");
                }
            }
            assertThat(server.connections()).isEqualTo(2);
            assertThat(now[1]).isLessThanOrEqualTo(6);
            assertThat(session).hasToString("ClientSession[0 in use, 2 idle, 0 waiting]");
        });
    }

    @Test
    void whoWaitsForAStreamIsToldOfAPlaceForAnotherConnection() throws Exception {
        var never = new AsyncEvent();
        Script one = speaking(Http2Options.SERVER.withMaxStreams(1), stream -> {
            if (stream.request().target().equals("/long")) {
                never.await();
            }
            answer(stream, "x");
        });
        var two = ClientSession.builder().pool(PoolOptions.DEFAULT.withTotal(2));
        connected(one, two, (server, session) -> {
            try (var other = RawServer.start(RawServer.Peer::awaitEnd)) {
                assertThat(text(session.get(url(server)))).isEqualTo("x"); // and how few it takes is known
                var first = createTask(() -> session.get(url(server) + "/long"));
                var second = createTask(() -> session.get(other.url()));
                while (other.connections() == 0) {
                    Asyncio.yieldNow();
                }
                var third = createTask(() -> text(session.get(url(server))));
                while (!session.toString().endsWith("1 waiting]")) {
                    Asyncio.yieldNow();
                }
                second.cancel();
                assertThat(third.await()).isEqualTo("x");
                first.cancel();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ goodbyes

    @Test
    void whatAGoodbyeLeftOutIsAskedOnANewConnection() throws Exception {
        // On the first connection it says that it has processed nothing; on the others it answers.
        Script leaving = (stream, number) -> {
            if (number == 1) {
                sending("000008 07 00 00000000 00000000 00000000").serve(stream, number);
            } else {
                speaking(Http2Options.SERVER, request -> answer(request, "here"))
                        .serve(stream, number);
            }
        };
        connected(leaving, ClientSession.builder(), (server, session) -> {
            assertThat(text(session.request("POST", url(server)))).isEqualTo("here");
            assertThat(server.connections()).isEqualTo(2);
        });
    }

    /** Answers the first stream, after a goodbye to all the others. */
    private static final Script ONE_EACH = sending(
            "000008 07 00 00000000 00000001 00000000" // goodbye behind stream 1
                    + "000001 01 05 00000001 88"); // which is answered: status 200

    @Test
    void oneThatIsLeftBehindAgainAndAgainGetsItsTurn() throws Exception {
        connected(ONE_EACH, ClientSession.builder(), (server, session) -> {
            var answers = new ArrayList<Task<String, IOException>>();
            for (int i = 0; i < 20; i++) {
                answers.add(createTask(() -> text(session.request("POST", url(server)))));
            }
            for (Task<String, IOException> answer : answers) {
                assertThat(answer.await()).isEmpty();
            }
            assertThat(server.connections()).isBetween(10, 20);
        });
    }

    @Test
    void afterAGoodbyeOldRequestsEndAndNewOnesGoElsewhere() throws Exception {
        var connections = new ArrayList<Http2Connection>();
        var started = new AsyncEvent();
        var go = new AsyncEvent();
        Script leaving = (stream, number) -> {
            var http = Http2Connection.server(stream, Http2Options.SERVER, request -> {
                if (request.request().target().equals("/old")) {
                    started.set();
                    go.await();
                }
                answer(request, "connection " + number);
            });
            connections.add(http);
            http.awaitClosed();
        };
        connected(leaving, ClientSession.builder(), (server, session) -> {
            var old = createTask(() -> text(session.get(url(server) + "/old")));
            started.await();
            createTask(connections.getFirst()::shutdown);
            do {
                Asyncio.yieldNow();
            } while (!text(session.get(url(server))).equals("connection 2")); // it waits a round trip for late ones
            go.set();
            assertThat(old.await()).isEqualTo("connection 1");
        });
    }

    @Test
    void anIdempotentRequestIsSentAgainIfAKeptConnectionBreaks() throws Exception {
        Script breaking = (stream, number) -> {
            var http = new Http2Connection[1];
            var count = new int[1];
            http[0] = Http2Connection.server(stream, Http2Options.SERVER, request -> {
                if (number == 1 && ++count[0] == 2) {
                    http[0].close();
                }
                answer(request, "connection " + number);
            });
            http[0].awaitClosed();
        };
        connected(breaking, ClientSession.builder(), (server, session) -> {
            assertThat(text(session.get(url(server)))).isEqualTo("connection 1");
            assertThat(text(session.get(url(server)))).isEqualTo("connection 2");
        });
        connected(breaking, ClientSession.builder(), (server, session) -> {
            assertThat(text(session.get(url(server)))).isEqualTo("connection 1");
            assertThatThrownBy(() -> session.request("POST", url(server)))
                    .isInstanceOf(ConnectionClosedException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ broken answers

    @Test
    void aBodyThatIsCutOffIsNoWholeOne() throws Exception {
        Script cutting = speaking(Http2Options.SERVER, stream -> {
            stream.sendHead(new ResponseHead(200, "", true, Headers.of("Content-Length", "10")), false);
            stream.write(ByteBuffer.wrap(new byte[4]));
            stream.reset(ErrorCode.INTERNAL_ERROR);
        });
        connected(cutting, ClientSession.builder(), (server, session) -> {
            try (var response = session.get(url(server))) {
                assertThatThrownBy(response::read)
                        .isInstanceOf(TruncatedBodyException.class)
                        .hasMessageContaining("expected 10 bytes");
            }
            assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
        });
    }

    @Test
    void whatIsNoHttpIsCalledThat() throws Exception {
        List<String> broken = List.of(
                "000001 01 05 00000001 80", // an index of nothing
                "000004 00 01 00000001 00000000", // content before a head
                "000003 01 04 00000001 828684"); // a request for an answer
        for (String frames : broken) {
            connected(sending(frames), ClientSession.builder(), (server, session) -> {
                assertThatThrownBy(() -> session.get(url(server)))
                        .as(frames)
                        .isInstanceOf(MalformedMessageException.class);
                assertThat(session.toString()).startsWith("ClientSession[0 in use, ");
            });
        }
    }

    @Test
    void aHeadThatIsLargerThanItWasToldIsRefused() throws Exception {
        // 200, and a field named x of 5000 letters
        Script large = sending("00138f 01 05 00000001 88 00 01 78 7f 89 26" + "61".repeat(5000));
        var modest = ClientSession.builder().limits(Limits.DEFAULT.withHeaderBytes(2500));
        connected(large, modest, (server, session) -> {
            assertThatThrownBy(() -> session.get(url(server))).isInstanceOf(TooLargeException.class);
            assertThat(session.toString()).startsWith("ClientSession[0 in use, ");
        });
        connected(large, ClientSession.builder(), (server, session) -> {
            try (var response = session.get(url(server))) {
                assertThat(response.headers().get("x")).hasSize(5000);
            }
        });
    }

    @Test
    void informationalAnswersArePassedOverButNotForEver() throws Exception {
        Script chatty = speaking(Http2Options.SERVER, stream -> {
            for (int i = 0; i < (stream.request().target().equals("/much") ? 100 : 3); i++) {
                stream.sendHead(new ResponseHead(103, "", true, Headers.of("Link", "</a>")), false);
            }
            answer(stream, "real");
        });
        connected(chatty, ClientSession.builder(), (server, session) -> {
            assertThat(text(session.get(url(server)))).isEqualTo("real");
            assertThatThrownBy(() -> session.get(url(server) + "/much")).isInstanceOf(MalformedMessageException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ silence

    @Test
    void aConnectionThatFellSilentGetsNoNewRequests() throws Exception {
        var silent = new AsyncEvent();
        Script script = (stream, number) -> {
            if (number == 1) {
                sending("").serve(stream, number);
            } else {
                speaking(Http2Options.SERVER, request -> answer(request, "connection " + number))
                        .serve(stream, number);
            }
        };
        connected(script, ClientSession.builder(), (server, session) -> {
            var patient = createTask(() -> {
                silent.set();
                return text(session.get(url(server)));
            });
            silent.await();
            var hasty = session.to("GET", url(server)).withTimeouts(Timeouts.NONE.withRead(Duration.ofMillis(50)));
            assertThatThrownBy(() -> session.request(hasty)).isInstanceOf(ReadTimeoutException.class);
            assertThat(text(session.get(url(server)))).isEqualTo("connection 2");
            patient.cancel();
        });
    }

    @Test
    void oneThatAnswersAPingGetsThemAgain() throws Exception {
        Script slow = (stream, number) -> speaking(Http2Options.SERVER, request -> {
                    if (!request.request().target().equals("/")) {
                        Asyncio.sleep(Duration.ofHours(1));
                    }
                    answer(request, "connection " + number);
                })
                .serve(stream, number);
        connected(slow, ClientSession.builder(), (server, session) -> {
            var patient = createTask(() -> text(session.get(url(server) + "/slow")));
            var hasty = session.to("GET", url(server) + "/slow")
                    .withTimeouts(Timeouts.NONE.withRead(Duration.ofMillis(50)));
            assertThatThrownBy(() -> session.request(hasty)).isInstanceOf(ReadTimeoutException.class);
            assertThat(text(session.get(url(server)))).isEqualTo("connection 2");
            while (!text(session.get(url(server))).equals("connection 1")) {
                Asyncio.yieldNow();
            }
            patient.cancel();
        });
    }
}
