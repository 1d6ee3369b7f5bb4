package dev.rondo.http.h2;

import dev.rondo.http.HttpException;
import org.jspecify.annotations.Nullable;

/** A stream of HTTP/2 has failed: it was reset by either side, or its connection has ended. */
public final class Http2Exception extends HttpException {

    private final int code;
    private final boolean notProcessed;

    /** Makes one; {@code code} is one of {@link ErrorCode}. */
    Http2Exception(String message, int code, boolean notProcessed, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.notProcessed = notProcessed;
    }

    /** Returns why, as {@link ErrorCode} has it; {@code NO_ERROR} for a connection that broke. */
    public int code() {
        return code;
    }

    /**
     * Returns whether it is certain that the peer has done nothing with the request, so that it can be sent again on
     * another connection, whatever its method.
     */
    public boolean notProcessed() {
        return notProcessed;
    }
}
