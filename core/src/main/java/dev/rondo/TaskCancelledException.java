package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * What was awaited has been cancelled, and not by cancelling the one who awaits. Where asyncio throws CancelledError
 * for both, Rondo tells them apart: this is an ordinary failure of the thing awaited.
 */
public class TaskCancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Awaitable<?, ?> awaitable;

    TaskCancelledException(Awaitable<?, ?> awaitable, @Nullable String message) {
        super(awaitable.label() + " was cancelled" + (message == null ? "" : ": " + message));
        this.awaitable = awaitable;
    }

    /** Returns the task or promise that was cancelled. */
    public Awaitable<?, ?> awaitable() {
        return awaitable;
    }
}
