package dev.rondo.reactor;

import org.jspecify.annotations.Nullable;

/** An item that becomes ready at a deadline. Scheduled once at most. Loop thread only. */
public final class Timer {

    /** The deadline, in the reactor's nanoseconds. */
    public final long deadlineNanos;

    @Nullable Runnable item; // null once the timer has fired or was taken back: the heap may keep the rest for a while

    boolean scheduled; // in the heap, and neither fired nor taken back

    /** Makes a timer that is not yet scheduled. */
    public Timer(long deadlineNanos, Runnable item) {
        this.deadlineNanos = deadlineNanos;
        this.item = item;
    }
}
