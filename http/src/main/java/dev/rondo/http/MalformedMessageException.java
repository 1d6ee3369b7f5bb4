package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/**
 * What the peer sent is not HTTP/1.1, even read leniently. The connection is of no further use. In aiohttp:
 * {@code ClientResponseError} out of {@code BadHttpMessage}.
 */
public final class MalformedMessageException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public MalformedMessageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
