package dev.rondo.net;

import java.time.Duration;
import javax.net.ssl.SSLException;

/**
 * The peer took too long in a TLS handshake or shutdown, as {@link TlsOptions} limits them; the connection was closed.
 * (asyncio: {@code ConnectionAbortedError} and {@code TimeoutError}.)
 */
public final class TlsTimeoutException extends SSLException {

    private static final long serialVersionUID = 1L;

    private TlsTimeoutException(String message) {
        super(message);
    }

    static TlsTimeoutException inHandshake(String peer, Duration limit) {
        return new TlsTimeoutException("TLS handshake is taking longer than " + seconds(limit)
                + " seconds: aborting the connection with " + peer);
    }

    static TlsTimeoutException inShutdown(String peer, Duration limit) {
        return new TlsTimeoutException("TLS shutdown timed out: " + peer + " did not say goodbye (close_notify) within "
                + seconds(limit) + " seconds");
    }

    private static String seconds(Duration time) {
        return new java.math.BigDecimal(time.toNanos())
                .movePointLeft(9)
                .stripTrailingZeros()
                .toPlainString();
    }
}
