package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import dev.rondo.http.websocket.WebSocketHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Requests over HTTP/2, asked of our own server: what holds over HTTP/1.1 holds here. */
class Http2ClientTest {

    private static final ServerOptions TLS = ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT);

    private interface Use {
        void of(HttpServer server, ClientSession session) throws Exception;
    }

    private static ClientSession.Builder trusting() {
        return ClientSession.builder().sslContext(TestCertificate.CONTEXT);
    }

    private static void connected(Handler handler, Use use) throws Exception {
        connected(handler, TLS, trusting(), use);
    }

    private static void connected(Handler handler, ServerOptions options, ClientSession.Builder client, Use use)
            throws Exception {
        run(() -> Asyncio.timeout(Duration.ofSeconds(30), () -> {
            try (var server = HttpServer.start(handler, "127.0.0.1", 0, options);
                    var session = client.build()) {
                use.of(server, session);
            }
        }));
    }

    private static String text(ClientResponse response) throws IOException {
        try (response) {
            assertThat(response.version()).isEqualTo("HTTP/2");
            return response.text();
        }
    }

    private static Body pieces(int count, byte[] piece) {
        return Body.stream("text/plain", out -> {
            for (int i = 0; i < count; i++) {
                out.write(ByteBuffer.wrap(piece));
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ the protocol

    @Test
    void isSpokenWithServersThatDo() throws Exception {
        connected(request -> Response.text(request.version() + " " + request.url()), (server, session) -> {
            try (var response = session.get(server.url() + "/a?b=c")) {
                assertThat(response.version()).isEqualTo("HTTP/2");
                assertThat(response.text()).isEqualTo("HTTP/2 " + server.url() + "/a?b=c");
                assertThat(response.reason()).isEmpty();
            }
            assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
        });
    }

    @Test
    void isNotSpokenIfEitherSideDoesNotWantIt() throws Exception {
        Use http1 = (server, session) -> {
            for (int i = 0; i < 2; i++) {
                try (var response = session.get(server.url())) {
                    assertThat(response.version()).isEqualTo("HTTP/1.1");
                    assertThat(response.text()).isEqualTo("HTTP/1.1");
                }
            }
            assertThat(server.connections()).isEqualTo(1);
        };
        Handler version = request -> Response.text(request.version());
        connected(version, TLS, trusting().http2(false), http1);
        connected(version, TLS.withHttp2(false), trusting(), http1);
    }

    @Test
    void aWebSocketHasAConnectionOfItsOwn() throws Exception {
        WebSocketHandler echo = socket -> socket.sendStr("heard " + socket.receiveStr());
        Handler handler = request ->
                request.path().equals("/ws") ? Response.webSocket(request, echo) : Response.text(request.version());
        connected(handler, (server, session) -> {
            assertThat(text(session.get(server.url()))).isEqualTo("HTTP/2");
            try (var socket = session.webSocket(server.url() + "/ws")) {
                socket.sendStr("x");
                assertThat(socket.receiveStr()).isEqualTo("heard x");
                assertThat(text(session.get(server.url()))).isEqualTo("HTTP/2");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ sharing

    private static final class Meeting implements Handler {
        private final int size;
        private final AsyncEvent all = new AsyncEvent();
        private int count;
        private int most;

        Meeting(int size) {
            this.size = size;
        }

        @Override
        public Response handle(dev.rondo.http.server.Request request) {
            most = Math.max(most, ++count);
            if (count == size) {
                all.set();
            }
            all.await();
            return Response.text(request.path());
        }
    }

    private static List<Task<String, IOException>> askAll(ClientSession session, String base, int count) {
        var answers = new ArrayList<Task<String, IOException>>();
        for (int i = 0; i < count; i++) {
            String path = "/" + i;
            answers.add(createTask(() -> text(session.get(base + path))));
        }
        return answers;
    }

    @Test
    void requestsThatComeWhileTheFirstConnectsShareItsConnection() throws Exception {
        run(() -> {
            var meeting = new Meeting(50);
            try (var server = HttpServer.start(meeting, "127.0.0.1", 0, TLS);
                    var session = trusting().build()) {
                var answers = askAll(session, server.url(), 50);
                meeting.all.await();
                assertThat(session).hasToString("ClientSession[1 in use, 0 idle, 0 waiting]");
                for (int i = 0; i < 50; i++) {
                    assertThat(answers.get(i).await()).isEqualTo("/" + i);
                }
                assertThat(server.connections()).isEqualTo(1);
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    @Test
    void moreRequestsThanAConnectionTakesGetAnother() throws Exception {
        run(() -> {
            var meeting = new Meeting(150); // a server takes 100 at a time
            try (var server = HttpServer.start(meeting, "127.0.0.1", 0, TLS);
                    var session = trusting().build()) {
                var answers = askAll(session, server.url(), 150);
                for (int i = 0; i < 150; i++) {
                    assertThat(answers.get(i).await()).isEqualTo("/" + i);
                }
                assertThat(server.connections()).isEqualTo(2);
            }
        });
    }

    @Test
    void whereThePoolAllowsNoOtherTheyWaitForAStream() throws Exception {
        run(() -> {
            var meeting = new Meeting(100);
            try (var server = HttpServer.start(meeting, "127.0.0.1", 0, TLS);
                    var session =
                            trusting().pool(PoolOptions.DEFAULT.withPerHost(1)).build()) {
                var answers = askAll(session, server.url(), 250);
                for (int i = 0; i < 250; i++) {
                    assertThat(answers.get(i).await()).isEqualTo("/" + i);
                }
                assertThat(server.connections()).isEqualTo(1);
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    @Test
    void theyShareNothingWithServersThatTurnOutToSpeakHttp1() throws Exception {
        run(() -> {
            var meeting = new Meeting(5);
            try (var server = HttpServer.start(meeting, "127.0.0.1", 0, TLS.withHttp2(false));
                    var session = trusting().build()) {
                var answers = new ArrayList<Task<String, IOException>>();
                for (int i = 0; i < 5; i++) {
                    answers.add(createTask(() -> {
                        try (var response = session.get(server.url())) {
                            return response.text();
                        }
                    }));
                }
                for (Task<String, IOException> answer : answers) {
                    assertThat(answer.await()).isEqualTo("/");
                }
                assertThat(server.connections()).isEqualTo(5);
            }
        });
    }

    @Test
    void allWhoWaitForAConnectionAreToldWhyThereIsNone() throws Exception {
        run(() -> {
            try (var session = new ClientSession()) {
                var answers = askAll(session, "https://127.0.0.1:1", 5);
                for (Task<String, IOException> answer : answers) {
                    assertThatThrownBy(answer::await).isInstanceOf(ConnectFailedException.class);
                }
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void whoIsCancelledWhileTheyWaitLeavesTheOthersTheConnection() throws Exception {
        connected(request -> Response.text(request.path()), (server, session) -> {
            var answers = askAll(session, server.url(), 3);
            Asyncio.yieldNow();
            Asyncio.yieldNow();
            answers.get(0).cancel();
            assertThatThrownBy(() -> answers.get(0).await()).isInstanceOf(TaskCancelledException.class);
            assertThat(answers.get(1).await()).isEqualTo("/1");
            assertThat(answers.get(2).await()).isEqualTo("/2");
            assertThat(server.connections()).isEqualTo(1);
        });
    }

    @Test
    void ifAllAreCancelledWhileTheyWaitNothingIsLeft() throws Exception {
        for (int turns = 0; turns < 12; turns++) {
            int after = turns;
            connected(request -> Response.text(request.path()), (server, session) -> {
                var answers = askAll(session, server.url(), 3);
                for (int i = 0; i < after; i++) {
                    Asyncio.yieldNow();
                }
                answers.forEach(Task::cancel);
                for (Task<String, IOException> answer : answers) {
                    assertThatThrownBy(answer::await).isInstanceOf(TaskCancelledException.class);
                }
                assertThat(session.toString())
                        .startsWith("ClientSession[0 in use, ")
                        .endsWith(" 0 waiting]");
                assertThat(text(session.get(server.url()))).isEqualTo("/");
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ bodies

    @Test
    void bodiesGoBothWaysAtTheSameTime() throws Exception {
        Handler echo = request -> Response.stream("text/plain", out -> {
            for (ByteBuffer piece; (piece = request.readPiece()) != null; ) {
                out.write(piece);
            }
        });
        connected(echo, (server, session) -> {
            var request = session.to("POST", server.url()).withBody(pieces(100, new byte[100_000]));
            try (var response = session.request(request)) {
                long length = 0;
                for (byte[] piece : response.content().chunks()) {
                    length += piece.length;
                }
                assertThat(length).isEqualTo(10_000_000);
            }
            assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
        });
    }

    @Test
    void theLengthOfABodyIsSentAndHeldTo() throws Exception {
        Handler length = request -> Response.text(
                request.headers().get("Content-Length") + " " + request.text().length());
        connected(length, (server, session) -> {
            assertThat(text(session.post(server.url(), Body.text("hello")))).isEqualTo("5 5");
            assertThat(text(session.post(server.url(), Body.of(new byte[0])))).isEqualTo("0 0");
            assertThat(text(session.post(server.url(), Body.of(new byte[500_000]))))
                    .isEqualTo("500000 500000");
            assertThat(text(session.request("POST", server.url()))).isEqualTo("0 0");
            assertThat(text(session.post(server.url(), pieces(2, new byte[3])))).isEqualTo("null 6");
        });
    }

    @Test
    void anAnswerThatComesBeforeTheBodyHasGoneIsTheAnswer() throws Exception {
        connected(request -> Response.text(request.text()), TLS.withBodyBytes(1000), trusting(), (server, session) -> {
            for (Body large : List.of(Body.of(new byte[5_000_000]), pieces(50, new byte[100_000]))) {
                try (var response = session.post(server.url(), large)) {
                    assertThat(response.status()).isEqualTo(413);
                    assertThat(response.text()).isNotEmpty();
                }
            }
            assertThat(text(session.post(server.url(), Body.text("x")))).isEqualTo("x");
            assertThat(server.connections()).isEqualTo(1);
        });
    }

    @Test
    void aBodyWaitsForTheServersWordIfItIsToldTo() throws Exception {
        Handler choosy = request -> request.path().equals("/no") ? Response.empty(403) : Response.text(request.text());
        connected(choosy, (server, session) -> {
            var sent = new ArrayList<String>();
            Body noted = Body.stream("text/plain", out -> {
                sent.add("sent");
                out.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
            });
            try (var response = session.request(
                    session.to("POST", server.url() + "/no").withBody(noted).withExpectContinue())) {
                assertThat(response.status()).isEqualTo(403);
            }
            assertThat(sent).isEmpty();
            assertThat(text(session.request(
                            session.to("POST", server.url()).withBody(noted).withExpectContinue())))
                    .isEqualTo("hello");
            assertThat(sent).hasSize(1);
            assertThat(server.connections()).isEqualTo(1);
        });
    }

    @Test
    void aBodyThatFailsFailsItsRequestAlone() throws Exception {
        connected(request -> Response.text(request.text()), (server, session) -> {
            Body broken = Body.stream("text/plain", out -> {
                out.write(ByteBuffer.wrap(new byte[10]));
                throw new IOException("the disk is gone");
            });
            assertThatThrownBy(() -> session.post(server.url(), broken))
                    .isInstanceOf(HttpException.class)
                    .hasMessage("the body of the request could not be made: the disk is gone");
            assertThat(text(session.post(server.url(), Body.text("x")))).isEqualTo("x");
            assertThat(server.connections()).isEqualTo(1);
        });
    }

    @Test
    void aBodyThatIsCancelledFromWithinFailsItsRequest() throws Exception {
        connected(request -> Response.text(request.text()), (server, session) -> {
            Body odd = Body.stream("text/plain", out -> {
                throw new CancelledError("by itself");
            });
            assertThatThrownBy(() -> session.post(server.url(), odd)).isInstanceOf(HttpException.class);
            Body worse = Body.stream("text/plain", out -> {
                throw new AssertionError("odd");
            });
            assertThatThrownBy(() -> session.post(server.url(), worse)).isInstanceOf(HttpException.class);
        });
    }

    @Test
    void anAnswerThatIsClosedEarlyCostsNoConnection() throws Exception {
        Handler large = request -> Response.of("text/plain", new byte[5_000_000]);
        connected(large, (server, session) -> {
            for (int i = 0; i < 3; i++) {
                session.get(server.url()).close();
            }
            assertThat(server.connections()).isEqualTo(1);
            assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
        });
    }

    @Test
    void headersCookiesCodingsAndHeadAreAsEver() throws Exception {
        Handler handler = request -> Response.text(request.method() + " " + request.cookies() + " "
                + request.header("X-Odd") + " " + request.header("Connection"));
        connected(handler, (server, session) -> {
            var request = session.to("GET", server.url())
                    .withCookie("a", "b")
                    .withHeader("X-Odd", "1")
                    .withHeader("Connection", "close");
            assertThat(text(session.request(request))).isEqualTo("GET {a=b} 1 null");
            try (var response = session.head(server.url())) {
                assertThat(response.contentLength()).isPositive();
                assertThat(response.text()).isEmpty();
            }
            assertThat(server.connections()).isEqualTo(1);
        });
    }

    // ------------------------------------------------------------------------------------------------ ends

    @Test
    void aCancelResetsItsOwnStreamOnly() throws Exception {
        run(() -> {
            var started = new AsyncEvent();
            var ended = new AsyncEvent();
            var go = new AsyncEvent();
            Set<String> log = new TreeSet<>();
            Handler handler = request -> {
                log.add(request.path());
                if (log.size() == 2) {
                    started.set();
                }
                try {
                    go.await();
                } catch (CancelledError e) {
                    log.add(request.path() + " cancelled");
                    ended.set();
                    throw e;
                }
                return Response.text(request.path());
            };
            try (var server = HttpServer.start(handler, "127.0.0.1", 0, TLS.withCancelOnDisconnect(true));
                    var session = trusting().build()) {
                var answers = askAll(session, server.url(), 2);
                started.await();
                answers.get(0).cancel();
                ended.await();
                go.set();
                assertThat(answers.get(1).await()).isEqualTo("/1");
                assertThat(log).containsExactly("/0", "/0 cancelled", "/1");
                assertThat(server.connections()).isEqualTo(1);
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aSilentServerIsGivenUp() throws Exception {
        var never = new AsyncEvent();
        Handler silent = request -> {
            if (request.path().equals("/silent")) {
                never.await();
            }
            return Response.text("here");
        };
        Timeouts hasty = Timeouts.NONE.withRead(Duration.ofMillis(50));
        connected(silent, (server, session) -> {
            var request = session.to("GET", server.url() + "/silent").withTimeouts(hasty);
            assertThatThrownBy(() -> session.request(request)).isInstanceOf(ReadTimeoutException.class);
            assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            assertThat(text(session.get(server.url()))).isEqualTo("here");
        });
    }

    @Test
    void idleConnectionsAreClosed() throws Exception {
        PoolOptions short1 = PoolOptions.DEFAULT.withKeepAlive(Duration.ofMillis(20));
        for (PoolOptions options : List.of(short1, PoolOptions.DEFAULT.withKeepAlive(Duration.ZERO))) {
            connected(request -> Response.text("x"), TLS, trusting().pool(options), (server, session) -> {
                text(session.get(server.url()));
                while (server.connections() > 0) {
                    Asyncio.sleep(Duration.ofMillis(1));
                }
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            });
        }
    }

    @Test
    void aClosedSessionLetsRequestsEndAndKeepsNothing() throws Exception {
        run(() -> {
            var meeting = new Meeting(2);
            try (var server = HttpServer.start(meeting, "127.0.0.1", 0, TLS);
                    var session = trusting().build()) {
                var answers = askAll(session, server.url(), 2);
                meeting.all.await();
                session.close();
                assertThat(answers.get(0).await()).isEqualTo("/0");
                assertThat(answers.get(1).await()).isEqualTo("/1");
                assertThat(session).hasToString("ClientSession[closed, 0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void oneThatWasKeptAndThatTheServerEndedIsReplaced() throws Exception {
        ServerOptions impatient = TLS.withKeepAlive(Duration.ofMillis(20));
        connected(request -> Response.text("x"), impatient, trusting(), (server, session) -> {
            text(session.get(server.url()));
            while (server.connections() > 0) {
                Asyncio.sleep(Duration.ofMillis(1));
            }
            assertThat(text(session.request("POST", server.url()))).isEqualTo("x");
        });
    }

    @Test
    void theTracesTellOfIt() throws Exception {
        var log = new ArrayList<String>();
        Tracing tracing = new Tracing() {
            @Override
            public void queued() {
                log.add("queued");
            }

            @Override
            public void connecting() {
                log.add("connecting");
            }

            @Override
            public void connected() {
                log.add("connected");
            }

            @Override
            public void reused() {
                log.add("reused");
            }

            @Override
            public void headersSent(ClientRequest sent) {
                log.add("headersSent");
            }

            @Override
            public void sent(ByteBuffer piece) {
                log.add("sent " + piece.remaining());
            }

            @Override
            public void received(ByteBuffer piece) {
                log.add("received " + piece.remaining());
            }
        };
        connected(
                request -> Response.text(request.text()),
                TLS,
                trusting().tracing(request -> tracing),
                (server, session) -> {
                    text(session.post(server.url(), Body.text("hello")));
                    text(session.post(server.url(), pieces(1, new byte[3])));
                });
        assertThat(log)
                .containsExactly(
                        "connecting",
                        "connected",
                        "headersSent",
                        "sent 5",
                        "received 5",
                        "reused",
                        "headersSent",
                        "sent 3",
                        "received 3");
    }

    @Test
    void theLimitOnHeadersHolds() throws Exception {
        Handler many = request -> {
            Response answer = Response.text("x");
            for (int i = 0; i < 50; i++) {
                answer = answer.withHeader("X-" + i, "x");
            }
            return answer;
        };
        var session = trusting().limits(Limits.DEFAULT.withHeaderCount(30));
        connected(many, TLS, session, (server, client) -> {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> client.get(server.url())).isInstanceOf(TooLargeException.class);
            }
            assertThat(server.connections()).isEqualTo(1);
        });
    }
}
