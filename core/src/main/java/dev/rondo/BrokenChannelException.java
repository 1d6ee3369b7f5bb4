package dev.rondo;

/** Every {@link Channel.Receiver} of the channel is closed: nobody will ever receive what is sent. */
public final class BrokenChannelException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    BrokenChannelException(String message) {
        super(message);
    }
}
