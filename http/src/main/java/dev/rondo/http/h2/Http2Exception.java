package dev.rondo.http.h2;

import dev.rondo.http.HttpException;
import org.jspecify.annotations.Nullable;

/** A stream of HTTP/2 has failed: it was reset by either side, or its connection has ended. */
public final class Http2Exception extends HttpException {

    private final int code;
    private final boolean notProcessed;
    private final boolean peersFault;

    /** Makes one; {@code code} is one of {@link ErrorCode}. */
    Http2Exception(String message, int code, boolean notProcessed, @Nullable Throwable cause) {
        this(message, code, notProcessed, false, cause);
    }

    private Http2Exception(
            String message, int code, boolean notProcessed, boolean peersFault, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.notProcessed = notProcessed;
        this.peersFault = peersFault;
    }

    /** Makes one for a peer that broke the rules, or went over a limit. */
    static Http2Exception peersFault(String message, int code, @Nullable Throwable cause) {
        return new Http2Exception(message, code, false, true, cause);
    }

    /** Returns the same once more, for another coroutine to throw. */
    Http2Exception again() {
        return new Http2Exception(String.valueOf(getMessage()), code, notProcessed, peersFault, this);
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

    /** Returns whether this side ended it, since what the peer sent is no HTTP/2, or more than a limit allows. */
    public boolean peersFault() {
        return peersFault;
    }
}
