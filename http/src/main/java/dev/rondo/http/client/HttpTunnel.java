package dev.rondo.http.client;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.ProxyException;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.MessageWriter;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h1.ResponseParser;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/** Asks an HTTP proxy for a way to a server, by CONNECT (RFC 9110 §9.3.6). */
final class HttpTunnel {

    private static final int MAX_INFORMATIONAL = 16;
    private static final Duration WAIT_FOR_BEGINNING = Duration.ofSeconds(1); // of what a refusal says

    private HttpTunnel() {}

    /**
     * Asks for a way, and tells the proxy nothing but who we are and where to. Suspends; after a failure or a cancel
     * the stream is only good to be closed.
     *
     * @param stream to the proxy
     * @throws ProxyException if the proxy refuses, or is none
     * @throws IOException if the connection broke
     */
    static void connect(ByteStream stream, Proxy proxy, String host, int port, HeadLimits limits, BufferPool buffers)
            throws IOException {
        String target = host + ":" + port;
        Headers headers = Headers.of("Host", target);
        String authorization = proxy.authorization();
        if (authorization != null) {
            headers = headers.with("Proxy-Authorization", authorization);
        }
        var http = new Http1Connection<>(stream, new ResponseParser(limits), buffers);
        boolean open = false;
        try {
            http.write(MessageWriter.request(new RequestHead("CONNECT", target, true, headers), null));
            ResponseHead answer = readHead(http, proxy);
            if (answer.status() < 200 || answer.status() > 299) {
                throw refused(proxy, target, answer, http);
            }
            // Whatever length the answer claims, it has no body; and the server speaks when it is spoken to.
            if (http.detach().begun().hasRemaining()) {
                throw new ProxyException("proxy " + proxy + " spoke in the server's place", null);
            }
            open = true;
        } catch (ConnectionClosedException gone) {
            throw new ProxyException("proxy " + proxy + " closed the connection instead of an answer", gone);
        } finally {
            if (!open) {
                http.close();
                stream.close();
            }
        }
    }

    private static ResponseHead readHead(Http1Connection<ResponseHead> http, Proxy proxy) throws IOException {
        for (int i = 0; i <= MAX_INFORMATIONAL; i++) {
            ResponseHead head = http.readHead();
            if (!head.informational()) {
                return head;
            }
            if (http.readContent() != null || !http.finishInterim()) {
                break;
            }
        }
        throw new ProxyException("proxy " + proxy + " gave informational answers and no real one", null);
    }

    private static ProxyException refused(
            Proxy proxy, String target, ResponseHead answer, Http1Connection<ResponseHead> http) {
        String reason = answer.reason().isEmpty() ? "" : " " + answer.reason();
        String advice = answer.status() == 407 ? "; it wants " + wanted(proxy, answer.headers()) : "";
        return new ProxyException(
                "proxy " + proxy + " refused the way to " + target + ": status " + answer.status() + reason + advice,
                answer.status(),
                beginning(http),
                null);
    }

    private static String wanted(Proxy proxy, Headers headers) {
        String challenge = headers.get("Proxy-Authenticate");
        return (proxy.user() == null ? "a user and a password" : "another user or password")
                + (challenge == null ? "" : " (" + shortened(challenge) + ")");
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private static byte[] beginning(Http1Connection<ResponseHead> http) {
        ByteBuffer start = ByteBuffer.allocate(ProxyException.MAX_BODY_BYTES);
        try {
            Asyncio.timeout(WAIT_FOR_BEGINNING, () -> {
                for (ByteBuffer piece; start.hasRemaining() && (piece = http.readContent()) != null; ) {
                    start.put(piece.slice(piece.position(), Math.min(piece.remaining(), start.remaining())));
                }
                return true;
            });
        } catch (AsyncTimeoutException | IOException whatCameWillDo) {
            // the status is what counts
        }
        return Arrays.copyOf(start.array(), start.position());
    }
}
