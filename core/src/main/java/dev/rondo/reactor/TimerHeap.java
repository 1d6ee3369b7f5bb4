package dev.rondo.reactor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Timers by deadline, equal deadlines in the order they were added. Removal takes the timer out at once, so a cancelled
 * timer holds no memory. Loop thread only.
 *
 * <p>A four-ary heap whose deadlines stand in an array of their own, beside the timers: finding the smallest child
 * reads one cache line and touches no object.
 */
final class TimerHeap {

    private long[] deadlines = new long[64];
    private @Nullable Timer[] timers = new Timer[64];
    private int size;
    private long nextSequence;

    int size() {
        return size;
    }

    /** Returns the earliest deadline; only while {@code size() > 0}. */
    long firstDeadline() {
        return deadlines[0];
    }

    void add(Timer timer) {
        if (timer.index >= 0) {
            throw new IllegalStateException("timer is already scheduled");
        }
        if (size == timers.length) {
            deadlines = Arrays.copyOf(deadlines, size * 2);
            timers = Arrays.copyOf(timers, size * 2);
        }
        timer.sequence = nextSequence++;
        siftUp(size++, timer);
    }

    /** Takes out the first timer if it is due, else returns null. */
    @Nullable Timer pollDue(long nowNanos) {
        if (size == 0 || deadlines[0] - nowNanos > 0) {
            return null;
        }
        Timer first = at(0);
        remove(first);
        return first;
    }

    /** Takes a timer out; returns false if it was not there (it has fired, or was removed before). */
    boolean remove(Timer timer) {
        int hole = timer.index;
        if (hole < 0) {
            return false;
        }
        timer.index = -1;
        Timer last = at(--size);
        timers[size] = null;
        if (last != timer) {
            if (hole > 0 && before(last, (hole - 1) >> 2)) {
                siftUp(hole, last);
            } else {
                siftDown(hole, last);
            }
        }
        return true;
    }

    void clear() {
        while (size > 0) {
            remove(at(size - 1));
        }
    }

    private void siftUp(int hole, Timer timer) {
        while (hole > 0) {
            int parent = (hole - 1) >> 2;
            if (!before(timer, parent)) {
                break;
            }
            place(hole, at(parent));
            hole = parent;
        }
        place(hole, timer);
    }

    private void siftDown(int hole, Timer timer) {
        for (int child; (child = (hole << 2) + 1) < size; ) {
            int end = Math.min(child + 4, size);
            int smallest = child;
            for (int i = child + 1; i < end; i++) {
                if (before(i, smallest)) {
                    smallest = i;
                }
            }
            if (before(timer, smallest)) {
                break;
            }
            place(hole, at(smallest));
            hole = smallest;
        }
        place(hole, timer);
    }

    private boolean before(int one, int other) {
        long difference = deadlines[one] - deadlines[other];
        return difference < 0 || (difference == 0 && at(one).sequence - at(other).sequence < 0);
    }

    private boolean before(Timer timer, int index) {
        long difference = timer.deadlineNanos - deadlines[index];
        return difference < 0 || (difference == 0 && timer.sequence - at(index).sequence < 0);
    }

    private void place(int index, Timer timer) {
        deadlines[index] = timer.deadlineNanos;
        timers[index] = timer;
        timer.index = index;
    }

    private Timer at(int index) {
        Timer timer = timers[index];
        if (timer == null) {
            throw new IllegalStateException("no timer at " + index + " of " + size);
        }
        return timer;
    }
}
