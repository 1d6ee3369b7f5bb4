package dev.rondo.reactor;

/** An item that becomes ready at a deadline. Loop thread only. */
public class Timer {

    /** The deadline, in the reactor's nanoseconds. */
    public final long deadlineNanos;

    final Runnable item;
    long sequence; // order among equal deadlines, given by the heap
    int index = -1; // where it stands in the heap, -1 outside

    /** Makes a timer that is not yet scheduled. */
    public Timer(long deadlineNanos, Runnable item) {
        this.deadlineNanos = deadlineNanos;
        this.item = item;
    }
}
