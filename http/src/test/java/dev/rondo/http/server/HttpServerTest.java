package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.ExceptionContext;
import dev.rondo.http.OddBody;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpServerTest {

    private static final Handler ECHO =
            request -> Response.text(request.method() + " " + request.target() + " " + request.text());

    /** Sends bytes on one connection and returns all that comes back until the server hangs up. */
    private static String conversation(HttpServer server, String sent) throws IOException {
        try (ByteStream stream = Net.connectTcp("127.0.0.1", server.port())) {
            stream.write(ByteBuffer.wrap(sent.getBytes(StandardCharsets.ISO_8859_1)));
            stream.shutdownOutput();
            var answer = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(1000);
            while (stream.read(buffer.clear()) >= 0) {
                answer.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
            }
            return answer.toString().replaceAll("Date: [^\r]*\r\n", "");
        }
    }

    private static String conversation(Handler handler, String sent) throws IOException {
        return conversation(handler, ServerOptions.DEFAULT, sent);
    }

    private static String conversation(Handler handler, ServerOptions options, String sent) throws IOException {
        return run(() -> {
            try (var server = HttpServer.start(handler, "127.0.0.1", 0, options)) {
                return conversation(server, sent);
            }
        });
    }

    // ---------------------------------------------------------------------------------------------------- answering

    @Test
    void answersOneRequestAfterTheOther() throws Exception {
        assertThat(
                        conversation(
                                ECHO,
                                "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
                                        + "POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                                        + "PUT /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
                .isEqualTo(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\n\r\nGET /a?b=c "
                                + "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n\r\nPOST /d hello"
                                + "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n\r\nPUT /e abc");
    }

    @Test
    void answersHeadRequestsWithoutBody() throws Exception {
        assertThat(conversation(ECHO, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")).endsWith("Content-Length: 8\r\n\r\n");
        Handler streaming = request -> Response.stream("text/plain", out -> out.write(new byte[10]));
        assertThat(conversation(streaming, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"))
                .endsWith("\r\n\r\n");
    }

    @Test
    void closesTheConnectionWhenTheClientWantsIt() throws Exception {
        for (String request :
                List.of("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n")) {
            assertThat(conversation(ECHO, request + "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .startsWith("HTTP/1.")
                    .doesNotContain("second");
        }
        assertThat(conversation(ECHO, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .contains("Connection: close\r\n");
    }

    @Test
    void keepsTheConnectionOfAnOldClientThatAsksForIt() throws Exception {
        assertThat(conversation(ECHO, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /second HTTP/1.0\r\n\r\n"))
                .contains("Connection: keep-alive\r\n", "GET /second");
    }

    @Test
    void writesABodyPieceByPiece() throws Exception {
        Handler streaming = request -> Response.stream("text/plain", out -> {
            out.write("hello ".getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[0]);
            Asyncio.yieldNow();
            out.write("world".getBytes(StandardCharsets.US_ASCII));
        });
        String request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        String answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n";
        assertThat(conversation(streaming, request + request)).isEqualTo(answer + answer);
    }

    @Test
    void answersWithoutBody() throws Exception {
        assertThat(conversation(request -> Response.empty(204), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
                .isEqualTo("HTTP/1.1 204 No Content\r\n\r\n");
        assertThat(conversation(request -> Response.redirect("/b"), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
                .isEqualTo("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
    }

    @Test
    void writesNoBodyWhereThereIsNone() throws Exception {
        String request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        for (int status : List.of(204, 304)) {
            String head = "HTTP/1.1 " + status + (status == 204 ? " No Content" : " Not Modified")
                    + "\r\nContent-Type: text/plain\r\n\r\n";
            byte[] body = "HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            Handler whole = any -> Response.of("text/plain", body).withStatus(status);
            assertThat(conversation(whole, request + request)).isEqualTo(head + head);
            Handler streaming =
                    any -> Response.stream("text/plain", out -> out.write(body)).withStatus(status);
            assertThat(conversation(streaming, request + request)).isEqualTo(head + head);
        }
    }

    @Test
    void readsARequestLineOfAnyLength() throws Exception {
        for (int length : List.of(400, 480, 500, 512, 1000, 30_000)) {
            String path = "/" + "a".repeat(length);
            ServerOptions options = ServerOptions.DEFAULT.withLineBytes(40_000);
            assertThat(conversation(ECHO, options, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .endsWith("GET " + path + " ");
        }
    }

    @Test
    void tellsTheClientToGoOn() throws Exception {
        assertThat(conversation(
                        ECHO, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok"))
                .endsWith("POST / ok");
        run(() -> {
            try (var server = HttpServer.start(ECHO, "127.0.0.1", 0);
                    ByteStream stream = Net.connectTcp("127.0.0.1", server.port())) {
                stream.write(ByteBuffer.wrap(
                        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".getBytes()));
                ByteBuffer buffer = ByteBuffer.allocate(100);
                stream.read(buffer);
                assertThat(StandardCharsets.US_ASCII.decode(buffer.flip()).toString())
                        .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            }
        });
    }

    @Test
    void knowsQueryParameters() {
        var request = Request.of("GET", "/a?x=1&y=%C3%A4+b&x=2&z");
        assertThat(request.path()).isEqualTo("/a");
        assertThat(request.query("x")).isEqualTo("1");
        assertThat(request.query("y")).isEqualTo("ä b");
        assertThat(request.query("z")).isEmpty();
        assertThat(request.query("w")).isNull();
    }

    // ----------------------------------------------------------------------------------------------- what goes wrong

    @Test
    void aHandlerThatFailsIsStatus500AndTheLoopsExceptionHandlerHearsOfIt() throws Exception {
        run(() -> {
            var reported = new ArrayList<ExceptionContext>();
            Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
            Handler failing = request -> {
                if (request.path().equals("/null")) {
                    return null;
                }
                throw new IOException("no database");
            };
            try (var server = HttpServer.start(failing, "127.0.0.1", 0);
                    var session = new ClientSession()) {
                for (String path : List.of("/a", "/null")) {
                    try (var response = session.get(server.url() + path)) {
                        assertThat(response.status()).isEqualTo(500);
                        assertThat(response.text()).doesNotContain("database");
                    }
                }
                assertThat(server.connections()).isEqualTo(1);
            }
            assertThat(reported).hasSize(2);
            assertThat(reported.getFirst().message()).isEqualTo("the handler of GET /a failed");
            assertThat(reported.getFirst().exception()).hasMessage("no database");
        });
    }

    @Test
    void aBodyThatFailsCutsTheConnection() throws Exception {
        run(() -> {
            var reported = new ArrayList<ExceptionContext>();
            Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
            Handler failing = request -> Response.stream("text/plain", out -> {
                out.write(new byte[10]);
                throw new IOException("no more");
            });
            try (var server = HttpServer.start(failing, "127.0.0.1", 0);
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                assertThatThrownBy(response::text).isInstanceOf(TruncatedBodyException.class);
            }
            assertThat(reported).hasSize(1);
        });
    }

    @Test
    void aBodyIsHeldToTheLengthThatItAnnounced() throws Exception {
        run(() -> {
            var reported = new ArrayList<String>();
            Asyncio.getRunningLoop()
                    .setExceptionHandler((loop, context) -> reported.add(String.valueOf(context.exception())));
            Handler odd = request ->
                    Response.of(request.path().equals("/less") ? new OddBody(5, "abc") : new OddBody(2, "abc"));
            try (var server = HttpServer.start(odd, "127.0.0.1", 0)) {
                String two = "GET /%s HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
                assertThat(conversation(server, two.formatted("less"))).endsWith("\r\n\r\nabc");
                assertThat(conversation(server, two.formatted("more"))).endsWith("\r\n\r\nab");
            }
            assertThat(reported).hasSize(2);
            assertThat(reported.getFirst()).contains("announced 5 bytes and wrote 3");
            assertThat(reported.getLast()).contains("announced 2 bytes and writes more");
        });
    }

    @Test
    void requestsThatAreNoHttpAreRefused() throws Exception {
        for (String garbage : List.of(
                "garbage\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")) {
            assertThat(conversation(ECHO, garbage))
                    .as(garbage)
                    .startsWith("HTTP/1.1 400 Bad Request\r\n")
                    .contains("Connection: close\r\n");
        }
    }

    @Test
    void requestsThatAreTooLargeAreRefused() throws Exception {
        ServerOptions options = ServerOptions.DEFAULT
                .withBodyBytes(10)
                .withHeaderBytes(1000)
                .withHeaderCount(5)
                .withLineBytes(300)
                .withFieldBytes(200);
        for (int length : List.of(400, 2000)) {
            assertThat(conversation(ECHO, options, "GET /" + "a".repeat(length) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .startsWith("HTTP/1.1 414 ");
        }
        for (String fields :
                List.of("A: " + "b".repeat(300), "A: " + "b".repeat(2000), "A: b\r\n".repeat(5) + "A: b")) {
            assertThat(conversation(ECHO, options, "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 431 ");
        }
        assertThat(conversation(ECHO, options, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(
                        conversation(
                                ECHO,
                                options,
                                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(conversation(ECHO, options, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhelloworld"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aClientThatIsStillSendingIsNotCutOffBeforeItReadsTheRefusal() throws Exception {
        String body = "x".repeat(5_000_000);
        assertThat(conversation(ECHO, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n" + body))
                .startsWith("HTTP/1.1 413 ")
                .endsWith("a body of more than 1048576 bytes\n");
    }

    @Test
    void aClientThatDawdlesIsToldSo() throws Exception {
        ServerOptions options = ServerOptions.DEFAULT.withRequestTime(Duration.ofMillis(50));
        run(() -> {
            try (var server = HttpServer.start(ECHO, "127.0.0.1", 0, options);
                    ByteStream stream = Net.connectTcp("127.0.0.1", server.port())) {
                stream.write(ByteBuffer.wrap("GET / HT".getBytes()));
                ByteBuffer buffer = ByteBuffer.allocate(1000);
                while (stream.read(buffer) >= 0) {}
                assertThat(StandardCharsets.US_ASCII.decode(buffer.flip()).toString())
                        .startsWith("HTTP/1.1 408 ");
            }
        });
    }

    @Test
    void aClientThatStaysIdleIsHungUpOn() throws Exception {
        ServerOptions options = ServerOptions.DEFAULT.withKeepAlive(Duration.ofMillis(50));
        run(() -> {
            try (var server = HttpServer.start(ECHO, "127.0.0.1", 0, options);
                    ByteStream stream = Net.connectTcp("127.0.0.1", server.port())) {
                assertThat(stream.read(ByteBuffer.allocate(100))).isEqualTo(-1);
            }
        });
    }

    @Test
    void aClientThatGoesAwayIsForgotten() throws Exception {
        run(() -> {
            try (var server = HttpServer.start(ECHO, "127.0.0.1", 0)) {
                conversation(server, "GET / HT");
                while (server.connections() > 0) {
                    Asyncio.yieldNow();
                }
            }
        });
    }

    // ----------------------------------------------------------------------------------------------------- closing

    @Test
    void closingCancelsTheHandlersAndHangsUp() throws Exception {
        run(() -> {
            var ended = new boolean[1];
            var started = Asyncio.getRunningLoop().<Boolean, RuntimeException>createFuture();
            var server = HttpServer.start(
                    request -> {
                        try {
                            started.setResult(true);
                            Asyncio.sleep(Duration.ofHours(1));
                            return Response.text("never");
                        } finally {
                            ended[0] = true;
                        }
                    },
                    "127.0.0.1",
                    0);
            try (ByteStream stream = Net.connectTcp("127.0.0.1", server.port())) {
                stream.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes()));
                started.await();
                server.close();
                server.close();
                assertThat(stream.read(ByteBuffer.allocate(100))).isEqualTo(-1);
            }
            assertThat(ended[0]).isTrue();
            assertThat(server.connections()).isZero();
            assertThatThrownBy(() -> Net.connectTcp("127.0.0.1", server.port())).isInstanceOf(IOException.class);
        });
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        run(() -> {
            try (var server = HttpServer.start(ECHO, "127.0.0.1", 0)) {
                assertThatThrownBy(() -> HttpServer.start(ECHO, "127.0.0.1", server.port()))
                        .isInstanceOf(BindException.class);
            }
        });
    }
}
