package dev.rondo;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * So many places, which the members of a group take and give back, first come first served. A place that is given back
 * goes straight to whoever has waited longest, so nobody who comes later can take it. Loop thread only.
 */
final class Slots extends LoopBound {

    private final TaskGroup group;
    private final WaitList waiting = new WaitList(this, this::release);
    private int free;

    Slots(int limit, TaskGroup group) {
        this.free = limit;
        this.group = group;
    }

    static void checkLimit(String name, int limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException(name + " must be positive, and is " + limit);
        }
    }

    /** Takes a place; suspends until there is one. */
    void take() {
        if (free > 0) {
            free--;
        } else {
            waiting.await(); // woken with the place of whoever released it
        }
    }

    /** Takes a place for the calling task; it is free again once the group has dealt with how the task ended. */
    void takeUntilDone() {
        take();
        Task<?, ?> task = EventLoop.running().currentStrand().task;
        if (task != null) {
            task.whenDone(this::release);
        }
    }

    /** Gives a place back. */
    void release() {
        if (!waiting.wakeFirst()) {
            free++;
        }
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
        return group.members();
    }

    @Override
    public String toString() {
        return "a free place in " + group;
    }
}
