package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * Thrown at a suspension point of a task that was asked to cancel, so that its {@code finally} blocks run and it ends.
 * An {@code Error}, so that {@code catch (Exception e)} does not swallow it; code that catches it should throw it on.
 *
 * <p>Only the task that was itself asked sees it. Whoever awaits a task that somebody else cancelled gets a
 * {@link TaskCancelledException}. Stands for {@code asyncio.CancelledError}.
 */
public class CancelledError extends Error {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable CancelScope scope;

    /** Makes an error with the message that was given to {@code cancel}, or null. */
    public CancelledError(@Nullable String message) {
        this(message, null);
    }

    CancelledError(@Nullable String message, @Nullable CancelScope scope) {
        super(message);
        this.scope = scope;
    }

    /** Returns the scope that was cancelled, or null if it was the task. */
    public @Nullable CancelScope scope() {
        return scope;
    }
}
