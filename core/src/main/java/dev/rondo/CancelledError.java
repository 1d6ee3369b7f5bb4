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

    /** Makes an error with the message that was given to {@code cancel}, or null. */
    public CancelledError(@Nullable String message) {
        super(message);
    }
}
