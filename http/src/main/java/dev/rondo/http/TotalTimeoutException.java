package dev.rondo.http;

/**
 * The whole request, redirects and body included, took too long. Waiting for the pool does not count. In aiohttp:
 * {@code TimeoutError} of {@code total}.
 */
public final class TotalTimeoutException extends HttpTimeoutException {

    /** Makes the failure with a message that says what was wrong. */
    public TotalTimeoutException(String message) {
        super(message);
    }
}
