package dev.rondo;

/** {@link AsyncQueue#putNowait} found no room. Stands for {@code asyncio.QueueFull}. */
public final class QueueFullException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    QueueFullException(String message) {
        super(message);
    }
}
