package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.ResponseHead;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, on a connection of the pool: over HTTP/1.1 the whole of a {@link PooledConnection}, over
 * HTTP/2 a stream of a {@link Http2Link}. To be ended by {@link #finish} or {@link #discard}.
 *
 * <pre>
 *   ask ─▶ readContent… ─▶ finish
 *    └──────────┴── close early, cancel, failure ──▶ discard
 * </pre>
 *
 * <p>For one coroutine at a time; {@link #drain}, {@link #finish} and {@link #discard} never suspend.
 */
interface Exchange {

    /**
     * Sends the request and reads the head of the answer; informational ones are passed over. Suspends. After a failure
     * or a cancel there is only {@link #discard}.
     */
    ResponseHead ask(ClientRequest request, Deadline deadline, Traces traces) throws HttpException;

    /** Returns how the answer came: {@code "HTTP/1.1"}, or another. */
    String version();

    /** Returns whether {@link #ask} failed, and the server has certainly not looked at the request. */
    boolean notProcessed();

    /**
     * Returns whether it was {@link #notProcessed} for its connection ended behind others that were: sent again, all of
     * them get further each time.
     */
    boolean leftBehind();

    /** Returns whether the server gave no sign of having read the request on a connection that may have been stale. */
    boolean wentStale();

    /** Returns the length of the body that the head announced, in bytes, or -1. */
    long announcedBytes();

    /** Returns whether the body is known to have ended. */
    boolean bodyEnded() throws HttpException;

    /** Reads the next piece of the body, a view that is good until the next call; null at its end. Suspends. */
    @Nullable ByteBuffer readContent() throws HttpException;

    /** Throws away what of the body is here already, up to so many bytes; returns whether that was the end. */
    boolean drain(int maxBytes);

    /** Gives the stream away, behind an answer of status 101; {@link #discard} is still to be called. */
    Http1Connection.Detached detach();

    /** Ends it behind the last byte of the body: the connection can be used again. */
    void finish();

    /** Ends it anywhere else. Idempotent; may be called while a coroutine reads. */
    void discard();
}
