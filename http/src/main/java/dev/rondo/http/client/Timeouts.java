package dev.rondo.http.client;

import dev.rondo.http.h1.WaitLimit;
import java.time.Duration;

/**
 * How long the parts of a request may take; {@link Duration#ZERO} stands for no limit. In aiohttp:
 * {@code ClientTimeout}.
 *
 * <p>Each has an exception of its own, so that it is clear what was slow.
 *
 * @param pool how long to wait for a connection of the pool, or a stream of one, to come free:
 *     {@code PoolTimeoutException}. No limit by default. This wait is part of no other limit. (In aiohttp it counts as
 *     part of {@code total}, so that a long queue fails requests that were never sent.)
 * @param connect name resolution, TCP, the way through a proxy and TLS handshake together:
 *     {@code ConnectTimeoutException}. 30 seconds by default. In aiohttp: {@code sock_connect}.
 * @param read how long the server may be silent, each time: {@code ReadTimeoutException}. No limit by default. In
 *     aiohttp: {@code sock_read}.
 * @param write how long it may take no more of what is sent, each piece of at most 64 KiB:
 *     {@code WriteTimeoutException}. No limit by default; aiohttp has none.
 * @param total from the start to the last byte of the body, redirects, retries and the pauses before them included:
 *     {@code TotalTimeoutException}. 5 minutes by default.
 */
public record Timeouts(Duration pool, Duration connect, Duration read, Duration write, Duration total) {

    /** aiohttp's: 30 seconds to connect, 5 minutes in all. */
    public static final Timeouts DEFAULT =
            new Timeouts(Duration.ZERO, Duration.ofSeconds(30), Duration.ZERO, Duration.ZERO, Duration.ofMinutes(5));

    /** No limit on anything. */
    public static final Timeouts NONE =
            new Timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    /** Checks that none is negative; more than 70 years count as 70 years. */
    public Timeouts {
        ensureNotNegative("pool", pool);
        ensureNotNegative("connect", connect);
        ensureNotNegative("read", read);
        ensureNotNegative("write", write);
        ensureNotNegative("total", total);
        pool = WaitLimit.bounded(pool);
        connect = WaitLimit.bounded(connect);
        read = WaitLimit.bounded(read);
        write = WaitLimit.bounded(write);
        total = WaitLimit.bounded(total);
    }

    private static void ensureNotNegative(String what, Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException(what + " timeout " + limit + " is negative; zero stands for no limit");
        }
    }

    /** Returns a copy with another limit on the wait for the pool. */
    public Timeouts withPool(Duration limit) {
        return new Timeouts(limit, connect, read, write, total);
    }

    /** Returns a copy with another limit on connecting. */
    public Timeouts withConnect(Duration limit) {
        return new Timeouts(pool, limit, read, write, total);
    }

    /** Returns a copy with another limit on the wait for the next byte. */
    public Timeouts withRead(Duration limit) {
        return new Timeouts(pool, connect, limit, write, total);
    }

    /** Returns a copy with another limit on the wait for the server to take what is sent. */
    public Timeouts withWrite(Duration limit) {
        return new Timeouts(pool, connect, read, limit, total);
    }

    /** Returns a copy with another limit on the whole. */
    public Timeouts withTotal(Duration limit) {
        return new Timeouts(pool, connect, read, write, limit);
    }
}
