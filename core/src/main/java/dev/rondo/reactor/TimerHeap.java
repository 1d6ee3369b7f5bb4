package dev.rondo.reactor;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Timers by deadline, equal deadlines in the order they were added. Loop thread only.
 *
 * <p>A four-ary heap whose keys stand in arrays of their own, beside the timers: moving through it touches no object,
 * so that it stays fast with a million timers, each somewhere else in memory. Therefore no timer knows where it stands,
 * and one that is taken back leaves an empty place, which goes when it comes to the top, or when half of the places are
 * empty.
 */
final class TimerHeap {

    /** So many empty places are not worth a sweep. */
    private static final int FEW = 64;

    private long[] deadlines = new long[64];
    private long[] sequences = new long[64]; // order among equal deadlines
    private @Nullable Timer[] timers = new Timer[64];
    private int places; // taken, empty ones included
    private int empty; // places whose timer was taken back
    private long nextSequence;
    private long lastPolledDeadline;

    /** Returns how many timers are scheduled. */
    int size() {
        return places - empty;
    }

    int places() {
        return places;
    }

    /** Returns the earliest deadline; only while {@code size() > 0}. */
    long firstDeadline() {
        dropEmptyTop();
        return deadlines[0];
    }

    void add(Timer timer) {
        if (timer.scheduled || timer.item == null) {
            throw new IllegalStateException("a timer is scheduled once: this one is, or has been");
        }
        if (places == timers.length) {
            deadlines = Arrays.copyOf(deadlines, places * 2);
            sequences = Arrays.copyOf(sequences, places * 2);
            timers = Arrays.copyOf(timers, places * 2);
        }
        timer.scheduled = true;
        siftUp(places++, timer.deadlineNanos, nextSequence++, timer);
    }

    /** Takes out the first timer if it is due and returns its item, else null. */
    @Nullable Runnable pollDue(long nowNanos) {
        dropEmptyTop();
        if (places == 0 || deadlines[0] - nowNanos > 0) {
            return null;
        }
        Timer first = at(0);
        lastPolledDeadline = deadlines[0];
        removeTop();
        return retire(first);
    }

    /** Returns the deadline of the timer that was taken out last because it was due. */
    long lastPolledDeadline() {
        return lastPolledDeadline;
    }

    /** Takes a timer back; returns false if it was not there (it has fired, or was taken back before). */
    boolean remove(Timer timer) {
        if (!timer.scheduled) {
            return false;
        }
        retire(timer);
        if (at(places - 1) == timer) {
            timers[--places] = null; // the newest, as with most timeouts
        } else if (++empty > FEW && empty > places / 2) {
            sweep();
        }
        return true;
    }

    /** Returns the items of all timers, in the order in which they will be due. */
    List<Runnable> items() {
        if (size() == 0) {
            return List.of();
        }
        List<Integer> taken = new ArrayList<>(size());
        for (int i = 0; i < places; i++) {
            if (at(i).scheduled) {
                taken.add(i);
            }
        }
        taken.sort((a, b) -> before(deadlines[a], sequences[a], b) ? -1 : 1);
        List<Runnable> items = new ArrayList<>(taken.size());
        for (int i : taken) {
            items.add(requireNonNull(at(i).item));
        }
        return items;
    }

    void clear() {
        for (int i = 0; i < places; i++) {
            retire(at(i));
        }
        Arrays.fill(timers, 0, places, null);
        places = 0;
        empty = 0;
    }

    private static @Nullable Runnable retire(Timer timer) {
        Runnable item = timer.item;
        timer.item = null;
        timer.scheduled = false;
        return item;
    }

    private void dropEmptyTop() {
        while (empty > 0 && !at(0).scheduled) {
            removeTop();
            empty--;
        }
    }

    private void removeTop() {
        int last = --places;
        Timer timer = at(last);
        timers[last] = null;
        if (last > 0) {
            siftDown(0, deadlines[last], sequences[last], timer);
        }
    }

    /** Closes up the empty places, and makes a heap of what is left. */
    private void sweep() {
        int kept = 0;
        for (int i = 0; i < places; i++) {
            Timer timer = at(i);
            if (timer.scheduled) {
                place(kept++, deadlines[i], sequences[i], timer);
            }
        }
        Arrays.fill(timers, kept, places, null);
        places = kept;
        empty = 0;
        for (int i = (kept - 2) >> 2; i >= 0; i--) {
            siftDown(i, deadlines[i], sequences[i], at(i));
        }
    }

    private void siftUp(int hole, long deadline, long sequence, Timer timer) {
        while (hole > 0) {
            int parent = (hole - 1) >> 2;
            if (!before(deadline, sequence, parent)) {
                break;
            }
            place(hole, deadlines[parent], sequences[parent], at(parent));
            hole = parent;
        }
        place(hole, deadline, sequence, timer);
    }

    private void siftDown(int hole, long deadline, long sequence, Timer timer) {
        for (int child; (child = (hole << 2) + 1) < places; ) {
            int end = Math.min(child + 4, places);
            int smallest = child;
            for (int i = child + 1; i < end; i++) {
                if (before(deadlines[i], sequences[i], smallest)) {
                    smallest = i;
                }
            }
            if (before(deadline, sequence, smallest)) {
                break;
            }
            place(hole, deadlines[smallest], sequences[smallest], at(smallest));
            hole = smallest;
        }
        place(hole, deadline, sequence, timer);
    }

    /** Clocks may wrap around: only the difference of deadlines means anything. */
    private boolean before(long deadline, long sequence, int index) {
        long difference = deadline - deadlines[index];
        return difference < 0 || (difference == 0 && sequence < sequences[index]);
    }

    private void place(int index, long deadline, long sequence, Timer timer) {
        deadlines[index] = deadline;
        sequences[index] = sequence;
        timers[index] = timer;
    }

    private Timer at(int index) {
        Timer timer = timers[index];
        if (timer == null) {
            throw new IllegalStateException("no timer at " + index + " of " + places);
        }
        return timer;
    }
}
