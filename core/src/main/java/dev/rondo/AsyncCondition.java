package dev.rondo;

import java.util.function.BooleanSupplier;

/**
 * A lock together with a way to wait, inside it, for what another will do inside it. Stands for
 * {@code asyncio.Condition}. Java has given away the names {@code wait} and {@code notify}, so they are called
 * {@code await} and {@code signal}, as in {@link java.util.concurrent.locks.Condition}.
 *
 * <pre>{@code
 * try (var _ = changed.hold()) {
 *     changed.waitFor(() -> !items.isEmpty());
 *     send(items.removeFirst());
 * }
 * }</pre>
 *
 * <pre>
 *   has the lock ──await──▶ waits ──signal──▶ waits for the lock ──▶ has the lock: await returns
 *                             └─────cancel──▶ waits for the lock ──▶ has the lock: CancelledError
 * </pre>
 *
 * <p>Several conditions may share one lock. Belongs to the loop on which somebody first had to wait for it, and is
 * confined to that loop's thread from then on; before that, it may be made and used anywhere.
 */
public final class AsyncCondition extends LoopBound {

    private final AsyncLock lock;
    private final WaitList waiters = new WaitList(this, this::passOn);

    /** Makes a condition with a lock of its own. */
    public AsyncCondition() {
        this(new AsyncLock());
    }

    /** Makes a condition of a lock, which it may share with others. */
    public AsyncCondition(AsyncLock lock) {
        this.lock = lock;
    }

    // ------------------------------------------------------------------------------------------------ the lock

    /** Takes the lock. See {@link AsyncLock#acquire}. */
    public void acquire() {
        lock.acquire();
    }

    /** Gives the lock back. See {@link AsyncLock#release}. */
    public void release() {
        lock.release();
    }

    /** Takes the lock until the result is closed. Stands for {@code async with condition}. */
    public Hold hold() {
        return lock.hold();
    }

    /** Returns whether somebody has the lock. */
    public boolean locked() {
        return lock.locked();
    }

    // ------------------------------------------------------------------------------------------------ waiting

    /**
     * Releases the lock, waits for a signal, and takes the lock again. May return without there being what the caller
     * waits for, so look again, in a loop; {@link #waitFor} does. Suspends. Stands for {@code await condition.wait()}.
     *
     * <p>When it ends, the caller has the lock, cancelled or not: a cancel that comes while it waits for the lock is
     * thrown after it has got it, and of several the last. A signal that a cancelled caller can make no use of goes to
     * the next. Only a loop that is closed meanwhile ends the wait without the lock.
     *
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if the lock is not acquired; outside a coroutine; on another loop than others
     *     before it
     */
    public void await() {
        ensureAcquired("wait");
        EventLoop loop = EventLoop.running().currentStrand().loop;
        bind(loop); // what can fail does before the lock is let go
        lock.bind(loop);
        lock.release();
        boolean signalled = false;
        try {
            try {
                waiters.await();
                signalled = true;
            } finally {
                acquireAgain();
            }
        } catch (Throwable e) {
            if (signalled) {
                passOn();
            }
            throw e;
        }
    }

    /**
     * Takes the lock in spite of cancels; throws the last of them when it has it. Not on a loop that is closed: whoever
     * has the lock might never give it back.
     */
    private void acquireAgain() {
        CancelledError last = null;
        for (boolean acquired = false; !acquired && !isLoopClosed(); ) {
            try {
                CancelScope.holdOff(lock::acquire);
                acquired = true;
            } catch (CancelledError e) {
                last = e;
            }
        }
        if (last != null) {
            throw last;
        }
    }

    /**
     * Waits until {@code predicate} is true; does not suspend if it is. The predicate is called with the lock taken.
     * Leaves the lock as {@link #await} does. Stands for {@code await condition.wait_for(predicate)}.
     *
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if it has to wait and the lock is not acquired
     */
    public void waitFor(BooleanSupplier predicate) {
        while (!predicate.getAsBoolean()) {
            await();
        }
    }

    // ------------------------------------------------------------------------------------------------ signalling

    /** Wakes the one that has waited longest, if any does. Stands for {@code condition.notify()}. */
    public void signal() {
        signal(1);
    }

    /**
     * Wakes those that have waited longest, {@code count} at most. They go on once they get the lock, which the caller
     * has to release. Does not suspend. Stands for {@code condition.notify(n)}.
     *
     * @throws IllegalStateException if the lock is not acquired, or on another thread than the loop's
     */
    public void signal(int count) {
        ensureAcquired("notify");
        for (int woken = 0; woken < count && waiters.wakeFirst(); woken++) {
            // the next
        }
    }

    /** Wakes all that wait. Otherwise as {@link #signal(int)}. Stands for {@code condition.notify_all()}. */
    public void signalAll() {
        ensureAcquired("notify");
        waiters.wakeAll();
    }

    /** One that had the signal leaves without having looked: the next one gets it. */
    private void passOn() {
        waiters.wakeFirst();
    }

    private void ensureAcquired(String what) {
        checkThread();
        if (!lock.locked()) {
            throw new IllegalStateException(
                    "cannot " + what + " on un-acquired lock: do it inside" + " try (var _ = condition.hold()) { … }");
        }
    }

    @Override
    public String toString() {
        return describe(locked() ? "locked" : "unlocked", waiters);
    }
}
