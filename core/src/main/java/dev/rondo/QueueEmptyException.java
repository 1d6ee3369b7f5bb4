package dev.rondo;

/** {@link AsyncQueue#getNowait} found no item. Stands for {@code asyncio.QueueEmpty}. */
public final class QueueEmptyException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    QueueEmptyException(String message) {
        super(message);
    }
}
