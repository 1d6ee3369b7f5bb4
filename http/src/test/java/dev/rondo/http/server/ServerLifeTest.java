package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.Body;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server does with clients that dawdle, leave, flood it or stay, and how it ends. */
class ServerLifeTest {

    private static final String GET = "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n";

    /** A client that says what the test says, byte for byte. */
    private record Raw(ByteStream stream) implements AutoCloseable {

        static Raw connect(HttpServer server) throws IOException {
            return new Raw(Net.connectTcp("127.0.0.1", server.port()));
        }

        void send(String text) throws IOException {
            stream.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        }

        /** Reads until {@code end} has come, or the server has hung up. */
        String readTo(String end) throws IOException {
            var text = new StringBuilder();
            ByteBuffer one = ByteBuffer.allocate(1);
            while (text.indexOf(end) < 0 && stream.read(one.clear()) >= 0) {
                text.append((char) (one.get(0) & 0xff));
            }
            return text.toString();
        }

        String readAll() throws IOException {
            return readTo("\0");
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    private static HttpServer start(Handler handler, ServerOptions options) throws IOException {
        return HttpServer.start(handler, "127.0.0.1", 0, options);
    }

    private static final Handler PATH = request -> Response.text(request.path());

    // ------------------------------------------------------------------------------------------------ bodies

    @Test
    void aHandlerReadsTheBodyAsItComes() throws Exception {
        run(() -> {
            var log = new ArrayList<String>();
            Handler reader = request -> {
                for (ByteBuffer piece; (piece = request.readPiece()) != null; ) {
                    log.add(StandardCharsets.US_ASCII.decode(piece).toString());
                }
                return Response.text("read");
            };
            try (var server = start(reader, ServerOptions.DEFAULT.withBodyBytes(3));
                    var client = Raw.connect(server)) {
                client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                while (log.isEmpty()) {
                    Asyncio.yieldNow();
                }
                client.send("5\r\nworld\r\n0\r\n\r\n");
                assertThat(client.readTo("read")).startsWith("HTTP/1.1 200 OK\r\n");
                assertThat(String.join("", log)).isEqualTo("helloworld"); // more than may be read as a whole
            }
        });
    }

    @Test
    void aSmallBodyThatNobodyReadsDoesNotEndTheConnection() throws Exception {
        run(() -> {
            try (var server = start(PATH, ServerOptions.DEFAULT);
                    var client = Raw.connect(server)) {
                client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + GET.formatted("b"));
                assertThat(client.readTo("/b")).contains("\r\n\r\n/a", "\r\n\r\n/b");
            }
        });
    }

    @Test
    void aLargeBodyThatNobodyReadsEndsTheConnectionOnceTheAnswerIsThere() throws Exception {
        run(() -> {
            try (var server = start(PATH, ServerOptions.DEFAULT);
                    var client = Raw.connect(server)) {
                client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
                Asyncio.timeout(Duration.ofSeconds(20), () -> client.send("x".repeat(5_000_000)));
                client.stream().shutdownOutput();
                assertThat(client.readAll()).contains("Connection: close\r\n").endsWith("/a");
            }
        });
    }

    @Test
    void aClientThatWaitsToBeToldToGoOnIsNotIfNobodyWantsTheBody() throws Exception {
        run(() -> {
            try (var server = start(PATH, ServerOptions.DEFAULT);
                    var client = Raw.connect(server)) {
                client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
                assertThat(client.readAll()).startsWith("HTTP/1.1 200 OK\r\n").contains("Connection: close\r\n");
            }
            try (var server = start(PATH, ServerOptions.DEFAULT);
                    var client = Raw.connect(server)) {
                client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 5\r\n\r\n");
                client.stream().shutdownOutput();
                assertThat(client.readAll()).startsWith("HTTP/1.1 417 ");
            }
        });
    }

    @Test
    void aBodyThatComesTooSlowlyIsRefused() throws Exception {
        ServerOptions options =
                ServerOptions.DEFAULT.withRequestTime(Duration.ofMillis(100)).withBodyRate(1_000_000);
        run(() -> {
            try (var server = start(request -> Response.text(request.text()), options);
                    var client = Raw.connect(server)) {
                client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhello");
                assertThat(client.readTo("second")).startsWith("HTTP/1.1 408 ").contains("Connection: close");
            }
        });
    }

    @Test
    void aBodyThatIsNoneIsTheClientsFault() throws Exception {
        run(() -> {
            Handler json = request -> Response.json(request.json(List.class).size());
            try (var server = start(json, ServerOptions.DEFAULT)) {
                for (String body : List.of("{}", "[1", "")) {
                    try (var client = Raw.connect(server)) {
                        client.send(
                                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                        assertThat(client.readTo("\n")).as(body).startsWith("HTTP/1.1 400 ");
                    }
                }
            }
        });
    }

    // ---------------------------------------------------------------------------------------------- clients that go

    @Test
    void aClientThatHangsUpCancelsItsHandlerIfThatIsWanted() throws Exception {
        run(() -> {
            var log = new ArrayList<String>();
            var started = new AsyncEvent();
            var ended = new AsyncEvent();
            Handler slow = request -> {
                request.read();
                started.set();
                try {
                    Asyncio.sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    log.add("cancelled " + request.path());
                    throw e;
                } finally {
                    ended.set();
                }
                return Response.text("never");
            };
            try (var server = start(slow, ServerOptions.DEFAULT.withCancelOnDisconnect(true))) {
                for (String request : List.of(
                        GET.formatted("get"),
                        "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok",
                        "GET /close HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) {
                    started.clear();
                    ended.clear();
                    try (var client = Raw.connect(server)) {
                        client.send(request);
                        started.await();
                    }
                    ended.await();
                }
            }
            assertThat(log).containsExactly("cancelled /get", "cancelled /post", "cancelled /close");
        });
    }

    @Test
    void whatAClientSendsBehindARequestIsTheNextOneThoughItIsWatched() throws Exception {
        run(() -> {
            var go = new AsyncEvent();
            Handler waiting = request -> {
                if (request.path().equals("/a")) {
                    go.await();
                }
                return Response.text(request.path());
            };
            try (var server = start(waiting, ServerOptions.DEFAULT.withCancelOnDisconnect(true));
                    var client = Raw.connect(server)) {
                client.send(GET.formatted("a"));
                Asyncio.sleep(Duration.ofMillis(1));
                client.send(GET.formatted("b"));
                Asyncio.sleep(Duration.ofMillis(1));
                go.set();
                assertThat(client.readTo("/b")).contains("\r\n\r\n/a", "\r\n\r\n/b");
                client.send(GET.formatted("c"));
                assertThat(client.readTo("/c")).contains("\r\n\r\n/c");
            }
        });
    }

    @Test
    void aClientThatTakesNothingIsHungUpOn() throws Exception {
        ServerOptions options = ServerOptions.DEFAULT.withWriteTime(Duration.ofMillis(100));
        run(() -> {
            var ended = new AsyncEvent();
            Handler endless = request -> Response.stream("text/plain", out -> {
                try {
                    while (true) {
                        out.write(new byte[100_000]);
                    }
                } finally {
                    ended.set();
                }
            });
            try (var server = start(endless, options);
                    var client = Raw.connect(server)) {
                client.send(GET.formatted(""));
                ended.await();
                while (server.connections() > 0) {
                    Asyncio.yieldNow();
                }
            }
        });
    }

    @Test
    void clientsBeyondTheLimitAreToldSo() throws Exception {
        run(() -> {
            try (var server = start(PATH, ServerOptions.DEFAULT.withConnections(1));
                    var first = Raw.connect(server)) {
                first.send(GET.formatted("a"));
                first.readTo("/a");
                try (var second = Raw.connect(server)) {
                    assertThat(second.readAll()).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1\r\n");
                }
                first.send(GET.formatted("b"));
                assertThat(first.readTo("/b")).startsWith("HTTP/1.1 200 ");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ its end

    @Test
    void aCancelOfServeForeverWaitsForNoIdleConnection() throws Exception {
        run(() -> {
            HttpServer server = start(PATH, ServerOptions.DEFAULT);
            try (Raw client = Raw.connect(server)) {
                client.send(GET.formatted("a"));
                assertThat(client.readTo("/a")).contains("200 OK");
                var serving = Asyncio.createTask(server::serveForever);
                Asyncio.yieldNow();
                serving.cancel();
                assertThatThrownBy(serving::await).isInstanceOf(TaskCancelledException.class);
                assertThat(client.readAll()).isEmpty();
            }
        });
    }

    @Test
    void aBodyThatIsTooLargeIsSoAgain() throws Exception {
        run(() -> {
            var failures = new ArrayList<String>();
            Handler handler = request -> {
                for (int i = 0; i < 2; i++) {
                    try {
                        request.read();
                    } catch (TooLargeException e) {
                        failures.add(e.getMessage());
                    }
                }
                return Response.text("caught");
            };
            try (HttpServer server = start(handler, ServerOptions.DEFAULT.withBodyBytes(10));
                    Raw client = Raw.connect(server)) {
                client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "14\r\n01234567890123456789\r\n3\r\nabc\r\n0\r\n\r\n");
                assertThat(client.readTo("caught")).contains("200 OK");
            }
            assertThat(failures).containsExactly("a body of more than 10 bytes", "a body of more than 10 bytes");
        });
    }

    @Test
    void shutdownLetsRequestsEndAndClosesIdleConnections() throws Exception {
        run(() -> {
            var started = new AsyncEvent();
            var go = new AsyncEvent();
            Handler waiting = request -> {
                if (request.path().equals("/wait")) {
                    started.set();
                    go.await();
                }
                return Response.text(request.path());
            };
            try (var server = start(waiting, ServerOptions.DEFAULT);
                    var idle = Raw.connect(server);
                    var busy = Raw.connect(server)) {
                idle.send(GET.formatted("a"));
                idle.readTo("/a");
                busy.send(GET.formatted("wait"));
                started.await();
                var ending = Asyncio.createTask(() -> server.shutdown(Duration.ofMinutes(1)));
                assertThat(idle.readAll()).isEmpty();
                go.set();
                assertThat(busy.readAll()).contains("Connection: close\r\n").endsWith("/wait");
                assertThat(ending.await().inOrder()).isTrue();
                assertThatThrownBy(() -> Raw.connect(server)).isInstanceOf(IOException.class);
            }
        });
    }

    @Test
    void shutdownCancelsWhatDoesNotEndInTime() throws Exception {
        run(() -> {
            var started = new AsyncEvent();
            Handler stuck = request -> {
                started.set();
                Asyncio.sleep(Duration.ofHours(1));
                return Response.text("never");
            };
            try (var server = start(stuck, ServerOptions.DEFAULT);
                    var client = Raw.connect(server)) {
                client.send(GET.formatted("a"));
                started.await();
                var report = server.shutdown(Duration.ofMillis(50));
                assertThat(report.cancelled()).hasSize(1);
                assertThat(client.readAll()).isEmpty();
            }
        });
    }

    // --------------------------------------------------------------------------------------------- where it listens

    @Test
    void listensAtAUnixSocket(@TempDir Path directory) throws Exception {
        run(() -> {
            Path path = directory.resolve("http");
            try (var server = HttpServer.startUnix(PATH, path, ServerOptions.DEFAULT);
                    var client = new Raw(Net.connectUnix(path))) {
                client.send(GET.formatted("unix"));
                assertThat(client.readTo("/unix")).startsWith("HTTP/1.1 200 OK\r\n");
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void speaksTlsAtAUnixSocket(@TempDir Path directory) throws Exception {
        run(() -> {
            Path path = directory.resolve("https");
            Handler secure = request -> Response.text("secure " + request.secure());
            ServerOptions options = ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT);
            try (var server = HttpServer.startUnix(secure, path, options);
                    var client =
                            new Raw(Net.startTls(Net.connectUnix(path), TestCertificate.CONTEXT, "127.0.0.1", 0))) {
                client.send(GET.formatted("unix"));
                assertThat(client.readTo("true")).endsWith("secure true");
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void speaksTls() throws Exception {
        run(() -> {
            Handler url = request -> Response.text(request.url() + " " + request.secure());
            try (var server = start(
                            url,
                            ServerOptions.DEFAULT
                                    .withTls(TestCertificate.CONTEXT)
                                    .withHttp2(false));
                    var session = ClientSession.builder()
                            .sslContext(TestCertificate.CONTEXT)
                            .build();
                    var response = session.get(server.url() + "/a?b=c")) {
                assertThat(response.text()).isEqualTo(server.url() + "/a?b=c true");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what is noted

    @Test
    void notesEachRequest() throws Exception {
        run(() -> {
            var combined = new ArrayList<String>();
            var json = new ArrayList<String>();
            AccessLog toCombined = AccessLog.combined(combined::add);
            AccessLog toJson = AccessLog.jsonLines(json::add);
            ServerOptions options = ServerOptions.DEFAULT.withAccessLog(entry -> {
                toCombined.log(entry);
                toJson.log(entry);
            });
            try (var server = start(request -> Response.of(Body.text("hello")), options);
                    var client = Raw.connect(server)) {
                client.send("GET /a?b=\\\"c HTTP/1.1\r\nHost: x\r\nUser-Agent: \"evil\"\t1\r\nReferer: /from\r\n\r\n");
                client.readTo("hello");
                client.send("HEAD / HTTP/1.0\r\n\r\n");
                client.readAll();
            }
            assertThat(combined).hasSize(2);
            assertThat(combined.getFirst())
                    .startsWith("127.0.0.1 - - [")
                    .contains(" +0000] \"GET /a?b=\\\\\\\"c HTTP/1.1\" 200 ")
                    .endsWith(" \"/from\" \"\\\"evil\\\"\\x091\"");
            assertThat(combined.getLast()).contains("\"HEAD / HTTP/1.0\" 200 ").endsWith("\"-\" \"-\"");
            assertThat(json.getFirst())
                    .contains("\"target\":\"/a?b=\\\\\\\"c\"", "\"status\":200", "\"userAgent\":\"\\\"evil\\\"\\t1\"");
        });
    }

    @Test
    void aLogThatFailsIsReportedAndTheConnectionGoesOn() throws Exception {
        run(() -> {
            var reported = new ArrayList<Object>();
            Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context.exception()));
            var failure = new IllegalStateException("the disk is full");
            ServerOptions options = ServerOptions.DEFAULT.withAccessLog(entry -> {
                throw failure;
            });
            try (var server = start(PATH, options);
                    var client = Raw.connect(server)) {
                client.send(GET.formatted("a") + GET.formatted("b"));
                assertThat(client.readTo("/b")).endsWith("/b");
            }
            assertThat(reported).containsExactly(failure, failure);
        });
    }

    @Test
    void notesAnswersThatWereCutShort() throws Exception {
        run(() -> {
            var entries = new ArrayList<AccessLog.Entry>();
            Handler endless = request -> Response.stream("text/plain", out -> {
                while (true) {
                    out.write(new byte[100_000]);
                }
            });
            try (var server = start(endless, ServerOptions.DEFAULT.withAccessLog(entries::add))) {
                try (var client = Raw.connect(server)) {
                    client.send(GET.formatted("a"));
                    client.readTo("\r\n\r\n");
                }
                while (server.connections() > 0) {
                    Asyncio.yieldNow();
                }
            }
            assertThat(entries).extracting(AccessLog.Entry::target).containsExactly("/a");
            assertThat(entries.getFirst().bytes()).isPositive();
        });
    }

    @Test
    void notesRequestsThatAreRefused() throws Exception {
        run(() -> {
            var entries = new ArrayList<AccessLog.Entry>();
            try (var server = start(PATH, ServerOptions.DEFAULT.withAccessLog(entries::add))) {
                for (String bad : List.of("no HTTP\r\n\r\n", GET.formatted("a").replace("x", "x\r\nExpect: more"))) {
                    try (var client = Raw.connect(server)) {
                        client.send(bad);
                        client.stream().shutdownOutput();
                        client.readAll();
                    }
                }
            }
            assertThat(entries)
                    .extracting(entry -> entry.status() + " " + entry.method() + " " + entry.target())
                    .containsExactly("400 - -", "417 GET /a");
        });
    }

    @Test
    void saysWhatTheTimeIs() throws Exception {
        run(() -> {
            try (var server = start(PATH, ServerOptions.DEFAULT);
                    var client = Raw.connect(server)) {
                client.send(GET.formatted("a"));
                assertThat(client.readTo("/a"))
                        .containsPattern(
                                "Date: [A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n");
            }
        });
    }

    @Test
    void aValueIsLeftUnderAKey() {
        var key = new Request.Key<EventLoop>("loop");
        var count = new Request.Key<Integer>("count");
        Request request = Request.of("GET", "http://x/a%20b?c=d");
        assertThat(request.get(count)).isNull();
        request.set(count, 3);
        assertThat(request.get(count)).isEqualTo(3);
        assertThat(request.get(key)).isNull();
        assertThat(request.path()).isEqualTo("/a b");
        assertThat(request.query("c")).isEqualTo("d");
    }
}
