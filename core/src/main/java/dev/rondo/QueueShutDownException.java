package dev.rondo;

/**
 * A queue that has been shut down, or a {@link Bridge} that is closed, takes nothing in and, once it is empty, gives
 * nothing out. Stands for {@code asyncio.QueueShutDown}.
 */
public final class QueueShutDownException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    QueueShutDownException(String message) {
        super(message);
    }
}
