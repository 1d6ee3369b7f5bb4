package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/**
 * The peer closed or reset the connection before the head of its answer was complete. The request may or may not have
 * been acted on. In aiohttp: {@code ServerDisconnectedError}.
 */
public final class ConnectionClosedException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public ConnectionClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
