package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of a response as sent, and with it the connection, which goes back to the pool behind the last byte. */
final class ResponseBody {

    /** A rest so small is cheaper to read than a new connection is to open. */
    private static final int MAX_DRAINED_BYTES = 64 * 1024;

    private final ConnectionPool pool;
    private final Traces traces;
    private final long announcedBytes;
    private final boolean upgraded; // there is no body: what follows is not HTTP
    private @Nullable PooledConnection connection; // null once given back
    private boolean ended;
    private long receivedBytes;

    ResponseBody(ConnectionPool pool, PooledConnection connection, boolean upgraded, Traces traces)
            throws HttpException {
        this.pool = pool;
        this.traces = traces;
        this.connection = connection;
        this.upgraded = upgraded;
        this.announcedBytes = upgraded ? 0 : connection.http().announcedBytes();
        if (!upgraded && connection.http().bodyEnded()) {
            giveBack();
        }
    }

    /** Gives out the connection behind status 101: it still counts, until {@link ConnectionPool#discard}. */
    PooledConnection takeUpgraded() {
        PooledConnection taken = connection;
        if (!upgraded || taken == null) {
            throw new IllegalStateException("no connection that was upgraded, or not any more");
        }
        connection = null;
        return taken;
    }

    /**
     * Returns the next piece, a view that is good until the next call, or null at the end. Suspends if none is there. A
     * failure or a cancel closes the connection.
     */
    @Nullable ByteBuffer next() throws HttpException {
        if (connection == null) {
            if (!ended) {
                throw new IllegalStateException("the response is closed: read its body before that");
            }
            return null;
        }
        if (upgraded) {
            return null;
        }
        boolean read = false;
        try {
            ByteBuffer piece = connection.http().readContent();
            read = true;
            if (piece == null) {
                giveBack();
            } else {
                receivedBytes += piece.remaining();
                if (traces.any()) {
                    traces.tell(tracing -> tracing.received(piece.asReadOnlyBuffer()));
                }
            }
            return piece;
        } finally {
            if (!read) {
                abandon();
            }
        }
    }

    private void giveBack() {
        PooledConnection finished = connection;
        ended = true;
        connection = null;
        if (finished != null) {
            pool.release(finished);
        }
    }

    /** Closes the connection, unless it has been given back. Never suspends; idempotent. */
    void abandon() {
        PooledConnection abandoned = connection;
        connection = null;
        if (abandoned != null) {
            pool.discard(abandoned);
        }
    }

    /**
     * Reads what little is left if it is here already, else closes the connection; a coroutine that is reading fails.
     * Does not wait for the server; idempotent.
     */
    void close() {
        try {
            if (connection != null
                    && !upgraded
                    && worthDraining()
                    && connection.http().drain(MAX_DRAINED_BYTES)) {
                giveBack();
            }
        } finally {
            abandon();
        }
    }

    private boolean worthDraining() {
        return announcedBytes < 0 || announcedBytes - receivedBytes <= MAX_DRAINED_BYTES;
    }

    /** Returns the length that the head announced, in bytes, or -1. */
    long announcedBytes() {
        return announcedBytes;
    }

    /** Returns how many bytes of it have been read, as sent. */
    long receivedBytes() {
        return receivedBytes;
    }
}
