package dev.rondo;

/**
 * A promise or task was asked for something that its state does not allow. Stands for
 * {@code asyncio.InvalidStateError}.
 */
public class InvalidStateException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /** Makes an exception that says what was asked and in which state. */
    public InvalidStateException(String message) {
        super(message);
    }

    InvalidStateException(String message, Throwable cause) {
        super(message, cause);
    }
}
