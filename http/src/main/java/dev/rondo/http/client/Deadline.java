package dev.rondo.http.client;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Coroutine;
import dev.rondo.EventLoop;
import dev.rondo.http.ConnectTimeoutException;
import dev.rondo.http.HttpException;
import dev.rondo.http.HttpTimeoutException;
import dev.rondo.http.PoolTimeoutException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.TotalTimeoutException;
import dev.rondo.http.WriteTimeoutException;
import dev.rondo.http.h1.WaitLimit;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;

/** The time limits of one request, from the first hop to the last byte of the body. */
final class Deadline implements WaitLimit {

    private static final long NEVER = Long.MAX_VALUE;

    private final EventLoop loop;
    private final Timeouts timeouts;
    private long startNanos; // of the whole, on the loop's clock; later by as much as was waited for the pool
    private final long totalNanos; // from the start, or NEVER

    Deadline(EventLoop loop, Timeouts timeouts) {
        this(loop, timeouts, loop.time().toNanos());
    }

    private Deadline(EventLoop loop, Timeouts timeouts, long startNanos) {
        this.loop = loop;
        this.timeouts = timeouts;
        this.startNanos = startNanos;
        this.totalNanos = timeouts.total().isZero() ? NEVER : timeouts.total().toNanos();
    }

    /** Returns other limits on the same request: the whole has begun when it began. */
    Deadline with(Timeouts others) {
        return others.equals(timeouts) ? this : new Deadline(loop, others, startNanos);
    }

    private long nowNanos() {
        return loop.time().toNanos();
    }

    /** Limits one read. */
    @Override
    public <T> T within(Coroutine<T, IOException> wait) throws IOException {
        return limited(
                timeouts.read(), wait, limit -> new ReadTimeoutException("the server was silent for " + text(limit)));
    }

    /** Limits one write. */
    @Override
    public <T> T writing(Coroutine<T, IOException> wait) throws IOException {
        return limited(
                timeouts.write(),
                wait,
                limit -> new WriteTimeoutException("the server took nothing of the request for " + text(limit)));
    }

    /** Limits a wait by what is left of the whole, and nothing else. */
    <T> T withinTotal(Coroutine<T, IOException> wait) throws IOException {
        return limited(Duration.ZERO, wait, limit -> expiredTotal());
    }

    /** Returns how much is left of the whole. */
    Duration left() {
        return totalNanos == NEVER ? LONGEST : Duration.ofNanos(Math.max(0, leftNanos()));
    }

    private long leftNanos() {
        return totalNanos == NEVER ? NEVER : totalNanos - (nowNanos() - startNanos);
    }

    /** Limits connecting, name resolution and TLS handshake included. */
    <T> T connecting(Origin origin, Coroutine<T, IOException> connect) throws IOException {
        return limited(
                timeouts.connect(),
                connect,
                limit -> new ConnectTimeoutException("no connection to " + origin + " within " + text(limit)));
    }

    /** Limits the wait for a connection that others are waiting for too, as if it was one's own. */
    void connectingWith(Origin origin, Runnable wait) throws HttpException {
        try {
            connecting(origin, () -> {
                wait.run();
                return true;
            });
        } catch (HttpException tooSlow) {
            throw tooSlow;
        } catch (IOException e) {
            throw new IllegalStateException("nothing here does I/O", e);
        }
    }

    /** Limits the wait for the pool, which counts as part of nothing else. */
    void waitingForPool(Origin origin, Runnable wait) throws PoolTimeoutException {
        long beginNanos = nowNanos();
        try {
            if (timeouts.pool().isZero()) {
                wait.run();
            } else {
                Asyncio.timeout(timeouts.pool(), wait::run);
            }
        } catch (AsyncTimeoutException expired) {
            throw new PoolTimeoutException("no connection of the pool for " + origin + " came free within "
                    + text(timeouts.pool()) + ": raise PoolOptions.total or perHost, or Timeouts.pool");
        } finally {
            startNanos += nowNanos() - beginNanos;
        }
    }

    private <T> T limited(
            Duration own, Coroutine<T, IOException> wait, Function<Duration, HttpTimeoutException> expiredOwn)
            throws IOException {
        long ownNanos = own.isZero() ? NEVER : own.toNanos();
        long leftNanos = leftNanos();
        if (leftNanos <= 0) {
            throw expiredTotal();
        }
        long limitNanos = Math.min(ownNanos, leftNanos);
        if (limitNanos == NEVER) {
            return wait.run();
        }
        try {
            return Asyncio.timeout(Duration.ofNanos(limitNanos), wait);
        } catch (AsyncTimeoutException expired) {
            throw leftNanos <= ownNanos ? expiredTotal() : expiredOwn.apply(own);
        }
    }

    private TotalTimeoutException expiredTotal() {
        return new TotalTimeoutException("the request took longer than " + text(timeouts.total()) + " in all");
    }

    /** Returns {@code "1.5 s"} for a duration of a second and a half. */
    private static String text(Duration limit) {
        double seconds = limit.toNanos() / 1e9;
        return (seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.valueOf(seconds)) + " s";
    }
}
