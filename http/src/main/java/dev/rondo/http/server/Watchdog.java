package dev.rondo.http.server;

import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends waits of a connection that take too long, one at a time. A server waits twice for each request, and hardly ever
 * for long: so there is one timer, which stays where it is while the waits under it come and go.
 */
final class Watchdog implements AutoCloseable {

    private static final long NEVER = Long.MAX_VALUE;

    private final EventLoop loop;
    private final Runnable bark;
    private long deadlineNanos = NEVER; // of the present wait
    private long timerNanos = NEVER; // when the timer goes off; not after the deadline
    private @Nullable TimerHandle timer;

    /** Makes it; {@code bark} is called in the loop, and must not suspend. */
    Watchdog(EventLoop loop, Runnable bark) {
        this.loop = loop;
        this.bark = bark;
    }

    /** Begins a wait; zero is no limit. */
    void begin(Duration limit) {
        if (limit.isZero()) {
            return;
        }
        deadlineNanos = loop.time().toNanos() + limit.toNanos();
        if (deadlineNanos < timerNanos) {
            arm();
        }
    }

    /** Ends the wait. */
    void end() {
        deadlineNanos = NEVER;
    }

    private void arm() {
        close();
        timerNanos = deadlineNanos;
        Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - loop.time().toNanos()));
        timer = loop.callLater(left, this::look);
    }

    private void look() {
        timer = null;
        timerNanos = NEVER;
        if (deadlineNanos == NEVER) {
            return; // nothing is waited for: the next wait arms it
        }
        if (loop.time().toNanos() >= deadlineNanos) {
            deadlineNanos = NEVER;
            bark.run();
        } else {
            arm();
        }
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        timerNanos = NEVER;
    }
}
