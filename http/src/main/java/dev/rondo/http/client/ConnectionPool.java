package dev.rondo.http.client;

import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import dev.rondo.http.HttpException;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a session. A slot stands for a connection in use: who has one gets an idle connection if there is
 * a good one, else a new one. Idle connections give way where the limit on all of them needs it.
 *
 * <p>A connection of HTTP/2 has one slot for all its requests: {@link Http2Pool}.
 */
final class ConnectionPool {

    /** Which connection will do. */
    enum Wanted {
        ANY,
        /** None that was idle, unless it speaks HTTP/2 and would tell. */
        NEW,
        /** One of HTTP/1.1, for something else to be spoken on it; it is not given back. */
        NEW_HTTP1
    }

    private final EventLoop loop;
    private final PoolOptions options;
    private final HeadLimits headLimits;
    private final Connector connector;

    private final Slots slots;
    private final IdleConnections idle = new IdleConnections();
    private final BufferPool buffers = new BufferPool();
    private final Http2Pool http2;
    private @Nullable TimerHandle sweep; // set while anything is idle
    private boolean closed;

    ConnectionPool(EventLoop loop, PoolOptions options, HeadLimits headLimits, Connector connector) {
        this.loop = loop;
        this.options = options;
        this.headLimits = headLimits;
        this.connector = connector;
        this.slots = new Slots(loop, options.total(), options.perHost());
        this.http2 = new Http2Pool(loop, this, headLimits);
    }

    // ------------------------------------------------------------------------------------------------ taking one

    /**
     * Takes a connection, or a stream of one; the exchange is to be ended. Suspends. A failure or a cancel leaves
     * nothing taken.
     */
    Exchange acquire(Origin origin, Deadline deadline, Traces traces, Wanted wanted) throws HttpException {
        return wanted != Wanted.NEW_HTTP1 && connector.mayBeHttp2(origin) && !http2.speaksHttp1(origin)
                ? http2.acquire(origin, deadline, traces)
                : acquireOwn(origin, deadline, traces, wanted);
    }

    /** Takes a connection that no other request has. Suspends; as {@link #acquire}. */
    Exchange acquireOwn(Origin origin, Deadline deadline, Traces traces, Wanted wanted) throws HttpException {
        if (!slots.tryAcquire(origin)) {
            traces.tell(Tracing::queued);
            try {
                deadline.waitingForPool(origin, () -> slots.acquire(origin));
            } finally {
                traces.tell(Tracing::dequeued);
            }
        }
        boolean connected = false;
        boolean http1Only = wanted == Wanted.NEW_HTTP1 || http2.speaksHttp1(origin);
        try {
            ensureOpen();
            Exchange exchange = wanted == Wanted.ANY ? takeIdle(origin) : null;
            if (exchange == null) {
                makeRoom();
                traces.tell(Tracing::connecting);
                ByteStream stream = deadline.connecting(origin, () -> connector.open(origin, http1Only));
                exchange = begin(origin, stream, http1Only);
                traces.tell(Tracing::connected);
            } else {
                traces.tell(Tracing::reused);
            }
            connected = true;
            return exchange;
        } catch (IOException e) {
            throw Connector.failure(origin, e);
        } finally {
            if (!connected) {
                releaseSlot(origin);
            }
        }
    }

    // -------------------------------------------------------------------------------------------- what HTTP/2 needs

    Slots slots() {
        return slots;
    }

    /** Returns an exchange on an idle connection, or a new one. Suspends; the caller has a slot for it. */
    Exchange open(Origin origin) throws HttpException {
        ensureOpen();
        Exchange kept = takeIdle(origin);
        if (kept != null) {
            return kept;
        }
        makeRoom();
        try {
            return begin(origin, connector.open(origin, false), false);
        } catch (IOException e) {
            throw Connector.failure(origin, e);
        }
    }

    /** Takes a connection whose last request has ended; keeps it if it can be used again. Never suspends. */
    void release(Http2Link link) {
        releaseSlot(link.origin());
        if (closed || options.keepAlive().isZero() || !link.usable()) {
            link.close();
        } else {
            link.rest(nowNanos());
            keep(link);
        }
    }

    // ------------------------------------------------------------------------------------------------ making one

    /** Returns an exchange on an idle connection, or null if there is none; the caller has a slot for it. */
    @Nullable Exchange takeIdle(Origin origin) {
        for (KeptConnection connection; (connection = idle.take(origin)) != null; ) {
            if (!expired(connection) && connection.quiet()) {
                return begin(connection);
            }
            connection.close();
        }
        return null;
    }

    private void makeRoom() {
        while (options.total() > 0 && slots.inUse() + idle.size() > options.total()) {
            KeptConnection eldest = idle.takeEldest();
            if (eldest == null) {
                return;
            }
            eldest.close();
        }
    }

    /** Makes a connection of a stream, as {@link Connector#open} gave it. */
    private Exchange begin(Origin origin, ByteStream stream, boolean http1Only) {
        if (ClientTls.isHttp2(stream)) {
            return http2.begin(origin, stream);
        }
        if (!http1Only && connector.mayBeHttp2(origin)) {
            http2.rememberHttp1(origin);
        }
        Proxy forwardedBy = Connector.isForwarded(origin, http1Only) ? origin.proxy() : null;
        return new PooledConnection(this, origin, forwardedBy, stream, headLimits, buffers).begin();
    }

    private Exchange begin(KeptConnection connection) {
        return switch (connection) {
            case PooledConnection own -> own.begin();
            case Http2Link link -> http2.begin(link);
        };
    }

    // --------------------------------------------------------------------------------------------- giving it back

    /** Gives a slot back; to those who wait for a stream too, for they may connect now. */
    void releaseSlot(Origin origin) {
        slots.release(origin);
        http2.slotReleased();
    }

    /**
     * Takes a connection back whose answer has been read to its end; keeps it if it can be used again. Never suspends.
     */
    void release(PooledConnection connection) {
        releaseSlot(connection.origin());
        if (closed || options.keepAlive().isZero() || !connection.rest(nowNanos())) {
            connection.close();
        } else {
            keep(connection);
        }
    }

    /** Closes a connection that cannot be used again. Never suspends. */
    void discard(PooledConnection connection) {
        connection.close();
        releaseSlot(connection.origin());
    }

    private void keep(KeptConnection connection) {
        idle.add(connection);
        if (sweep == null) {
            sweep = loop.callLater(options.keepAlive(), this::sweep);
        }
    }

    // ------------------------------------------------------------------------------------------- dropping idle ones

    private void sweep() {
        sweep = null;
        KeptConnection eldest = idle.eldest();
        while (eldest != null && expired(eldest)) {
            idle.takeEldest();
            eldest.close();
            eldest = idle.eldest();
        }
        if (eldest != null) {
            long leftNanos = options.keepAlive().toNanos() - (nowNanos() - eldest.idleSinceNanos());
            sweep = loop.callLater(Duration.ofNanos(Math.max(leftNanos, 1_000_000)), this::sweep);
        }
    }

    private boolean expired(KeptConnection connection) {
        return nowNanos() - connection.idleSinceNanos() >= options.keepAlive().toNanos();
    }

    private long nowNanos() {
        return loop.time().toNanos();
    }

    /** Closes the idle connections; those in use are closed when they are given back. Never suspends; idempotent. */
    void close() {
        closed = true;
        if (sweep != null) {
            sweep.cancel();
            sweep = null;
        }
        for (KeptConnection connection; (connection = idle.takeEldest()) != null; ) {
            connection.close();
        }
    }

    /** Throws if the session has been closed. */
    void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the session is closed: ask before that, or make another one");
        }
    }

    boolean closed() {
        return closed;
    }

    @Override
    public String toString() {
        return slots.inUse() + " in use, " + idle.size() + " idle, " + (slots.waiting() + http2.waiting()) + " waiting";
    }
}
