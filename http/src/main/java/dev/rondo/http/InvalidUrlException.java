package dev.rondo.http;

/**
 * The text is not an address that can be asked for: no scheme or one other than http and https, no host, a port out of
 * range. In aiohttp: {@code InvalidURL}.
 */
public final class InvalidUrlException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public InvalidUrlException(String message) {
        super(message);
    }
}
