package dev.rondo.http.server;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Coroutine;
import dev.rondo.EventLoop;
import dev.rondo.http.HttpException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.h1.WaitLimit;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How slowly the body of one request may come: each byte that came is time for those to come. Only the time counts in
 * which somebody waits for the client; and what came fast buys no silence that is longer than an idle connection's.
 */
final class BodyRate {

    private final EventLoop loop;
    private final ServerOptions options;
    private long waitedNanos; // for all pieces together
    private long bytes; // that have come

    BodyRate(EventLoop loop, ServerOptions options) {
        this.loop = loop;
        this.options = options;
    }

    /** Notes a piece that has come. */
    void came(ByteBuffer piece) {
        bytes += piece.remaining();
    }

    /** Waits for the next piece, or the end. Suspends. */
    @Nullable ByteBuffer await(Coroutine<@Nullable ByteBuffer, HttpException> read) throws HttpException {
        if (options.bodyRate() == 0 || options.requestTime().isZero()) {
            return read.run();
        }
        long beganNanos = loop.time().toNanos();
        try {
            return Asyncio.timeout(left(), read);
        } catch (AsyncTimeoutException tooSlow) {
            throw new ReadTimeoutException("the body comes more slowly than " + options.bodyRate() + " bytes a second");
        } finally {
            waitedNanos += loop.time().toNanos() - beganNanos;
        }
    }

    private Duration left() {
        long graceNanos = options.requestTime().toNanos();
        double earnedNanos = bytes * 1e9 / options.bodyRate(); // more than a long holds, of a large body
        long leftNanos = (long) (graceNanos + earnedNanos - waitedNanos);
        return Duration.ofNanos(Math.clamp(leftNanos, 1, longestSilenceNanos(graceNanos)));
    }

    private long longestSilenceNanos(long graceNanos) {
        Duration idle = options.keepAlive().isZero() ? WaitLimit.LONGEST : options.keepAlive();
        return Math.max(graceNanos, idle.toNanos());
    }
}
