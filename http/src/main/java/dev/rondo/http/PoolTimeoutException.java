package dev.rondo.http;

/** No connection of the pool came free in time. Nothing was sent. In aiohttp: {@code ConnectionTimeoutError}. */
public final class PoolTimeoutException extends HttpTimeoutException {

    /** Makes the failure with a message that says what was wrong. */
    public PoolTimeoutException(String message) {
        super(message);
    }
}
