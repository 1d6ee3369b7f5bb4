package dev.rondo.http;

/**
 * The message is larger than a limit of ours; the message says which one. Reading stopped there, so that no more memory
 * was used than the limit allows. In aiohttp: {@code LineTooLong} and, for bodies, nothing.
 */
public final class TooLargeException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public TooLargeException(String message) {
        super(message);
    }
}
