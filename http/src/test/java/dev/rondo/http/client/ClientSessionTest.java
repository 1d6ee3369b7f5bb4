package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.RawServer;
import dev.rondo.http.StatusException;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class ClientSessionTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";

    // ---------------------------------------------------------------------------------------------- what is sent

    @Test
    void asksForAPage() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Type: text/html\r\nContent-Length: 5\r\n\r\nhello");
                    var session = new ClientSession()) {
                try (var response = session.get(server.url() + "/a b?c=ä#part")) {
                    assertThat(response.status()).isEqualTo(200);
                    assertThat(response.reason()).isEqualTo("OK");
                    assertThat(response.ok()).isTrue();
                    assertThat(response.headers().get("content-type")).isEqualTo("text/html");
                    assertThat(response.url()).hasToString(server.url() + "/a%20b?c=%C3%A4#part");
                    assertThat(response.history()).isEmpty();
                    assertThat(response.text()).isEqualTo("hello");
                }
                assertThat(server.requests())
                        .containsExactly("GET /a%20b?c=%C3%A4 HTTP/1.1\r\n"
                                + "Host: 127.0.0.1:" + server.port() + "\r\nUser-Agent: rondo\r\nAccept: */*\r\n"
                                + "Accept-Encoding: gzip, deflate\r\n\r\n");
            }
        });
    }

    @Test
    void headersOfTheRequestWinOverThoseOfTheSession() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Length: 0\r\n\r\n");
                    var session = ClientSession.builder()
                            .headers(Headers.of("User-Agent", "mine", "X-Session", "s"))
                            .build()) {
                session.request(ClientRequest.of("GET", server.url()).withHeader("user-agent", "other"))
                        .close();
                assertThat(server.requests().getFirst())
                        .contains("user-agent: other\r\n", "X-Session: s\r\n", "Accept: */*\r\n")
                        .doesNotContain("mine", "rondo");
            }
        });
    }

    @Test
    void userAndPasswordOfTheAddressBecomeBasicAuthentication() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Length: 0\r\n\r\n");
                    var session = new ClientSession()) {
                session.get("http://Aladdin:open%20sesame@127.0.0.1:" + server.port())
                        .close();
                assertThat(server.requests().getFirst())
                        .contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n")
                        .contains("Host: 127.0.0.1:" + server.port() + "\r\n");
            }
        });
    }

    @Test
    void sendsABody() throws Exception {
        run(() -> {
            try (var server = HttpServer.start(
                            request -> Response.text(request.method() + " " + request.text()), "127.0.0.1", 0);
                    var session = new ClientSession()) {
                try (var response = session.post(server.url(), Body.of(bytes("grüße")))) {
                    assertThat(response.text()).isEqualTo("POST grüße");
                }
                byte[] large = "x".repeat(900_000).getBytes(StandardCharsets.US_ASCII);
                try (var response =
                        session.request(ClientRequest.of("PUT", server.url()).withBody(Body.of(large)))) {
                    assertThat(response.text()).hasSize(900_004);
                }
            }
        });
    }

    @Test
    void aServerMayRefuseABodyBeforeItHasReadIt() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
                        peer.stream().shutdownOutput();
                        peer.awaitEnd();
                    });
                    var session = new ClientSession()) {
                try (var response = session.post(server.url(), Body.of(new byte[5_000_000]))) {
                    assertThat(response.status()).isEqualTo(413);
                    assertThat(response.text()).isEqualTo("no");
                }
            }
        });
    }

    // -------------------------------------------------------------------------------------------- what comes back

    @Test
    void readsABodyHoweverItIsFramed() throws Exception {
        for (String answer : List.of(
                OK + "Content-Length: 11\r\n\r\nhello world",
                OK + "Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\nX: y\r\n\r\n",
                OK + "Connection: close\r\n\r\nhello world",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK
                        + "Content-Length: 11\r\n\r\nhello world",
                "HTTP/1.0 200 OK\r\n\r\nhello world")) {
            assertThat(textOf(answer)).as(answer).isEqualTo("hello world");
        }
    }

    private static String textOf(String answer) throws IOException {
        return run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(answer);
                    });
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                return response.text();
            }
        });
    }

    @Test
    void answersWithoutBodyGiveNoneAndKeepTheConnection() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(OK + "Content-Length: 500\r\nContent-Encoding: br\r\n\r\n");
                        peer.readRequest();
                        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
                        peer.readRequest();
                        peer.send("HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n");
                        peer.readRequest();
                        peer.send(OK + "Content-Length: 0\r\n\r\n");
                        peer.awaitEnd();
                    });
                    var session = new ClientSession()) {
                try (var response = session.head(server.url())) {
                    assertThat(response.headers().get("Content-Length")).isEqualTo("500");
                    assertThat(response.text()).isEmpty();
                }
                for (int status : new int[] {204, 304, 200}) {
                    try (var response = session.get(server.url())) {
                        assertThat(response.status()).isEqualTo(status);
                        assertThat(response.read()).isEmpty();
                    }
                }
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void anAnswerToHeadHasNoBodyBehindAnInterimAnswerEither() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + "Content-Length: 100\r\n\r\n");
                        peer.readRequest();
                        peer.send(OK + "Content-Length: 5\r\n\r\nhello");
                        peer.awaitEnd();
                    });
                    var session = new ClientSession()) {
                try (var response = session.head(server.url())) {
                    assertThat(response.status()).isEqualTo(200);
                    assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
                    assertThat(response.read()).isEmpty();
                }
                try (var response = session.get(server.url())) {
                    assertThat(response.text()).isEqualTo("hello");
                }
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void anUnknownContentCodingHidesTheBodyOnly() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(
                            "HTTP/1.1 404 Not Found\r\nContent-Encoding: utf-8\r\nContent-Length: 3\r\n\r\nabc");
                    var session = new ClientSession()) {
                try (var response = session.get(server.url())) {
                    assertThat(response.status()).isEqualTo(404);
                }
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
                try (var response = session.get(server.url())) {
                    assertThatThrownBy(response::text)
                            .isInstanceOf(ContentDecodingException.class)
                            .hasMessageContaining("utf-8");
                }
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void undoesGzipAndDeflate() throws Exception {
        String page = "<p>hello</p>\n".repeat(10_000);
        Response gzip = Response.of("text/html", gzip(page)).withHeader("Content-Encoding", "gzip");
        Response deflate = Response.of("text/html", deflate(page)).withHeader("Content-Encoding", "deflate");
        run(() -> {
            try (var server = HttpServer.start(
                            request -> request.path().equals("/gzip") ? gzip : deflate, "127.0.0.1", 0);
                    var session = new ClientSession()) {
                for (String path : new String[] {"/gzip", "/deflate"}) {
                    try (var response = session.get(server.url() + path)) {
                        assertThat(response.text()).isEqualTo(page);
                        assertThat(response.receivedBytes()).isLessThan(1000);
                        assertThat(response.headers().get("Content-Encoding")).isNotNull();
                    }
                }
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void findsTheCharset() throws Exception {
        run(() -> {
            var answers = List.of(
                    Response.of("text/plain; charset=iso-8859-15", new byte[] {(byte) 0xa4}),
                    Response.of("text/html", "<meta charset=windows-1251>\u00ef".getBytes(StandardCharsets.ISO_8859_1)),
                    Response.of("text/html", new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf, 'a'}),
                    Response.of("text/plain", new byte[] {'a', (byte) 0xff, 'b'}));
            try (var server = HttpServer.start(
                            request ->
                                    answers.get(Integer.parseInt(request.path().substring(1))),
                            "127.0.0.1",
                            0);
                    var session = new ClientSession()) {
                var texts = new ArrayList<String>();
                for (int i = 0; i < answers.size(); i++) {
                    try (var response = session.get(server.url() + "/" + i)) {
                        texts.add(response.text());
                    }
                }
                assertThat(texts).containsExactly("€", "<meta charset=windows-1251>п", "a", "a\ufffdb");
            }
        });
    }

    @Test
    void aBodyThatHasBeenReadStaysWhenTheResponseIsClosed() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Length: 5\r\n\r\nhello");
                    var session = new ClientSession()) {
                ClientResponse response = session.get(server.url());
                assertThat(response.read()).isEqualTo(bytes("hello"));
                response.close();
                assertThat(response.text()).isEqualTo("hello");
                assertThat(response.text(StandardCharsets.UTF_16BE)).hasSize(3);
                assertThat(response.read()).isSameAs(response.read());
            }
        });
    }

    @Test
    void aClosedResponseHasNoBody() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Length: 5\r\n\r\nhello");
                    var session = new ClientSession()) {
                ClientResponse response = session.get(server.url());
                response.close();
                assertThatThrownBy(response::text)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
                assertThatThrownBy(() -> response.content().readChunk()).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Test
    void anyStatusIsAnAnswer() throws Exception {
        run(() -> {
            try (var server = RawServer.answering("HTTP/1.1 404 Gone Fishing\r\nContent-Length: 2\r\n\r\nno");
                    var session = new ClientSession()) {
                try (var response = session.get(server.url())) {
                    assertThat(response.ok()).isFalse();
                    assertThat(response.text()).isEqualTo("no");
                }
                assertThatThrownBy(() -> session.get(server.url()).raiseForStatus())
                        .isInstanceOf(StatusException.class)
                        .hasMessage("status 404 Gone Fishing");
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    // -------------------------------------------------------------------------------------------------- streaming

    @Test
    void givesTheBodyPieceByPiece() throws Exception {
        run(() -> {
            try (var server = HttpServer.start(
                            request -> Response.stream("text/plain", out -> {
                                for (int i = 0; i < 1000; i++) {
                                    out.write(bytes("line " + i + "\n"));
                                }
                            }),
                            "127.0.0.1",
                            0);
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                var text = new StringBuilder();
                ByteBuffer three = ByteBuffer.allocate(3);
                assertThat(response.content().read(three)).isPositive();
                text.append(StandardCharsets.US_ASCII.decode(three.flip()));
                for (byte[] chunk; (chunk = response.content().readChunk()) != null; ) {
                    text.append(new String(chunk, StandardCharsets.US_ASCII));
                }
                assertThat(text.toString())
                        .startsWith("line 0\nline 1\n")
                        .endsWith("line 999\n")
                        .hasSize(8890);
                assertThatThrownBy(response::text).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Test
    void aSlowReaderSlowsTheServerDown() throws Exception {
        run(() -> {
            var written = new long[1];
            try (var server = HttpServer.start(
                            request -> Response.stream("text/plain", out -> {
                                for (; ; ) {
                                    out.write(new byte[100_000]);
                                    written[0] += 100_000;
                                }
                            }),
                            "127.0.0.1",
                            0);
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                long before = -1;
                while (before != written[0]) { // until the server is stuck
                    before = written[0];
                    dev.rondo.Asyncio.sleep(java.time.Duration.ofMillis(20));
                }
                assertThat(written[0]).isLessThan(50_000_000); // what the system buffers, and no more
                for (int i = 0; i < 1000; i++) {
                    response.content().readChunk();
                }
                dev.rondo.Asyncio.sleep(java.time.Duration.ofMillis(1));
                assertThat(written[0]).isGreaterThan(before);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what is refused

    @Test
    void aClosedSessionAsksNobody() throws Exception {
        run(() -> {
            var session = new ClientSession();
            session.close();
            session.close();
            assertThat(session.closed()).isTrue();
            assertThatThrownBy(() -> session.get("http://127.0.0.1/"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the session is closed");
        });
    }

    @Test
    void closingTheSessionLetsTheResponseInHandBeRead() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Length: 5\r\n\r\nhello")) {
                var session = new ClientSession();
                ClientResponse response = session.get(server.url());
                session.close();
                assertThat(response.text()).isEqualTo("hello");
                assertThat(session).hasToString("ClientSession[closed, 0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aSessionBelongsToALoop() {
        assertThatThrownBy(ClientSession::new).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void addressesThatCannotBeAskedForAreNamed() throws Exception {
        run(() -> {
            try (var session = new ClientSession()) {
                assertThatThrownBy(() -> session.get("ftp://example.org/"))
                        .isInstanceOf(InvalidUrlException.class)
                        .isInstanceOf(HttpException.class);
            }
        });
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int nobodysPort;
        try (var socket = new ServerSocket(0)) {
            nobodysPort = socket.getLocalPort();
        }
        run(() -> {
            try (var session = new ClientSession()) {
                assertThatThrownBy(() -> session.get("http://127.0.0.1:" + nobodysPort))
                        .isInstanceOf(ConnectFailedException.class)
                        .hasMessageStartingWith("cannot connect to 127.0.0.1:" + nobodysPort + ": ") // and once only
                        .hasMessageContaining("refused");
                assertThatThrownBy(() -> session.get("http://no-such-host.invalid/"))
                        .isInstanceOf(ConnectFailedException.class)
                        .hasMessage("unknown host no-such-host.invalid");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void methodsAreChecked() {
        for (String method : List.of("", "GE T", "GET\r\n", "CONNECT")) {
            assertThatThrownBy(() -> ClientRequest.of(method, "http://x/"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---------------------------------------------------------------------------------------------------- helpers

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes(text));
        }
        return out.toByteArray();
    }

    private static byte[] deflate(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var deflate = new DeflaterOutputStream(out)) {
            deflate.write(bytes(text));
        }
        return out.toByteArray();
    }
}
