package dev.rondo.http;

/** The server took nothing of what is sent to it for too long; each piece counts for itself. aiohttp has none. */
public final class WriteTimeoutException extends HttpTimeoutException {

    /** Makes the failure with a message that says what was wrong. */
    public WriteTimeoutException(String message) {
        super(message);
    }
}
