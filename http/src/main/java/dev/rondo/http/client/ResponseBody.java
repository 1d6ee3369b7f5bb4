package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of a response as sent, and with it the exchange, which ends behind the last byte. */
final class ResponseBody {

    /** A rest so small is cheaper to read than a new connection is to open. */
    private static final int MAX_DRAINED_BYTES = 64 * 1024;

    private final Traces traces;
    private final long announcedBytes;
    private final boolean upgraded; // there is no body: what follows is not HTTP
    private @Nullable Exchange exchange; // null once given back
    private boolean ended;
    private long receivedBytes;

    ResponseBody(Exchange exchange, boolean upgraded, Traces traces) throws HttpException {
        this.traces = traces;
        this.exchange = exchange;
        this.upgraded = upgraded;
        this.announcedBytes = upgraded ? 0 : exchange.announcedBytes();
        if (!upgraded && exchange.bodyEnded()) {
            giveBack();
        }
    }

    /** Gives out the exchange behind status 101: its connection still counts, until {@link Exchange#discard}. */
    Exchange takeUpgraded() {
        Exchange taken = exchange;
        if (!upgraded || taken == null) {
            throw new IllegalStateException("no connection that was upgraded, or not any more");
        }
        exchange = null;
        return taken;
    }

    /**
     * Returns the next piece, a view that is good until the next call, or null at the end. Suspends if none is there. A
     * failure or a cancel ends the exchange.
     */
    @Nullable ByteBuffer next() throws HttpException {
        if (exchange == null) {
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
            ByteBuffer piece = exchange.readContent();
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
        Exchange finished = exchange;
        ended = true;
        exchange = null;
        if (finished != null) {
            finished.finish();
        }
    }

    /** Ends the exchange early, unless it has ended. Never suspends; idempotent. */
    void abandon() {
        Exchange abandoned = exchange;
        exchange = null;
        if (abandoned != null) {
            abandoned.discard();
        }
    }

    /**
     * Reads what little is left if it is here already, else ends the exchange early; a coroutine that is reading fails.
     * Does not wait for the server; idempotent.
     */
    void close() {
        try {
            if (exchange != null && !upgraded && worthDraining() && exchange.drain(MAX_DRAINED_BYTES)) {
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
