package dev.rondo;

/**
 * What becomes of work in another thread when the coroutine that waits for it is cancelled. Work that has not begun is
 * taken back either way.
 */
public enum OnCancel {
    /** The coroutine goes on at once, and the thread as well: what it returns or throws is dropped. As asyncio does. */
    ABANDON,

    /**
     * The thread is interrupted, and the coroutine goes on when the work has ended: nothing of it is left. Work that
     * heeds no interrupt is waited for.
     */
    INTERRUPT
}
