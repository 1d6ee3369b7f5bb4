package dev.rondo;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many tasks at a time into a stretch of code, and knows which: a semaphore whose tokens have a borrower. So a
 * task that would wait for itself gets an error, only the borrower can give a token back, and the number of tokens may
 * change while it is in use. First come, first served.
 *
 * <pre>{@code
 * try (var _ = limiter.hold()) {
 *     return session.get(url).text();
 * }
 * }</pre>
 *
 * <p>Goes beyond asyncio. Belongs to the loop on which somebody first had to wait for it, and is confined to that
 * loop's thread from then on.
 */
public final class CapacityLimiter extends LoopBound {

    private final Set<Task<?, ?>> borrowers = new HashSet<>();
    private final WaitList waiters = new WaitList(this, this::wakeWhoMayGo);
    private int totalTokens;

    /**
     * Makes a limiter.
     *
     * @param totalTokens how many tasks may have one at the same time
     * @throws IllegalArgumentException if {@code totalTokens} is less than one
     */
    public CapacityLimiter(int totalTokens) {
        this.totalTokens = atLeastOne(totalTokens);
    }

    private static int atLeastOne(int totalTokens) {
        if (totalTokens < 1) {
            throw new IllegalArgumentException("totalTokens must be > 0, and was " + totalTokens);
        }
        return totalTokens;
    }

    /**
     * Borrows a token for the calling task. Suspends while there is none, or others have come earlier; else lets nobody
     * run in between. Who is cancelled while it waits has borrowed none.
     *
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if the task has a token already; outside a task; if it had to wait on another loop
     *     than others before it
     */
    public void acquire() {
        borrow();
    }

    /**
     * Gives the calling task's token back, and wakes the one that has waited longest. Does not suspend.
     *
     * @throws IllegalStateException if the task has none, or outside a task
     */
    public void release() {
        giveBack(currentTask());
    }

    /**
     * Borrows a token for the calling task, as {@link #acquire}, until the result is closed, which another task of the
     * loop may do as well.
     */
    public Hold hold() {
        Task<?, ?> borrower = borrow();
        return new Hold(() -> giveBack(borrower));
    }

    private Task<?, ?> borrow() {
        checkThread();
        Task<?, ?> task = currentTask();
        if (borrowers.contains(task)) {
            throw new IllegalStateException(task + " has a token of " + this + " already, and would wait for itself:"
                    + " release that first, or do this part in a task of its own");
        }
        if (availableTokens() == 0) {
            waiters.await();
        }
        borrowers.add(task);
        return task;
    }

    private void giveBack(Task<?, ?> borrower) {
        checkThread();
        if (!borrowers.remove(borrower)) {
            throw new IllegalStateException(borrower + " has no token of " + this + " to give back");
        }
        wakeWhoMayGo();
    }

    private static Task<?, ?> currentTask() {
        Task<?, ?> task = EventLoop.running().currentStrand().task;
        if (task == null) {
            throw new IllegalStateException("only a task can have a token; this is a callback: start a task in it");
        }
        return task;
    }

    /**
     * Returns how many a newcomer could borrow at once. One that is meant for a task that has been woken, and is yet to
     * run, is not there any more; and after the total was lowered there may be more borrowed than that.
     */
    public int availableTokens() {
        return Math.max(0, totalTokens - borrowers.size() - waiters.woken());
    }

    /** Returns how many are borrowed. */
    public int borrowedTokens() {
        return borrowers.size();
    }

    /** Returns how many there are in all. */
    public int totalTokens() {
        return totalTokens;
    }

    /**
     * Changes how many there are in all. If there are more now, those who wait get them; if fewer, none is taken away,
     * and the next waits until enough have been given back. Does not suspend.
     *
     * @throws IllegalArgumentException if {@code totalTokens} is less than one
     * @throws IllegalStateException on another thread than the loop's
     */
    public void totalTokens(int totalTokens) {
        checkThread();
        this.totalTokens = atLeastOne(totalTokens);
        wakeWhoMayGo();
    }

    private void wakeWhoMayGo() {
        while (availableTokens() > 0 && waiters.wakeFirst()) {
            // the next
        }
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
        for (Task<?, ?> borrower : borrowers) {
            if (borrower.done()) {
                return null; // its Hold may be another's to close
            }
        }
        return borrowers.isEmpty() ? null : Task.inOrder(borrowers);
    }

    @Override
    public String toString() {
        return describe("borrowed:" + borrowers.size() + "/" + totalTokens, waiters);
    }
}
