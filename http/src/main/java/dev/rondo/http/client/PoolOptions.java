package dev.rondo.http.client;

import dev.rondo.http.h1.WaitLimit;
import java.time.Duration;

/**
 * How many connections a session keeps. In aiohttp: {@code TCPConnector(limit=…, limit_per_host=…,
 * keepalive_timeout=…)}. One of HTTP/2 counts as one, however many requests share it.
 *
 * @param total of connections, in use and idle together; 0 for no limit. 100 by default
 * @param perHost of connections in use to one scheme, host and port, and by one proxy; 0 for no limit. No limit by
 *     default
 * @param keepAlive how long an idle connection is kept for the next request; zero: not at all. 15 seconds by default
 * @param retryStale whether an idempotent request is sent once more, on a new connection, where the server closed a
 *     kept one before it read the request. True by default; aiohttp does so always
 */
public record PoolOptions(int total, int perHost, Duration keepAlive, boolean retryStale) {

    /** aiohttp's: 100 connections, any number of them to one host, kept for 15 seconds. */
    public static final PoolOptions DEFAULT = new PoolOptions(100, 0, Duration.ofSeconds(15), true);

    /** Checks that none is negative; more than 70 years count as 70 years. */
    public PoolOptions {
        if (total < 0) {
            throw new IllegalArgumentException("total < 0: " + total + "; 0 stands for no limit");
        }
        if (perHost < 0) {
            throw new IllegalArgumentException("perHost < 0: " + perHost + "; 0 stands for no limit");
        }
        if (keepAlive.isNegative()) {
            throw new IllegalArgumentException("keepAlive " + keepAlive + " is negative; zero keeps no connection");
        }
        keepAlive = WaitLimit.bounded(keepAlive);
    }

    /** Returns a copy with another limit on all connections; 0 for none. */
    public PoolOptions withTotal(int connections) {
        return new PoolOptions(connections, perHost, keepAlive, retryStale);
    }

    /** Returns a copy with another limit on the connections to one host; 0 for none. */
    public PoolOptions withPerHost(int connections) {
        return new PoolOptions(total, connections, keepAlive, retryStale);
    }

    /** Returns a copy that keeps idle connections for another time. */
    public PoolOptions withKeepAlive(Duration time) {
        return new PoolOptions(total, perHost, time, retryStale);
    }

    /** Returns a copy that does, or does not, send a request again that met a connection the server had closed. */
    public PoolOptions withRetryStale(boolean retry) {
        return new PoolOptions(total, perHost, keepAlive, retry);
    }
}
