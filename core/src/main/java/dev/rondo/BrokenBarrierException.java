package dev.rondo;

/**
 * An {@link AsyncBarrier} was reset or aborted while the caller waited at it, or is broken. Stands for
 * {@code asyncio.BrokenBarrierError}.
 */
public class BrokenBarrierException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /** Makes an exception that says what has happened to the barrier. */
    public BrokenBarrierException(String message) {
        super(message);
    }
}
