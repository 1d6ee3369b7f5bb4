package dev.rondo.http;

/**
 * The server sent nothing for too long: between two reads, not altogether. In aiohttp: {@code SocketTimeoutError} of
 * {@code sock_read}.
 */
public final class ReadTimeoutException extends HttpTimeoutException {

    /** Makes the failure with a message that says what was wrong. */
    public ReadTimeoutException(String message) {
        super(message);
    }
}
