package dev.rondo;

/** {@link AsyncQueue#putNowait} found no room. Stands for {@code asyncio.QueueFull}. */
public final class QueueFullException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /** Makes an exception that says what was asked of which queue: for queues of your own. */
    public QueueFullException(String message) {
        super(message);
    }
}
