package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.ProxyException;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
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
    private final HeadLimits headLimits; // of a proxy's answer
    private final BufferPool buffers = new BufferPool();
    private @Nullable SSLContext sslContext; // null until the default one is needed

    Connector(@Nullable SSLContext sslContext, boolean http2, HeadLimits headLimits) {
        this.headLimits = headLimits;
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

    /** Returns whether requests on a connection go to a proxy that reads them and asks in its own name. */
    static boolean isForwarded(Origin origin, boolean http1Only) {
        return origin.proxy() != null && !origin.proxy().isSocks() && !origin.secure() && !http1Only;
    }

    /**
     * Opens a stream to the origin, or to the proxy that is to forward requests to it. Suspends; a failure or a cancel
     * leaves nothing open.
     *
     * @param http1Only whether something else is to be spoken on it, behind a request of HTTP/1.1
     */
    ByteStream open(Origin origin, boolean http1Only) throws IOException {
        Proxy proxy = origin.proxy();
        TlsOptions options = http2 && !http1Only ? HTTP2_TOO : HTTP1;
        if (proxy != null) {
            ByteStream way = openBy(proxy, origin, http1Only);
            return origin.secure() ? secured(way, origin, options) : way;
        }
        return origin.secure()
                ? Net.connectTls(origin.host(), origin.port(), context(), ConnectOptions.DEFAULT, options)
                : Net.connectTcp(origin.host(), origin.port());
    }

    private ByteStream secured(ByteStream way, Origin origin, TlsOptions options) throws IOException {
        boolean owned = false;
        try {
            SSLContext context = context();
            owned = true;
            return Net.startTls(way, context, origin.host(), origin.port(), options);
        } finally {
            if (!owned) {
                way.close();
            }
        }
    }

    private ByteStream openBy(Proxy proxy, Origin origin, boolean http1Only) throws IOException {
        ByteStream stream = reach(proxy);
        boolean open = false;
        try {
            if (proxy.isSocks()) {
                Socks5.connect(stream, proxy, origin.host(), origin.port());
            } else if (!isForwarded(origin, http1Only)) {
                HttpTunnel.connect(stream, proxy, origin.host(), origin.port(), headLimits, buffers);
            }
            open = true;
            return stream;
        } catch (HttpException refused) {
            throw refused;
        } catch (UnknownHostException unknown) {
            throw unknown;
        } catch (IOException broken) {
            throw new ProxyException("proxy " + proxy + ": the connection broke: " + broken.getMessage(), broken);
        } finally {
            if (!open) {
                stream.close();
            }
        }
    }

    private ByteStream reach(Proxy proxy) throws IOException {
        try {
            return proxy.kind() == Proxy.Kind.HTTPS
                    ? Net.connectTls(proxy.host(), proxy.port(), context(), ConnectOptions.DEFAULT, HTTP1)
                    : Net.connectTcp(proxy.host(), proxy.port());
        } catch (UnknownHostException e) {
            throw new ConnectFailedException("proxy " + proxy + ": unknown host " + proxy.host(), e);
        } catch (IOException e) {
            throw new ConnectFailedException("proxy " + proxy + ": " + e.getMessage(), e);
        }
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
