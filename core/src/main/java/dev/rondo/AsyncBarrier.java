package dev.rondo;

import java.util.BitSet;
import java.util.Locale;

/**
 * A point at which coroutines wait for each other: when so many have come, all go on. Then it can be used again. Stands
 * for {@code asyncio.Barrier}.
 *
 * <pre>
 *   FILLING ──the last has come──▶ DRAINING ──all have left──▶ FILLING
 *      │                              │
 *      └────────────reset─────────────┴──▶ RESETTING ──all have left──▶ FILLING
 *   any ──abort──▶ BROKEN ──reset──▶ RESETTING, or FILLING if nobody is inside
 * </pre>
 *
 * <p>Who comes while it drains or is reset waits outside until all have left.
 *
 * <p>Belongs to the loop on which somebody first had to wait for it, and is confined to that loop's thread from then
 * on; before that, it may be made and used anywhere.
 */
public final class AsyncBarrier extends LoopBound {

    private enum State {
        FILLING,
        DRAINING,
        RESETTING,
        BROKEN
    }

    private final int parties;
    private final BitSet inside; // the indices of those who have come and not left
    private final WaitList filling = new WaitList(this, () -> {}); // inside; all are woken when the state changes
    private final WaitList outside = new WaitList(this, () -> {});
    private State state = State.FILLING;

    /**
     * Makes a barrier.
     *
     * @param parties how many wait for each other
     * @throws IllegalArgumentException if {@code parties} is less than one
     */
    public AsyncBarrier(int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException("parties must be > 0, and was " + parties);
        }
        this.parties = parties;
        this.inside = new BitSet(parties);
    }

    /**
     * Waits for the others. Suspends, unless the caller is the last: that one goes on at once. Who is cancelled leaves,
     * and the others wait for one more to come; the barrier is not broken. Stands for {@code await barrier.wait()} and,
     * since nothing happens at the end of that, for {@code async with barrier}.
     *
     * @return a number from zero to {@code parties - 1}, to each of them another
     * @throws BrokenBarrierException if it is broken, or is reset or aborted while the caller waits
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if it had to wait outside a coroutine, or on another loop than others before it
     */
    public int await() {
        checkThread();
        while (state == State.DRAINING || state == State.RESETTING) {
            outside.await();
        }
        if (state == State.BROKEN) {
            throw new BrokenBarrierException("Barrier aborted: reset() makes it usable again");
        }
        int index = inside.nextClearBit(0);
        inside.set(index);
        try {
            if (inside.cardinality() == parties) {
                state = State.DRAINING;
                filling.wakeAll();
            } else {
                filling.await();
                if (state != State.DRAINING) {
                    throw new BrokenBarrierException("Abort or reset of barrier");
                }
            }
            return index;
        } finally {
            leave(index);
        }
    }

    private void leave(int index) {
        inside.clear(index);
        if (inside.isEmpty()) {
            if (state != State.BROKEN) {
                state = State.FILLING;
            }
            outside.wakeAll();
        }
    }

    /**
     * Makes the barrier as new. Who waits at it gets a {@link BrokenBarrierException}; who comes before those have left
     * waits for that. Does not suspend. Stands for {@code await barrier.reset()}.
     */
    public void reset() {
        checkThread();
        changeTo(inside.isEmpty() ? State.FILLING : State.RESETTING);
    }

    /**
     * Breaks the barrier. Who waits at it, or comes before it is {@link #reset}, gets a {@link BrokenBarrierException}.
     * Does not suspend. Stands for {@code await barrier.abort()}.
     */
    public void abort() {
        checkThread();
        changeTo(State.BROKEN);
    }

    private void changeTo(State state) {
        this.state = state;
        filling.wakeAll();
        outside.wakeAll();
    }

    /** Returns how many wait for each other. */
    public int parties() {
        return parties;
    }

    /**
     * Returns how many have come and wait for the others; zero while it is not filling. Stands for {@code n_waiting}.
     */
    public int nWaiting() {
        return state == State.FILLING ? inside.cardinality() : 0;
    }

    /** Returns whether it was aborted, and not reset since. */
    public boolean broken() {
        return state == State.BROKEN;
    }

    @Override
    public String toString() {
        String waiters = broken() ? "" : ", waiters:" + nWaiting() + "/" + parties;
        return "<AsyncBarrier [" + state.name().toLowerCase(Locale.ROOT) + waiters + "]>";
    }
}
