package dev.rondo.net;

/**
 * The system cannot send this file by itself, and to read and write it instead was not allowed. Stands for
 * {@code asyncio.SendfileNotAvailableError}.
 */
public final class SendfileNotAvailableException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    SendfileNotAvailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
