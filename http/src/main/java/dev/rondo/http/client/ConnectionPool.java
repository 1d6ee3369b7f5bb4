package dev.rondo.http.client;

import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import dev.rondo.http.HttpException;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Options;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a session. A slot stands for a connection in use: who has one gets an idle connection if there is
 * a good one, else a new one. Idle connections give way where the limit on all of them needs it.
 *
 * <p>A connection of HTTP/2 has one slot for all its requests. Who may get HTTP/2 waits for the connection that is
 * being made already, and makes another only where that has no room.
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

    private static final int REMEMBERED = 1000;
    private static final int LEAST_HEADER_LIST = 256;

    private final EventLoop loop;
    private final PoolOptions options;
    private final HeadLimits headLimits;
    private final Connector connector;

    private final Slots slots;
    private final IdleConnections idle = new IdleConnections();
    private final BufferPool buffers = new BufferPool();
    private final Map<Origin, SharedConnections> shared = new HashMap<>();
    private final LinkedHashSet<Origin> http1 = new LinkedHashSet<>(); // secure ones that do not speak HTTP/2
    private final LinkedHashMap<Origin, Integer> fewStreams = new LinkedHashMap<>(); // that take but few at a time
    private int awaitingTurn; // for a stream
    private @Nullable TimerHandle sweep; // set while anything is idle
    private boolean closed;

    ConnectionPool(EventLoop loop, PoolOptions options, HeadLimits headLimits, Connector connector) {
        this.loop = loop;
        this.options = options;
        this.headLimits = headLimits;
        this.connector = connector;
        this.slots = new Slots(loop, options.total(), options.perHost());
    }

    // ------------------------------------------------------------------------------------------------ taking one

    /**
     * Takes a connection, or a stream of one; the exchange is to be ended. Suspends. A failure or a cancel leaves
     * nothing taken.
     */
    Exchange acquire(Origin origin, Deadline deadline, Traces traces, Wanted wanted) throws HttpException {
        return wanted != Wanted.NEW_HTTP1 && connector.mayBeHttp2(origin) && !http1.contains(origin)
                ? acquireShared(origin, deadline, traces)
                : acquireOwn(origin, deadline, traces, wanted);
    }

    private Exchange acquireOwn(Origin origin, Deadline deadline, Traces traces, Wanted wanted) throws HttpException {
        if (!slots.tryAcquire(origin)) {
            traces.tell(Tracing::queued);
            try {
                deadline.waitingForPool(origin, () -> slots.acquire(origin));
            } finally {
                traces.tell(Tracing::dequeued);
            }
        }
        boolean connected = false;
        boolean http1Only = wanted == Wanted.NEW_HTTP1 || http1.contains(origin);
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

    private Exchange acquireShared(Origin origin, Deadline deadline, Traces traces) throws HttpException {
        boolean itsTurn = false;
        for (; ; ) {
            ensureOpen();
            SharedConnections connections = connectionsTo(origin);
            try {
                Http2Link link = itsTurn || connections.waiting() == 0 ? connections.withRoom() : null;
                if (link != null) {
                    traces.tell(Tracing::reused);
                    return link.begin();
                }
                boolean hasSlot = connections.opening == null && slots.tryAcquire(origin);
                Exchange kept = hasSlot ? takeIdle(origin) : null;
                if (kept != null) {
                    traces.tell(Tracing::reused);
                    return kept;
                }
                if (connections.opening == null && !hasSlot && connections.anyUsable()) {
                    awaitTurn(origin, connections, deadline, traces);
                    itsTurn = true;
                    continue; // for a stream, where the limits allow no other connection
                }
                Opening opening = connections.opening;
                boolean first = opening == null;
                if (opening == null) {
                    opening = new Opening(this, origin, hasSlot);
                    connections.opening = opening;
                }
                Exchange made = opening.await(deadline, traces, first);
                if (made != null) {
                    return made;
                }
                if (http1.contains(origin)) {
                    return acquireOwn(origin, deadline, traces, Wanted.ANY);
                }
                itsTurn = true;
            } finally {
                connections.passOn();
                forgetIfEmpty(origin, connections);
            }
        }
    }

    private void awaitTurn(Origin origin, SharedConnections connections, Deadline deadline, Traces traces)
            throws HttpException {
        traces.tell(Tracing::queued);
        awaitingTurn++;
        try {
            deadline.waitingForPool(origin, connections::awaitTurn);
        } finally {
            awaitingTurn--;
            traces.tell(Tracing::dequeued);
        }
    }

    /** Gives a slot back; to those who wait for a stream too, for they may connect now. */
    private void releaseSlot(Origin origin) {
        slots.release(origin);
        if (awaitingTurn > 0) {
            shared.values().forEach(SharedConnections::passOn);
        }
    }

    // ------------------------------------------------------------------------------------- what an Opening needs

    void awaitSlot(Origin origin) {
        slots.acquire(origin);
    }

    void giveSlotBack(Origin origin) {
        releaseSlot(origin);
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

    /** Lets nobody join it any more. Idempotent. */
    void forget(Origin origin, Opening ended) {
        SharedConnections connections = shared.get(origin);
        if (connections != null && connections.opening == ended) {
            connections.opening = null;
            connections.passOn();
            forgetIfEmpty(origin, connections);
        }
    }

    // ------------------------------------------------------------------------------------------------ making one

    private @Nullable Exchange takeIdle(Origin origin) {
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
        if (!ClientTls.isHttp2(stream)) {
            if (!http1Only && connector.mayBeHttp2(origin)) {
                rememberHttp1(origin);
            }
            Proxy forwardedBy = Connector.isForwarded(origin, http1Only) ? origin.proxy() : null;
            return begin(new PooledConnection(this, origin, forwardedBy, stream, headLimits, buffers));
        }
        Http2Options http2 =
                Http2Options.CLIENT.withHeaders(Math.max(headLimits.bytes(), LEAST_HEADER_LIST), headLimits.fields());
        Http2Connection connection = Http2Connection.client(stream, http2);
        Integer few = fewStreams.get(origin);
        if (few != null) {
            connection.assumeMaxStreams(few);
        }
        return begin(new Http2Link(loop, this, origin, connection));
    }

    private Exchange begin(KeptConnection connection) {
        return switch (connection) {
            case PooledConnection own -> own.begin();
            case Http2Link link -> {
                connectionsTo(link.origin()).add(link);
                yield link.begin();
            }
        };
    }

    /** Offers nothing else to that origin from now on. */
    void rememberHttp1(Origin origin) {
        http1.add(origin);
        if (http1.size() > REMEMBERED) {
            http1.removeFirst();
        }
    }

    private SharedConnections connectionsTo(Origin origin) {
        return shared.computeIfAbsent(origin, o -> new SharedConnections(loop, () -> slots.hasFree(o)));
    }

    private void forgetIfEmpty(Origin origin, SharedConnections connections) {
        if (connections.empty()) {
            shared.remove(origin, connections);
        }
    }

    // --------------------------------------------------------------------------------------------- giving it back

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

    /** Notes that a request has ended; with the last one the connection becomes idle. Never suspends. */
    void ended(Http2Link link) {
        SharedConnections connections = connectionsTo(link.origin());
        rememberStreams(link);
        if (!link.busy()) {
            connections.remove(link);
            releaseSlot(link.origin());
            if (closed || options.keepAlive().isZero() || !link.usable()) {
                link.close();
            } else {
                link.rest(nowNanos());
                keep(link);
            }
        }
        connections.passOn();
        forgetIfEmpty(link.origin(), connections);
    }

    /** Remembers how many a server takes, if that is few: each new connection would be refused the rest of many. */
    private void rememberStreams(Http2Link link) {
        int streams = link.http().maxStreams();
        if (streams < Http2Options.CLIENT.maxStreams()) {
            fewStreams.put(link.origin(), streams);
            if (fewStreams.size() > REMEMBERED) {
                fewStreams.pollFirstEntry();
            }
        } else {
            fewStreams.remove(link.origin());
        }
    }

    /** Notes that there may be room on it now, or no longer any. Never suspends. */
    void changed(Http2Link link) {
        SharedConnections connections = shared.get(link.origin());
        if (connections != null) {
            connections.passOn();
        }
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

    private int waiting() {
        int waiting = slots.waiting();
        for (SharedConnections connections : shared.values()) {
            waiting += connections.waiting();
        }
        return waiting;
    }

    @Override
    public String toString() {
        return slots.inUse() + " in use, " + idle.size() + " idle, " + waiting() + " waiting";
    }
}
