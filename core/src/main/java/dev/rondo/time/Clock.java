package dev.rondo.time;

import java.time.Instant;

/**
 * Where a loop reads the time: nanoseconds since an arbitrary origin, never running backwards.
 *
 * <p>{@link #system()} is the machine's monotonic clock; {@link VirtualClock} jumps over the waits of a test.
 */
public interface Clock {

    /** Returns the present in nanoseconds; only differences between two readings mean anything. */
    long nanos();

    /** Returns the time of day, which may be set and so jump either way; one that is virtual may be any. */
    default Instant instant() {
        return Instant.now();
    }

    /**
     * Asked by a loop that has nothing to do before {@code deadlineNanos}: a clock that is not tied to real time moves
     * there and returns true, so that the loop does not wait. Called on the loop's thread, and only when nothing
     * outside the loop could still happen earlier.
     */
    default boolean jumpTo(long deadlineNanos) {
        return false;
    }

    /** Returns whether this clock moves by {@link #jumpTo} alone. */
    default boolean virtual() {
        return false;
    }

    /** Returns the machine's monotonic clock. */
    static Clock system() {
        return System::nanoTime;
    }
}
