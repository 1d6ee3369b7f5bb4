package dev.rondo.http.client;

import dev.rondo.EventLoop;
import dev.rondo.http.HttpException;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Options;
import dev.rondo.net.ByteStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * The part of the pool where requests share connections: those to servers that may speak HTTP/2.
 *
 * <p>A request gets a stream of a connection in use; else an idle connection; else it waits for the one that is being
 * made, and makes another only where that turns out to have no room. Where the limits allow no other it waits for a
 * stream. Servers that turn out to speak HTTP/1.1 are remembered: their requests wait for nobody's connection.
 */
final class Http2Pool {

    private static final int REMEMBERED = 1000;
    private static final int LEAST_HEADER_LIST = 256;

    private final EventLoop loop;
    private final ConnectionPool pool;
    private final Http2Options options;
    private final Map<Origin, SharedConnections> shared = new HashMap<>();
    private final LinkedHashSet<Origin> http1 = new LinkedHashSet<>(); // that do not speak HTTP/2
    private final LinkedHashMap<Origin, Integer> fewStreams = new LinkedHashMap<>(); // that take but few at a time
    private int awaitingTurn; // for a stream

    Http2Pool(EventLoop loop, ConnectionPool pool, HeadLimits limits) {
        this.loop = loop;
        this.pool = pool;
        this.options = Http2Options.CLIENT.withHeaders(Math.max(limits.bytes(), LEAST_HEADER_LIST), limits.fields());
    }

    // ------------------------------------------------------------------------------------------------ taking one

    /**
     * Takes a stream of a connection, or a connection of HTTP/1.1 if that is what the server speaks. Suspends. A
     * failure or a cancel leaves nothing taken.
     */
    Exchange acquire(Origin origin, Deadline deadline, Traces traces) throws HttpException {
        boolean itsTurn = false;
        for (; ; ) {
            pool.ensureOpen();
            SharedConnections connections = connectionsTo(origin);
            try {
                Http2Link link = itsTurn || connections.waiting() == 0 ? connections.withRoom() : null;
                if (link != null) {
                    traces.tell(Tracing::reused);
                    return link.begin();
                }
                boolean hasSlot = connections.opening == null && pool.slots().tryAcquire(origin);
                Exchange kept = hasSlot ? pool.takeIdle(origin) : null;
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
                    opening = new Opening(pool, this, origin, hasSlot);
                    connections.opening = opening;
                }
                Exchange made = opening.await(deadline, traces, first);
                if (made != null) {
                    return made;
                }
                if (http1.contains(origin)) {
                    return pool.acquireOwn(origin, deadline, traces, ConnectionPool.Wanted.ANY);
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

    // ------------------------------------------------------------------------------------------------ making one

    /** Makes a connection of a stream, and begins its first request. Suspends the first time, for classes. */
    Exchange begin(Origin origin, ByteStream stream) {
        Http2Connection connection = Http2Connection.client(stream, options);
        Integer few = fewStreams.get(origin);
        if (few != null) {
            connection.assumeMaxStreams(few);
        }
        return begin(new Http2Link(loop, this, origin, connection));
    }

    /** Begins the first request on a connection that was idle, or is new. */
    Exchange begin(Http2Link link) {
        connectionsTo(link.origin()).add(link);
        return link.begin();
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

    // ------------------------------------------------------------------------------------------------ its end

    /** Notes that a request has ended; with the last one the connection becomes idle. Never suspends. */
    void ended(Http2Link link) {
        SharedConnections connections = connectionsTo(link.origin());
        rememberStreams(link);
        if (!link.busy()) {
            connections.remove(link);
            pool.release(link);
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

    /** Has those who wait for a stream look whether they may connect now. Never suspends. */
    void slotReleased() {
        if (awaitingTurn > 0) {
            shared.values().forEach(SharedConnections::passOn);
        }
    }

    // ------------------------------------------------------------------------------------------------ what is known

    /** Returns whether that origin is known to want HTTP/1.1. */
    boolean speaksHttp1(Origin origin) {
        return http1.contains(origin);
    }

    /** Offers nothing else to that origin from now on. */
    void rememberHttp1(Origin origin) {
        http1.add(origin);
        if (http1.size() > REMEMBERED) {
            http1.removeFirst();
        }
    }

    private SharedConnections connectionsTo(Origin origin) {
        return shared.computeIfAbsent(
                origin, o -> new SharedConnections(loop, () -> pool.slots().hasFree(o)));
    }

    private void forgetIfEmpty(Origin origin, SharedConnections connections) {
        if (connections.empty()) {
            shared.remove(origin, connections);
        }
    }

    /** Returns how many wait for a stream. */
    int waiting() {
        return awaitingTurn;
    }
}
