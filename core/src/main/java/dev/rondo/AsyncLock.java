package dev.rondo;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets one coroutine at a time into a stretch of code in which it suspends. First come, first served. Stands for
 * {@code asyncio.Lock}.
 *
 * <pre>{@code
 * try (var _ = lock.hold()) {
 *     connection.write(request);
 *     return connection.read();
 * }
 * }</pre>
 *
 * <pre>
 *   UNLOCKED ──acquire──▶ LOCKED ──release──▶ UNLOCKED, and the first that waits is woken
 * </pre>
 *
 * <p>Between {@code release} and the moment when the one that was woken runs, the lock is free, yet nobody else gets
 * it. Code that does not suspend needs no lock. Not reentrant: a task that acquires it twice waits for itself.
 *
 * <p>Belongs to the loop on which somebody first had to wait for it, and is confined to that loop's thread from then
 * on; before that, it may be made and used anywhere. Not for threads: those have
 * {@link java.util.concurrent.locks.ReentrantLock}, which coroutines may use as well.
 */
public final class AsyncLock extends LoopBound {

    private final WaitList waiters = new WaitList(this, this::wakeNext);
    private boolean locked;
    private @Nullable Task<?, ?> owner; // who has acquired it; null as well if that was no task

    /** Makes a lock that nobody holds. */
    public AsyncLock() {}

    /**
     * Takes the lock. Suspends while another has it, or has come earlier; else lets nobody run in between. Who is
     * cancelled while it waits does not have the lock. Stands for {@code await lock.acquire()}.
     *
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if it had to wait outside a coroutine, or on another loop than others before it
     */
    public void acquire() {
        checkThread();
        if (locked || !waiters.isEmpty()) {
            waiters.await();
        }
        locked = true;
        Strand strand = RunningLoops.strandHere();
        owner = strand == null ? null : strand.task;
    }

    /**
     * Gives the lock back and wakes the one that has waited longest. Any task may do so, not only the one that acquired
     * it. Does not suspend.
     *
     * @throws IllegalStateException if the lock is not acquired, or on another thread than the loop's
     */
    public void release() {
        checkThread();
        if (!locked && !isLoopClosed()) { // a loop that closes ends waits for a condition without its lock
            throw new IllegalStateException("Lock is not acquired.");
        }
        locked = false;
        owner = null;
        wakeNext();
    }

    /** Takes the lock, as {@link #acquire}, until the result is closed. Stands for {@code async with lock}. */
    public Hold hold() {
        acquire();
        return new Hold(this::release);
    }

    /** Returns whether somebody has the lock. False, too, while one that has been woken to take it is yet to run. */
    public boolean locked() {
        return locked;
    }

    /** Wakes the next in line; the one that was woken before it was cancelled and has not taken the lock. */
    private void wakeNext() {
        waiters.wakeFirst();
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
        return owner == null || owner.done() ? null : List.of(owner);
    }

    @Override
    public String toString() {
        return describe(locked ? "locked" : "unlocked", waiters);
    }
}
