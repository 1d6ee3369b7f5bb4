package dev.rondo;

/** {@link AsyncQueue#getNowait} found no item. Stands for {@code asyncio.QueueEmpty}. */
public final class QueueEmptyException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /** Makes an exception that says what was asked of which queue: for queues of your own. */
    public QueueEmptyException(String message) {
        super(message);
    }
}
