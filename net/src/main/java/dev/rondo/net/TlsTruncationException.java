package dev.rondo.net;

import javax.net.ssl.SSLException;

/**
 * The connection under a TLS stream ended without TLS's goodbye ({@code close_notify}): somebody may have cut the
 * stream short.
 *
 * <p>Many servers hang up like that. Who knows from the protocol above that all has arrived (a body with a length, say)
 * need not read on, and never sees this; who reads "until the end" must not take this for the end.
 */
public final class TlsTruncationException extends SSLException {

    private static final long serialVersionUID = 1L;

    /** Makes one; {@code message} says who hung up. */
    TlsTruncationException(String message) {
        super(message);
    }
}
