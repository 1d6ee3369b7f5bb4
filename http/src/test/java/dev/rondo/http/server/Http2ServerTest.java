package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Task;
import dev.rondo.http.Headers;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h2.ErrorCode;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Exception;
import dev.rondo.http.h2.Http2Options;
import dev.rondo.http.h2.Http2Stream;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A server of TLS offers HTTP/2, and serves requests as it does over HTTP/1.1. */
class Http2ServerTest {

    private static final ServerOptions TLS = ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT);

    private static HttpServer start(Handler handler, ServerOptions options) throws IOException {
        return HttpServer.start(handler, "127.0.0.1", 0, options);
    }

    private static Http2Connection connect(HttpServer server) throws IOException {
        var stream = Net.connectTls(
                "127.0.0.1",
                server.port(),
                TestCertificate.CONTEXT,
                ConnectOptions.DEFAULT,
                TlsOptions.DEFAULT.withApplicationProtocols("h2"));
        assertThat(stream.applicationProtocol()).isEqualTo("h2");
        return Http2Connection.client(stream, Http2Options.CLIENT);
    }

    private static RequestHead request(String method, String target, String... headers) {
        return new RequestHead(method, target, true, Headers.of("Host", "x").withDefaults(Headers.of(headers)));
    }

    private static String text(Http2Stream stream) throws IOException {
        var text = new StringBuilder();
        for (ByteBuffer piece; (piece = stream.readContent()) != null; ) {
            text.append(StandardCharsets.UTF_8.decode(piece));
        }
        return text.toString();
    }

    @Test
    void answersTheJdksClient() throws Exception {
        run(() -> {
            Handler echo = request -> request.path().equals("/stream")
                    ? Response.stream("text/plain", out -> {
                        for (int i = 0; i < 20; i++) {
                            out.write(new byte[50_000]);
                        }
                    })
                    : Response.text(request.version() + " " + request.url() + " " + request.text());
            try (var server = start(echo, TLS);
                    var client = HttpClient.newBuilder()
                            .sslContext(TestCertificate.CONTEXT)
                            .build()) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/a?b=c"))
                                .POST(HttpRequest.BodyPublishers.ofString("hello"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(answer.body()).isEqualTo("HTTP/2 " + server.url() + "/a?b=c hello");
                assertThat(answer.headers().firstValue("date")).isPresent();
                HttpResponse<byte[]> large = client.send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/stream"))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertThat(large.body()).hasSize(1_000_000);
            }
        });
    }

    @Test
    void answersManyRequestsOfOneConnectionAtTheSameTime() throws Exception {
        run(() -> {
            var all = new AsyncEvent();
            var count = new int[1];
            Handler meeting = request -> {
                if (++count[0] == 50) {
                    all.set();
                }
                all.await();
                return Response.text(request.path());
            };
            try (var server = start(meeting, TLS);
                    var client = connect(server)) {
                var answers = new ArrayList<Task<String, IOException>>();
                for (int i = 0; i < 50; i++) {
                    String path = "/" + i;
                    answers.add(Asyncio.createTask(() -> {
                        Http2Stream stream = client.openStream(request("GET", path), true);
                        assertThat(stream.readHead().status()).isEqualTo(200);
                        return text(stream);
                    }));
                }
                for (int i = 0; i < 50; i++) {
                    assertThat(answers.get(i).await()).isEqualTo("/" + i);
                }
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void holdsToTheLimitsOnBodies() throws Exception {
        run(() -> {
            Handler whole = request -> Response.text(request.text());
            try (var server = start(whole, TLS.withBodyBytes(4));
                    var client = connect(server)) {
                for (String body : List.of("four", "5five")) {
                    Http2Stream stream = client.openStream(request("POST", "/"), false);
                    stream.write(ByteBuffer.wrap(body.getBytes(StandardCharsets.US_ASCII)), true);
                    ResponseHead head = stream.readHead();
                    assertThat(head.status()).isEqualTo(body.length() > 4 ? 413 : 200);
                    text(stream);
                }
                Http2Stream head = client.openStream(request("HEAD", "/"), true);
                assertThat(head.readHead().headers().get("Content-Length")).isEqualTo("0");
                assertThat(head.readContent()).isNull();
            }
        });
    }

    @Test
    void aStreamThatIsResetCancelsItsHandlerIfThatIsWanted() throws Exception {
        run(() -> {
            var log = new ArrayList<String>();
            var started = new AsyncEvent();
            var ended = new AsyncEvent();
            Handler slow = request -> {
                if (request.path().equals("/quick")) {
                    return Response.text("quick");
                }
                started.set();
                try {
                    Asyncio.sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    log.add("cancelled");
                    throw e;
                } finally {
                    ended.set();
                }
                return Response.text("never");
            };
            try (var server = start(slow, TLS.withCancelOnDisconnect(true));
                    var client = connect(server)) {
                Http2Stream stream = client.openStream(request("GET", "/slow"), true);
                started.await();
                stream.reset(ErrorCode.CANCEL);
                ended.await();
                assertThat(log).containsExactly("cancelled");
                Http2Stream next = client.openStream(request("GET", "/quick"), true);
                assertThat(next.readHead().status()).isEqualTo(200);
                assertThat(text(next)).isEqualTo("quick");
            }
        });
    }

    @Test
    void shutdownLetsRequestsEnd() throws Exception {
        run(() -> {
            var started = new AsyncEvent();
            var go = new AsyncEvent();
            Handler waiting = request -> {
                started.set();
                go.await();
                return Response.text("done");
            };
            try (var server = start(waiting, TLS);
                    var client = connect(server)) {
                Http2Stream stream = client.openStream(request("GET", "/"), true);
                started.await();
                var ending = Asyncio.createTask(() -> server.shutdown(Duration.ofMinutes(1)));
                client.ping();
                go.set();
                assertThat(stream.readHead().status()).isEqualTo(200);
                assertThat(text(stream)).isEqualTo("done");
                assertThat(ending.await().inOrder()).isTrue();
                assertThatThrownBy(() -> client.openStream(request("GET", "/"), true))
                        .isInstanceOf(Http2Exception.class);
            }
        });
    }

    @Test
    void noOtherProtocolFollowsARequest() throws Exception {
        run(() -> {
            Handler upgrading = request -> Response.upgrade(Headers.EMPTY, (stream, begun) -> {});
            try (var server = start(upgrading, TLS);
                    var client = connect(server)) {
                assertThat(client.openStream(request("GET", "/"), true)
                                .readHead()
                                .status())
                        .isEqualTo(400);
            }
        });
    }

    @Test
    void anIdleConnectionIsEnded() throws Exception {
        run(() -> {
            try (var server = start(request -> Response.text("x"), TLS.withKeepAlive(Duration.ofMillis(50)));
                    var client = connect(server)) {
                client.awaitClosed();
            }
        });
    }

    @Test
    void notesEachRequest() throws Exception {
        run(() -> {
            var lines = new ArrayList<String>();
            var noted = new AsyncEvent();
            AccessLog log = AccessLog.combined(lines::add);
            try (var server = start(request -> Response.text("hello"), TLS.withAccessLog(entry -> {
                        log.log(entry);
                        noted.set();
                    }));
                    var client = connect(server)) {
                Http2Stream stream = client.openStream(request("GET", "/a", "User-Agent", "test"), true);
                stream.readHead();
                text(stream);
                noted.await();
            }
            assertThat(lines).singleElement().asString().contains("\"GET /a HTTP/2\" 200 5 \"-\" \"test\"");
        });
    }
}
