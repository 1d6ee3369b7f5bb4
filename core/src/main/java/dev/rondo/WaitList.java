package dev.rondo;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Strands that wait for one thing, first come, first served: the one list that locks, queues and all their like are
 * built on.
 *
 * <pre>
 *   await() ──▶ waiting ──wakeFirst()──▶ woken ──runs──▶ await() returns
 *                  │                        └──cancelled before it runs──▶ wokenInVain, CancelledError
 *                  └──cancelled──▶ CancelledError
 * </pre>
 *
 * <p>Being woken is a hint that it is worth looking again, and carries nothing: whoever is woken and cannot look passes
 * the hint on. A strand stands in one list at most, so the links are fields of the strand and waiting allocates
 * nothing. Loop thread only.
 */
final class WaitList extends Wait {

    private final LoopBound owner;
    private final Runnable wokenInVain;
    private @Nullable Strand first;
    private @Nullable Strand last;
    private int waiting;
    private int woken; // taken off the list, and yet to run

    /**
     * Makes an empty list.
     *
     * @param owner what is waited for
     * @param wokenInVain called in a strand that has been woken and leaves with a {@link CancelledError} all the same
     */
    WaitList(LoopBound owner, Runnable wokenInVain) {
        this.owner = owner;
        this.wokenInVain = wokenInVain;
    }

    /**
     * Suspends the caller until it is woken.
     *
     * @throws CancelledError if its task was asked to cancel; it has left the list then
     */
    void await() {
        Strand strand = RunningLoops.strandHere();
        if (strand == null) {
            throw EventLoop.notInCoroutine("Waiting for " + owner);
        }
        owner.bind(strand.loop);
        add(strand);
        if (strand.park(this)) {
            throw strand.throwAborted();
        }
        woken--;
        try {
            strand.throwIfCancelled();
        } catch (CancelledError e) {
            wokenInVain.run();
            throw e;
        }
    }

    /** Wakes the one that has waited longest; returns false if none waits. */
    boolean wakeFirst() {
        owner.checkThread();
        Strand strand = first;
        if (strand == null) {
            return false;
        }
        remove(strand);
        woken++;
        strand.wakeUp();
        return true;
    }

    /** Wakes all that wait now. */
    void wakeAll() {
        while (wakeFirst()) {
            // the next
        }
    }

    /** Returns whether nobody waits, nor has been woken and is yet to run. */
    boolean isEmpty() {
        return waiting == 0 && woken == 0;
    }

    /** Returns how many wait and have not been woken. */
    int waiting() {
        return waiting;
    }

    /** Returns how many have been woken and are yet to run. */
    int woken() {
        return woken;
    }

    private void add(Strand strand) {
        strand.previousInList = last;
        if (last == null) {
            first = strand;
        } else {
            last.nextInList = strand;
        }
        last = strand;
        waiting++;
    }

    private void remove(Strand strand) {
        Strand previous = strand.previousInList;
        Strand next = strand.nextInList;
        if (previous == null) {
            first = next;
        } else {
            previous.nextInList = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previousInList = previous;
        }
        strand.previousInList = null;
        strand.nextInList = null;
        waiting--;
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        remove(strand);
        strand.wakeUp();
        return true;
    }

    @Override
    void abandon(Strand strand) {
        if (strand == first || strand.previousInList != null) { // else it has left already
            remove(strand);
        }
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers() {
        return owner.wakers(this);
    }

    @Override
    public String toString() {
        return owner.toString();
    }
}
