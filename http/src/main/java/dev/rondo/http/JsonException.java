package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/** A body that was to be JSON is none, or not of the wanted kind. In aiohttp: {@code ContentTypeError}, for one. */
public final class JsonException extends HttpException {

    /** Makes the failure with a message that says what was wrong. */
    public JsonException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
