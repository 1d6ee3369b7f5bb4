package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.HttpException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.RawServer;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.RedirectException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TooManyRedirectsException;
import dev.rondo.http.TotalTimeoutException;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Servers that do everything wrong: each gets the request that met it its own failure, and disturbs no other. */
class HostileServerTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";

    /** Asks a hostile server, and a good one at the same time and afterwards; returns how the first request failed. */
    private static Throwable failureOf(RawServer.Script hostile, ClientSession.Builder options) throws IOException {
        return run(() -> {
            try (var bad = RawServer.start(hostile);
                    var good = HttpServer.start(request -> Response.text("fine"), "127.0.0.1", 0);
                    var session = options.build()) {
                Task<String, IOException> other = createTask(() -> get(session, good.url()));
                Throwable failure = catchThrowable(() -> get(session, bad.url()));
                assertThat(other.await()).isEqualTo("fine");
                assertThat(get(session, good.url())).isEqualTo("fine");
                assertThat(session.toString()).contains("0 in use", "0 waiting");
                return failure;
            }
        });
    }

    private static String get(ClientSession session, String url) throws HttpException {
        try (var response = session.get(url)) {
            return response.text();
        }
    }

    private static Throwable failureOf(RawServer.Script hostile) throws IOException {
        return failureOf(hostile, ClientSession.builder());
    }

    /** A server that sends this to any request and then hangs up. */
    private static RawServer.Script sending(String answer) {
        return peer -> {
            peer.readRequest();
            peer.send(answer);
        };
    }

    // --------------------------------------------------------------------------------------------------- the body

    @Test
    void dropsTheConnectionInTheMiddleOfABody() throws Exception {
        assertThat(failureOf(sending(OK + "Content-Length: 100\r\n\r\nhello")))
                .isInstanceOfSatisfying(TruncatedBodyException.class, e -> {
                    assertThat(e).hasMessage("connection closed mid-body: expected 100 bytes, got 5");
                    assertThat(e.expectedBytes()).isEqualTo(100);
                    assertThat(e.receivedBytes()).isEqualTo(5);
                });
    }

    @Test
    void dropsTheConnectionInTheMiddleOfAChunk() throws Exception {
        assertThat(failureOf(sending(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n99\r\nhel")))
                .isInstanceOf(TruncatedBodyException.class)
                .hasMessage("connection closed mid-body: got 8 bytes, the end is missing");
    }

    @Test
    void announcesLessThanItSends() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(OK + "Content-Length: 5\r\n\r\nhello, and HTTP/1.1 200 OK\r\n\r\n");
                    var session = new ClientSession()) {
                assertThat(get(session, server.url())).isEqualTo("hello");
                assertThat(get(session, server.url()))
                        .isEqualTo("hello"); // on a new connection: the rest is nobody's answer
                assertThat(server.connections()).isEqualTo(2);
            }
        });
    }

    @Test
    void announcesMoreThanMemoryHolds() throws Exception {
        assertThat(failureOf(sending(OK + "Content-Length: 9223372036854775807\r\n\r\nhello")))
                .isInstanceOf(TruncatedBodyException.class)
                .hasMessageContaining("expected 9223372036854775807 bytes, got 5");
    }

    @Test
    void announcesANegativeLength() throws Exception {
        assertThat(failureOf(sending(OK + "Content-Length: -1\r\n\r\nhello")))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("Content-Length");
    }

    @Test
    void sendsABodyWithoutEnd() throws Exception {
        assertThat(failureOf(
                        peer -> {
                            peer.readRequest();
                            peer.send(OK + "Content-Type: text/plain\r\n\r\n");
                            for (; ; ) {
                                peer.send("x".repeat(10_000));
                            }
                        },
                        ClientSession.builder().limits(Limits.DEFAULT.withBodyBytes(1_000_000))))
                .isInstanceOf(TooLargeException.class)
                .hasMessage("a body of more than 1000000 bytes decoded: raise Limits.bodyBytes if that is wanted");
    }

    @Test
    void sendsGarbageBetweenChunks() throws Exception {
        assertThat(failureOf(sending(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nGARBAGE\r\n")))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("framing");
    }

    @Test
    void sendsAChunkOfNegativeLength() throws Exception {
        assertThat(failureOf(sending(OK + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n")))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void sendsAGzipBomb() throws Exception {
        byte[] bomb = gzipOfZeros(20_000_000);
        assertThat(failureOf(peer -> {
                    peer.readRequest();
                    peer.send(OK + "Content-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n");
                    peer.send(bomb);
                    peer.awaitEnd();
                }))
                .isInstanceOf(TooLargeException.class)
                .hasMessageContaining("grows more than 200 times");
    }

    @Test
    void sendsAGzipBombThatKeepsBelowTheRatio() throws Exception {
        byte[] bomb = gzipOfZeros(5_000_000);
        assertThat(failureOf(
                        peer -> {
                            peer.readRequest();
                            peer.send(OK + "Content-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n");
                            peer.send(bomb);
                            peer.awaitEnd();
                        },
                        ClientSession.builder()
                                .limits(Limits.DEFAULT.withRatio(0).withBodyBytes(2_000_000))))
                .isInstanceOf(TooLargeException.class)
                .hasMessageContaining("more than 2000000 bytes decoded");
    }

    private static byte[] gzipOfZeros(int count) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            var zeros = new byte[100_000];
            for (int i = 0; i < count / zeros.length; i++) {
                gzip.write(zeros);
            }
        }
        return out.toByteArray();
    }

    @Test
    void claimsToSendGzip() throws Exception {
        assertThat(failureOf(sending(OK + "Content-Encoding: gzip\r\nContent-Length: 11\r\n\r\nnot gzip at")))
                .isInstanceOf(ContentDecodingException.class)
                .hasMessageContaining("does not begin like it");
    }

    @Test
    void sendsACodingThatNobodyAskedFor() throws Exception {
        assertThat(failureOf(sending(OK + "Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello")))
                .isInstanceOf(ContentDecodingException.class)
                .hasMessageContaining("br");
    }

    // --------------------------------------------------------------------------------------------------- the head

    @Test
    void hangsUpWithoutAnAnswer() throws Exception {
        assertThat(failureOf(sending("")))
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessage("connection closed before any answer");
    }

    @Test
    void hangsUpInTheMiddleOfTheHeaders() throws Exception {
        assertThat(failureOf(sending(OK + "Content-Len")))
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessage("connection closed in the middle of the headers");
    }

    @Test
    void sendsAHeaderWithoutEnd() throws Exception {
        assertThat(failureOf(peer -> {
                    peer.readRequest();
                    peer.send(OK + "X: ");
                    for (; ; ) {
                        peer.send("x".repeat(10_000));
                    }
                }))
                .isInstanceOf(TooLargeException.class)
                .hasMessage("headers of more than 65536 bytes");
    }

    @Test
    void sendsHeadersWithoutEnd() throws Exception {
        assertThat(failureOf(peer -> {
                    peer.readRequest();
                    peer.send(OK);
                    for (; ; ) {
                        peer.send("A: b\r\n".repeat(100));
                    }
                }))
                .isInstanceOf(TooLargeException.class)
                .hasMessage("more than 256 header fields");
    }

    @Test
    void sendsBinaryGarbage() throws Exception {
        var garbage = new byte[10_000];
        new Random(1).nextBytes(garbage);
        assertThat(failureOf(peer -> {
                    peer.readRequest();
                    peer.send(garbage);
                    peer.awaitEnd();
                }))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("not HTTP/1.1");
    }

    @Test
    void speaksAnotherProtocol() throws Exception {
        assertThat(failureOf(sending("SSH-2.0-OpenSSH_9.2p1\r\n"))).isInstanceOf(MalformedMessageException.class);
        assertThat(failureOf(sending("220 mail.example.org ESMTP\r\n"))).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void sendsNothingButInterimAnswers() throws Exception {
        assertThat(failureOf(peer -> {
                    peer.readRequest();
                    for (; ; ) {
                        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
                    }
                }))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("informational answers and no real one");
    }

    @Test
    void switchesProtocolsUnasked() throws Exception {
        assertThat(failureOf(sending("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("101");
    }

    // -------------------------------------------------------------------------------------------------- redirects

    @Test
    void redirectsInACircle() throws Exception {
        assertThat(failureOf(peer -> {
                    for (String request; (request = peer.readRequest()) != null; ) {
                        String to = request.startsWith("GET /a ") ? "/b" : "/a";
                        peer.send("HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n");
                    }
                }))
                .isInstanceOf(TooManyRedirectsException.class)
                .hasMessageContaining("in a circle");
    }

    @Test
    void redirectsForEver() throws Exception {
        assertThat(failureOf(peer -> {
                    for (int i = 0; peer.readRequest() != null; i++) {
                        peer.send("HTTP/1.1 302 Found\r\nLocation: /" + i + "\r\nContent-Length: 0\r\n\r\n");
                    }
                }))
                .isInstanceOf(TooManyRedirectsException.class)
                .hasMessageContaining("more than 10 redirects");
    }

    @Test
    void redirectsNowhere() throws Exception {
        assertThat(failureOf(sending("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")))
                .isInstanceOf(RedirectException.class)
                .hasMessageContaining("without a Location");
    }

    @Test
    void redirectsToGarbage() throws Exception {
        assertThat(failureOf(sending("HTTP/1.1 302 Found\r\nLocation: http://[\u00ff:x\r\nConnection: close\r\n\r\n")))
                .isInstanceOf(RedirectException.class)
                .hasMessageContaining("unusable Location");
    }

    // ------------------------------------------------------------------------------------------------------- time

    private static ClientSession.Builder within(Timeouts timeouts) {
        return ClientSession.builder().timeouts(timeouts);
    }

    private static final Duration SHORT = Duration.ofMillis(100);

    @Test
    void neverAnswers() throws Exception {
        assertThat(failureOf(peer -> peer.awaitEnd(), within(Timeouts.DEFAULT.withRead(SHORT))))
                .isInstanceOf(ReadTimeoutException.class)
                .hasMessage("the server was silent for 0.1 s");
        assertThat(failureOf(peer -> peer.awaitEnd(), within(Timeouts.DEFAULT.withTotal(SHORT))))
                .isInstanceOf(TotalTimeoutException.class)
                .hasMessage("the request took longer than 0.1 s in all");
    }

    @Test
    void stopsInTheMiddleOfABody() throws Exception {
        assertThat(failureOf(
                        peer -> {
                            peer.readRequest();
                            peer.send(OK + "Content-Length: 10\r\n\r\nhello");
                            peer.awaitEnd();
                        },
                        within(Timeouts.DEFAULT.withRead(SHORT))))
                .isInstanceOf(ReadTimeoutException.class);
    }

    @Test
    void tricklesOneByteAtATimeForEver() throws Exception {
        RawServer.Script trickle = peer -> {
            peer.readRequest();
            peer.send(OK + "\r\n");
            for (; ; ) {
                peer.send("x");
                Asyncio.sleep(Duration.ofMillis(1));
            }
        };
        Timeouts timeouts = Timeouts.DEFAULT.withRead(Duration.ofSeconds(30)).withTotal(SHORT);
        assertThat(failureOf(trickle, within(timeouts))).isInstanceOf(TotalTimeoutException.class);
    }

    @Test
    void tricklesItsHeaders() throws Exception {
        RawServer.Script trickle = peer -> {
            peer.readRequest();
            peer.send(OK + "X: ");
            for (; ; ) {
                peer.send("x");
                Asyncio.sleep(Duration.ofMillis(1));
            }
        };
        assertThat(failureOf(trickle, within(Timeouts.DEFAULT.withTotal(SHORT))))
                .isInstanceOf(TotalTimeoutException.class);
    }

    @Test
    void redirectsForEverAndSlowly() throws Exception {
        RawServer.Script slow = peer -> {
            for (int i = 0; peer.readRequest() != null; i++) {
                Asyncio.sleep(Duration.ofMillis(30));
                peer.send("HTTP/1.1 302 Found\r\nLocation: /" + i + "\r\nContent-Length: 0\r\n\r\n");
            }
        };
        assertThat(failureOf(slow, within(Timeouts.DEFAULT.withTotal(SHORT))))
                .isInstanceOf(TotalTimeoutException.class);
    }
}
