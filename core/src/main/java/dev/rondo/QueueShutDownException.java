package dev.rondo;

/**
 * A queue that has been shut down, or a {@link Bridge} that is closed, takes nothing in and, once it is empty, gives
 * nothing out. Stands for {@code asyncio.QueueShutDown}.
 */
public final class QueueShutDownException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /** Makes an exception that says what was asked of which queue: for queues of your own. */
    public QueueShutDownException(String message) {
        super(message);
    }
}
