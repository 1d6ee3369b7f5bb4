package dev.rondo.http.server;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Coroutine;
import dev.rondo.EventLoop;
import dev.rondo.http.HttpException;
import dev.rondo.http.ReadTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How slowly the body of one request may come: each byte that came is time for those to come. */
final class BodyRate {

    private final EventLoop loop;
    private final ServerOptions options;
    private long beganNanos = -1; // when it was first waited for
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
        if (options.bodyRate() == 0) {
            return read.run();
        }
        long nowNanos = loop.time().toNanos();
        if (beganNanos < 0) {
            beganNanos = nowNanos;
        }
        long earnedNanos = (long) (bytes * 1e9 / options.bodyRate());
        long leftNanos = beganNanos + options.requestTime().toNanos() + earnedNanos - nowNanos;
        try {
            return Asyncio.timeout(Duration.ofNanos(Math.max(leftNanos, 1)), read);
        } catch (AsyncTimeoutException tooSlow) {
            throw new ReadTimeoutException("the body comes more slowly than " + options.bodyRate() + " bytes a second");
        }
    }
}
