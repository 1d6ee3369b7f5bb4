package dev.rondo.http.client;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.ProxyException;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.net.ByteStream;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.Net;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;

/** Opens the streams that connections are made of. */
final class Connector {

    private final ConnectOptions options;
    private final ClientTls tls;
    private final HeadLimits headLimits; // of a proxy's answer
    private final BufferPool buffers = new BufferPool();

    Connector(ConnectOptions options, ClientTls tls, HeadLimits headLimits) {
        this.options = options;
        this.tls = tls;
        this.headLimits = headLimits;
    }

    /** Returns whether connections to that origin may speak HTTP/2. */
    boolean mayBeHttp2(Origin origin) {
        return tls.http2() && origin.secure();
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
        if (proxy != null) {
            ByteStream way = openBy(proxy, origin, http1Only);
            return origin.secure() ? tls.begin(way, origin.host(), origin.port(), http1Only) : way;
        }
        return origin.secure()
                ? tls.connect(origin.host(), origin.port(), options, http1Only)
                : Net.connectTcp(origin.host(), origin.port(), options);
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
                    ? tls.connect(proxy.host(), proxy.port(), options, true)
                    : Net.connectTcp(proxy.host(), proxy.port(), options);
        } catch (HttpException pinnedOtherwise) {
            throw pinnedOtherwise;
        } catch (UnknownHostException e) {
            throw new ConnectFailedException("proxy " + proxy + ": unknown host " + proxy.host(), e);
        } catch (IOException e) {
            throw new ConnectFailedException("proxy " + proxy + ": " + e.getMessage(), e);
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
