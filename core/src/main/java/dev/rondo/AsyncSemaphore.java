package dev.rondo;

/**
 * Lets so many coroutines at a time into a stretch of code. A counter that {@code acquire} takes from and
 * {@code release} adds to; who comes when it is zero waits. First come, first served. Stands for
 * {@code asyncio.Semaphore}.
 *
 * <pre>{@code
 * try (var _ = atMostTen.hold()) {
 *     return session.get(url).text();
 * }
 * }</pre>
 *
 * <p>What is released goes to the one that has waited longest, from that moment on: no newcomer can take it before that
 * one runs. If it was cancelled, it hands it on. {@link CapacityLimiter} also knows who has what.
 *
 * <p>Belongs to the loop on which somebody first had to wait for it, and is confined to that loop's thread from then
 * on; before that, it may be made and used anywhere.
 */
public sealed class AsyncSemaphore extends LoopBound permits AsyncBoundedSemaphore {

    private final WaitList waiters = new WaitList(this, this::wakeWhoMayGo);
    private int value; // what nobody has taken yet, with what those who have been woken are about to take

    /** Makes a semaphore with one to take. */
    public AsyncSemaphore() {
        this(1);
    }

    /**
     * Makes a semaphore.
     *
     * @param value how many may acquire it before the next has to wait
     * @throws IllegalArgumentException if {@code value} is negative
     */
    public AsyncSemaphore(int value) {
        if (value < 0) {
            throw new IllegalArgumentException("Semaphore initial value must be >= 0, and was " + value);
        }
        this.value = value;
    }

    /**
     * Takes one. Suspends while there is none, or others have come earlier; else lets nobody run in between. Who is
     * cancelled while it waits has taken none. Stands for {@code await semaphore.acquire()}.
     *
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if it had to wait outside a coroutine, or on another loop than others before it
     */
    public final void acquire() {
        checkThread();
        if (locked()) {
            waiters.await();
        }
        value--;
        wakeWhoMayGo();
    }

    /**
     * Adds one, which wakes the one that has waited longest. Whoever calls it need not have acquired it. Does not
     * suspend.
     *
     * @throws IllegalStateException on another thread than the loop's
     */
    public void release() {
        checkThread();
        value++;
        waiters.wakeFirst();
    }

    /** Takes one, as {@link #acquire}, until the result is closed. Stands for {@code async with semaphore}. */
    public final Hold hold() {
        acquire();
        return new Hold(this::release);
    }

    /** Returns whether {@link #acquire} would have to wait. */
    public final boolean locked() {
        return free() == 0 || !waiters.isEmpty();
    }

    /** Returns how many there are to take that are not meant for one that has been woken. */
    final int free() {
        return value - waiters.woken();
    }

    /** Wakes those who came while there was something free, and waited behind one that had been woken. */
    private void wakeWhoMayGo() {
        while (free() > 0 && waiters.wakeFirst()) {
            // the next
        }
    }

    @Override
    public final String toString() {
        return describe(locked() ? "locked" : "unlocked, value:" + free(), waiters);
    }
}
