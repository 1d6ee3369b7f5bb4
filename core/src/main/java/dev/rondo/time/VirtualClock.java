package dev.rondo.time;

import java.time.Duration;
import java.time.Instant;

/**
 * A clock that stands still while code runs and jumps to the next timer when its loop has nothing else to do, so that a
 * test which sleeps five hours takes no time.
 *
 * <p>It jumps only when every coroutine waits for something of the loop's own: while a pool thread works, a real socket
 * is waited for, a future of {@code java.util.concurrent} is awaited, or a coroutine is parked in foreign blocking
 * code, it stands still and the loop waits for that. A future that another coroutine completes after a sleep would
 * therefore never be: use a {@code Promise}.
 *
 * <p>Belongs to one loop; not safe for use by several threads.
 */
public final class VirtualClock implements Clock {

    private static final Instant ORIGIN = Instant.parse("2000-01-01T00:00:00Z");

    private long nanos;

    /** Makes a clock that shows zero. */
    public VirtualClock() {}

    @Override
    public long nanos() {
        return nanos;
    }

    /** Returns the time of day: the year 2000 begins when this clock is made. */
    @Override
    public Instant instant() {
        return ORIGIN.plusNanos(nanos);
    }

    @Override
    public boolean jumpTo(long deadlineNanos) {
        if (deadlineNanos > nanos) {
            nanos = deadlineNanos;
        }
        return true;
    }

    @Override
    public boolean virtual() {
        return true;
    }

    /** Returns how much virtual time has passed since this clock was made. */
    public Duration elapsed() {
        return Duration.ofNanos(nanos);
    }

    @Override
    public String toString() {
        return "VirtualClock[" + elapsed() + "]";
    }
}
