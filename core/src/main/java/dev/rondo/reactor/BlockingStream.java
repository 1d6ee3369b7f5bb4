package dev.rondo.reactor;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A stream of {@code java.io}, whose calls block, as a descriptor of the {@link NioDriver} that knows one operation.
 * Loop thread only, but for the one call that a thread of the driver is in.
 *
 * @param <O> the operation, of which one at a time may be in flight
 */
abstract sealed class BlockingStream<O extends Op.OnFd> implements NioFd permits StreamSource, StreamSink {

    static final int BYTES = 64 * 1024; // what a pipe of Linux holds

    final NioDriver driver;
    private final Closeable stream;
    private boolean open = true;
    private @Nullable O waiting;
    boolean busy; // a thread is in the stream, and the bytes are its own
    byte[] bytes = {};

    @Nullable IOException failure; // the last call's

    BlockingStream(NioDriver driver, Closeable stream) {
        this.driver = driver;
        this.stream = stream;
    }

    @Override
    public final NioDriver driver() {
        return driver;
    }

    // ------------------------------------------------------------------------------------------------ for the kinds

    /** Returns the operation as the one that is known here; null for any other. */
    abstract @Nullable O known(Op.OnFd op);

    /** Ends the operation, if that can be done now, and returns true; or has a thread do the next part of it. */
    abstract boolean goOn(O op);

    /** Returns what the stream is called in an error. */
    abstract String kind();

    /** Returns what who uses it is doing with it, in an error. */
    abstract String doing();

    /** Makes room for the bytes, which a stream that nobody uses does not need. */
    final void makeRoom() {
        if (bytes.length == 0) {
            bytes = new byte[BYTES];
        }
    }

    /** The thread has come back. */
    final void callEnded(@Nullable IOException failure) {
        busy = false;
        this.failure = failure;
        O op = waiting;
        if (op != null && goOn(op)) {
            waiting = null;
            driver.over(op);
        }
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    public final boolean submit(Op.OnFd op) {
        O known = known(op);
        if (known == null) {
            throw cannot(op);
        }
        if (waiting != null) {
            throw new IllegalStateException("another coroutine is already " + doing() + " this stream");
        }
        known.begin();
        if (!open) {
            known.finish(new ClosedChannelException());
            return true;
        }
        if (goOn(known)) {
            return true;
        }
        waiting = known;
        return false;
    }

    @Override
    public final boolean forget(Op.OnFd op) {
        waiting = null;
        return true;
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final void close() {
        if (open) {
            release();
            driver.closeStream(stream, busy);
        }
    }

    @Override
    public final void release() {
        if (!open) {
            return;
        }
        open = false;
        driver.gone(this);
        if (waiting != null) {
            waiting.finish(new AsynchronousCloseException());
            driver.over(waiting);
            waiting = null;
        }
    }

    @Override
    public final void closeNow() {
        open = false;
        driver.closeStreamUnheard(stream);
    }

    @Override
    public final String toString() {
        return kind() + "[" + (open ? "open" : "closed") + "]";
    }
}
