package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.http.FingerprintException;
import dev.rondo.net.ByteStream;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import dev.rondo.net.TlsStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** How a session speaks TLS: whom it trusts, who it is, and what it offers. */
final class ClientTls {

    private static final String HTTP2 = "h2";
    private static final String HTTP1 = "http/1.1";

    private final TlsOptions options;
    private final TlsOptions http1Options;
    private final boolean http2;
    private final Map<String, Set<Fingerprint>> pins; // by host
    private final KeyManager @Nullable [] keys;
    private final boolean insecure;
    private @Nullable SSLContext context; // null until the default one is needed

    /**
     * Makes it.
     *
     * @param context what to trust and who to be, or null for Java's trust and {@code keys}
     * @param keys the certificates of this side, or null for none
     * @param insecure whether every certificate is trusted; there must be no context then
     */
    ClientTls(
            @Nullable SSLContext context,
            TlsOptions options,
            boolean http2,
            Map<String, Set<Fingerprint>> pins,
            KeyManager @Nullable [] keys,
            boolean insecure) {
        if (context != null && (insecure || keys != null)) {
            throw new IllegalArgumentException((insecure ? "insecure()" : "clientCertificates()")
                    + " makes a context of its own, and tls() or sslContext() gives another: use one of them");
        }
        this.context = context;
        this.http1Options = options.withApplicationProtocols(HTTP1);
        List<String> wanted = options.applicationProtocols();
        this.http2 = http2 && (wanted.isEmpty() || wanted.contains(HTTP2));
        this.options = !this.http2
                ? http1Options
                : wanted.isEmpty() ? options.withApplicationProtocols(HTTP2, HTTP1) : options;
        this.pins = Map.copyOf(pins);
        this.keys = keys;
        this.insecure = insecure;
    }

    /** Returns whether servers are offered HTTP/2. */
    boolean http2() {
        return http2;
    }

    boolean insecure() {
        return insecure;
    }

    /** Returns whether both sides agreed on HTTP/2. */
    static boolean isHttp2(ByteStream stream) {
        return stream instanceof TlsStream tls && HTTP2.equals(tls.applicationProtocol());
    }

    /** Connects to a host. Suspends; a failure or a cancel leaves nothing open. */
    ByteStream connect(String host, int port, ConnectOptions way, boolean http1Only) throws IOException {
        SSLContext with = context();
        return pinned(Net.connectTls(host, port, with, way, optionsFor(http1Only)), host, port);
    }

    /** Begins TLS on a stream that leads to a host, and belongs to the result. Suspends; closes it if this fails. */
    ByteStream begin(ByteStream stream, String host, int port, boolean http1Only) throws IOException {
        boolean begun = false;
        try {
            SSLContext with = context();
            TlsStream tls = Net.startTls(stream, with, host, port, optionsFor(http1Only));
            begun = true;
            return pinned(tls, host, port);
        } finally {
            if (!begun) {
                stream.close();
            }
        }
    }

    private TlsOptions optionsFor(boolean http1Only) {
        return http1Only ? http1Options : options;
    }

    private TlsStream pinned(TlsStream stream, String host, int port) throws FingerprintException {
        Set<Fingerprint> pinned = pins.get(host.toLowerCase(Locale.ROOT));
        if (pinned == null) {
            return stream;
        }
        List<X509Certificate> chain = stream.peerCertificates();
        Fingerprint shown = chain.isEmpty() ? null : Fingerprint.of(chain.getFirst());
        if (shown != null && pinned.contains(shown)) {
            return stream;
        }
        stream.close();
        throw new FingerprintException(
                host + ":" + port + " shows a certificate of SHA-256 " + shown + ", and pinned is " + pinned
                        + ": nothing was sent to it",
                shown == null ? "" : shown.hex());
    }

    // ------------------------------------------------------------------------------------------------ its context

    private SSLContext context() throws IOException {
        SSLContext made = context;
        if (made == null) {
            made = Asyncio.toThread(this::newContext); // reads a file of a hundred certificates
            context = made;
        }
        return made;
    }

    private SSLContext newContext() throws SSLException {
        try {
            if (!insecure && keys == null) {
                return SSLContext.getDefault();
            }
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(keys, insecure ? new TrustManager[] {new Anybody()} : null, null);
            return made;
        } catch (GeneralSecurityException e) {
            throw new SSLException("no TLS to be had of this Java: " + e.getMessage(), e);
        }
    }

    /** Trusts whoever it is. The extended kind, or Java would check the host's name behind its back. */
    private static final class Anybody extends X509ExtendedTrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
