package dev.rondo;

/** Every {@link Channel.Sender} of the channel is closed, and all that was sent has been received. */
public final class EndOfChannelException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    EndOfChannelException(String message) {
        super(message);
    }
}
