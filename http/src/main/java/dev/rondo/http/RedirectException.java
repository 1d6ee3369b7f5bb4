package dev.rondo.http;

/**
 * The server sent a redirect that cannot be followed: without a Location, or with one that is no http or https address.
 * In aiohttp: {@code InvalidUrlRedirectClientError}.
 */
public class RedirectException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public RedirectException(String message) {
        super(message);
    }
}
