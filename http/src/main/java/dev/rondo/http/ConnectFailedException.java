package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/**
 * No connection to the server came about: its name does not resolve, it refused, or the TLS handshake failed;
 * {@link #getCause} tells which. Nothing was sent. In aiohttp: {@code ClientConnectorError}.
 */
public final class ConnectFailedException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public ConnectFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
