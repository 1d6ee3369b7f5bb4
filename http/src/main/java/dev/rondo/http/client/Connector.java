package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.HttpException;
import dev.rondo.net.ByteStream;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import dev.rondo.net.TlsStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Opens the streams that connections are made of. */
final class Connector {

    private static final TlsOptions HTTP1 = TlsOptions.DEFAULT.withApplicationProtocols("http/1.1");
    private static final TlsOptions HTTP2_TOO = TlsOptions.DEFAULT.withApplicationProtocols("h2", "http/1.1");

    private final boolean http2;
    private @Nullable SSLContext sslContext; // null until the default one is needed

    Connector(@Nullable SSLContext sslContext, boolean http2) {
        this.sslContext = sslContext;
        this.http2 = http2;
    }

    /** Returns whether connections to that origin may speak HTTP/2. */
    boolean mayBeHttp2(Origin origin) {
        return http2 && origin.secure();
    }

    /** Returns whether both sides agreed on HTTP/2. */
    static boolean isHttp2(ByteStream stream) {
        return stream instanceof TlsStream tls && "h2".equals(tls.applicationProtocol());
    }

    /** Opens a stream to the origin itself. Suspends; a failure or a cancel leaves nothing open. */
    ByteStream open(Origin origin, boolean http1Only) throws IOException {
        if (!origin.secure()) {
            return Net.connectTcp(origin.host(), origin.port());
        }
        TlsOptions options = http2 && !http1Only ? HTTP2_TOO : HTTP1;
        return Net.connectTls(origin.host(), origin.port(), context(), ConnectOptions.DEFAULT, options);
    }

    private SSLContext context() throws IOException {
        SSLContext context = sslContext;
        if (context == null) {
            context = Asyncio.toThread(Connector::defaultContext); // reads a file of a hundred certificates
            sslContext = context;
        }
        return context;
    }

    private static SSLContext defaultContext() throws SSLException {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new SSLException("this Java has no TLS", e);
        }
    }

    /** Returns what to tell of a failure of {@link #open}. */
    static HttpException failure(Origin origin, IOException e) {
        return switch (e) {
            case HttpException tooSlow -> tooSlow;
            case UnknownHostException unknown -> new ConnectFailedException("unknown host " + origin.host(), unknown);
            default -> new ConnectFailedException(notConnected(origin, e), e);
        };
    }

    private static String notConnected(Origin origin, IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (reason.startsWith("cannot connect to ") || reason.startsWith("TLS handshake with ")) {
            return reason; // it names host and port
        }
        // Who did connect has failed in what comes next.
        boolean connected = origin.secure() && !(e instanceof ConnectException);
        return (connected ? "TLS handshake with " + origin + " failed: " : "cannot connect to " + origin + ": ")
                + reason;
    }
}
