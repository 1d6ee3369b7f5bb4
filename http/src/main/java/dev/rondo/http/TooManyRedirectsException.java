package dev.rondo.http;

/** Redirects in a circle, or more of them than allowed. In aiohttp: {@code TooManyRedirects}. */
public final class TooManyRedirectsException extends RedirectException {

    /** Makes the failure with a message that says what was wrong. */
    public TooManyRedirectsException(String message) {
        super(message);
    }
}
