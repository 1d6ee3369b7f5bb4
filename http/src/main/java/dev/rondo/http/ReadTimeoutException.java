package dev.rondo.http;

/**
 * The server was silent for too long; each wait counts for itself. In aiohttp: {@code SocketTimeoutError} of
 * {@code sock_read}.
 */
public final class ReadTimeoutException extends HttpTimeoutException {

    /** Makes the failure with a message that says what was wrong. */
    public ReadTimeoutException(String message) {
        super(message);
    }
}
