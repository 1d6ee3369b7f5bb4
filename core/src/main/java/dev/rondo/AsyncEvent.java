package dev.rondo;

/**
 * A flag that coroutines can wait for. Stands for {@code asyncio.Event}.
 *
 * <p>Belongs to the loop on which somebody first had to wait for it, and is confined to that loop's thread from then
 * on; before that, it may be made and used anywhere.
 */
public final class AsyncEvent extends LoopBound {

    private final WaitList waiters = new WaitList(this, () -> {}); // all are woken at once: none need pass it on
    private boolean set;

    /** Makes an event that is not set. */
    public AsyncEvent() {}

    /**
     * Returns once the event is set. Suspends unless it is. Who was waiting when it was set goes on, even if it has
     * been cleared since. Stands for {@code await event.wait()}.
     *
     * @throws CancelledError if the calling task was asked to cancel while it waited
     * @throws IllegalStateException if it had to wait outside a coroutine, or on another loop than others before it
     */
    public void await() {
        checkThread();
        if (!set) {
            waiters.await();
        }
    }

    /**
     * Sets the flag and wakes all that wait, in the order in which they came. Does nothing if it is set: nobody waits
     * then. Does not suspend.
     *
     * @throws IllegalStateException on another thread than the loop's: use {@code loop.callSoonThreadsafe(event::set)}
     */
    public void set() {
        checkThread();
        set = true;
        waiters.wakeAll();
    }

    /** Takes the flag back, so that {@link #await} waits again. Does not suspend. */
    public void clear() {
        checkThread();
        set = false;
    }

    /** Returns whether the flag is set. Stands for {@code event.is_set()}. */
    public boolean isSet() {
        return set;
    }

    @Override
    public String toString() {
        return describe(set ? "set" : "unset", waiters);
    }
}
