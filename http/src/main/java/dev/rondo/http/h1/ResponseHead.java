package dev.rondo.http.h1;

import dev.rondo.http.Headers;

/**
 * A response up to its body.
 *
 * @param reason the words behind the status, or the empty string
 * @param http11 whether the version is 1.1, not 1.0
 */
public record ResponseHead(int status, String reason, boolean http11, Headers headers) {

    /** Returns whether the real answer is still to come. */
    public boolean informational() {
        return status < 200;
    }

    /**
     * Returns whether there is no body, whatever the headers say of it (RFC 9110 §6.4.1).
     *
     * @param toHead whether this answers a HEAD request
     */
    public boolean hasNoBody(boolean toHead) {
        return toHead || informational() || status == 204 || status == 304;
    }
}
