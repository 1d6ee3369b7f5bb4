package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/**
 * The body is not what its Content-Encoding says, or uses a coding that was not offered. In aiohttp:
 * {@code ContentEncodingError}.
 */
public final class ContentDecodingException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public ContentDecodingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
