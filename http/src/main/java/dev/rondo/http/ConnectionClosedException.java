package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/**
 * The peer closed or reset the connection before the head of its answer was complete: the request may or may not have
 * been acted on. Or this side closed the answer while a coroutine was reading it. In aiohttp:
 * {@code ServerDisconnectedError}.
 */
public final class ConnectionClosedException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public ConnectionClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
