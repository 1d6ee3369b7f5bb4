package dev.rondo.http.client;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Exception;
import java.time.Duration;

/**
 * An HTTP/2 connection of the pool, shared by as many requests as the server takes.
 *
 * <pre>
 *   BUSY ──the last request ends──▶ IDLE ──a request──▶ BUSY
 *    └── goodbye, doubt, refusal of all: no new ones; closed by the pool with the last
 * </pre>
 */
final class Http2Link implements KeptConnection {

    /** How long a server has to show that it is still there, once a request has timed out. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(10);

    private static final int NONE = Integer.MAX_VALUE;

    private final EventLoop loop;
    private final Http2Pool pool;
    private final Origin origin;
    private final Http2Connection http;
    private int requests;
    private boolean used; // by a request that has ended
    private boolean doubted; // a request timed out, and no ping has been answered since
    private boolean unwanted; // the server refuses all, or wants to be asked over HTTP/1.1
    private int limit = NONE; // of requests, after a refusal
    private long idleSinceNanos;

    Http2Link(EventLoop loop, Http2Pool pool, Origin origin, Http2Connection http) {
        this.loop = loop;
        this.pool = pool;
        this.origin = origin;
        this.http = http;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    Http2Connection http() {
        return http;
    }

    /** Returns whether it takes new requests, if not now. */
    boolean usable() {
        return http.isOpen() && !doubted && !unwanted;
    }

    /** Returns whether it takes another request now; the first one always, and that waits for the server. */
    boolean hasRoom() {
        return usable() && requests < Math.max(1, Math.min(limit, http.maxStreams()));
    }

    /** Begins a request. */
    Http2Exchange begin() {
        requests++;
        return new Http2Exchange(this, used);
    }

    /** Ends a request; {@code answered} says whether a head came. */
    void end(boolean answered) {
        if (answered && limit != NONE) {
            limit++;
        }
        requests--;
        used = true;
        pool.ended(this);
    }

    /** Returns whether the server takes no more requests, and has taken some. */
    boolean leftWithAnswers() {
        return !http.isOpen() && (http.hasAnswered() || http.streams() > 0);
    }

    boolean busy() {
        return requests > 0;
    }

    /** Takes no new requests until the server shows that it is there: else all of them would time out one by one. */
    void doubt() {
        if (!doubted && http.isOpen()) {
            doubted = true;
            loop.createTask(() -> {
                awaitSignOfLife();
                return null;
            });
        }
    }

    /**
     * Notes that the server refused a request, before that ends: it takes no more than it has now. It may count
     * requests that this side has given up, and that it still works on. Where it has none, another connection may do.
     */
    void refused() {
        int others = requests - 1;
        limit = Math.min(limit, others);
        unwanted |= others == 0;
    }

    /** Takes no new requests, and has those to this origin go over HTTP/1.1. */
    void requireHttp1() {
        unwanted = true;
        pool.rememberHttp1(origin);
    }

    private void awaitSignOfLife() {
        boolean there = false;
        try {
            Asyncio.timeout(SIGN_OF_LIFE, http::ping);
            there = true;
            doubted = false;
        } catch (AsyncTimeoutException | Http2Exception gone) {
            // it is closed below
        } finally {
            if (!there) {
                http.close();
            }
            pool.changed(this);
        }
    }

    void rest(long nowNanos) {
        idleSinceNanos = nowNanos;
    }

    @Override
    public long idleSinceNanos() {
        return idleSinceNanos;
    }

    @Override
    public boolean quiet() {
        return usable();
    }

    @Override
    public void close() {
        http.close();
    }

    @Override
    public String toString() {
        return "HTTP/2 connection to " + origin + ", " + requests + " requests";
    }
}
