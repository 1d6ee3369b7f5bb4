package dev.rondo.http.h2;

import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/** Coroutines that wait for the same condition: woken one at a time, in the order they came. Loop thread only. */
public final class Turns {

    private final EventLoop loop;
    private final BooleanSupplier condition;
    private final Deque<Promise<Boolean, RuntimeException>> waiting = new ArrayDeque<>();

    /** Makes the line; {@code condition} says whether there is something to be had. */
    public Turns(EventLoop loop, BooleanSupplier condition) {
        this.loop = loop;
        this.condition = condition;
    }

    /**
     * Suspends until it is the caller's turn, if the condition does not hold or others wait already. The caller looks
     * again at what it waits for, and calls {@link #passOn} when it has taken what it wants.
     */
    public void await() {
        if (waiting.isEmpty() && condition.getAsBoolean()) {
            return;
        }
        Promise<Boolean, RuntimeException> turn = loop.createFuture();
        waiting.add(turn);
        try {
            turn.await();
        } catch (CancelledError e) {
            waiting.remove(turn);
            passOn(); // the turn may have come at the same moment
            throw e;
        }
    }

    /** Wakes the next one if the condition holds. */
    public void passOn() {
        while (condition.getAsBoolean()) {
            Promise<Boolean, RuntimeException> next = waiting.poll();
            if (next == null) {
                return;
            }
            if (!next.done()) {
                next.setResult(true);
                return;
            }
        }
    }

    /** Wakes all, who find that there is nothing to wait for any more. */
    public void wakeAll() {
        for (Promise<Boolean, RuntimeException> next; (next = waiting.poll()) != null; ) {
            if (!next.done()) {
                next.setResult(true);
            }
        }
    }

    /** Returns how many wait. */
    public int size() {
        return waiting.size();
    }
}
