package dev.rondo.reactor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose reads block, as a descriptor of the {@link NioDriver}. Loop thread only, but for the one read that a
 * thread of the driver is in.
 *
 * <pre>
 *   EMPTY ──a Read──▶ READING, by a thread ──bytes──▶ FULL ──taken by Reads──▶ EMPTY
 *                        │                             ▲
 *                        │ the Read is cancelled:      │ the bytes are kept for the next
 *                        ├─────────────────────────────┘
 *                        └──end, failure──▶ ENDED
 * </pre>
 */
final class StreamSource implements NioFd {

    private static final int BYTES = 64 * 1024; // what a pipe of Linux holds

    private final NioDriver driver;
    private final InputStream stream;
    private boolean open = true;
    private Op.@Nullable Read waiting;
    private boolean reading; // a thread is in the stream, and the bytes are its own
    private byte[] bytes = {};
    private int from; // of the bytes that are there
    private int to;
    private boolean atEnd;
    private @Nullable IOException failure;

    StreamSource(NioDriver driver, InputStream stream) {
        this.driver = driver;
        this.stream = stream;
    }

    @Override
    public NioDriver driver() {
        return driver;
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public boolean submit(Op.OnFd op) {
        if (!(op instanceof Op.Read read)) {
            throw cannot(op);
        }
        if (waiting != null) {
            throw new IllegalStateException("another coroutine is already reading from this stream");
        }
        read.begin();
        if (!open) {
            read.finish(new ClosedChannelException());
            return true;
        }
        if (answer(read)) {
            return true;
        }
        waiting = read;
        if (!reading) {
            readMore();
        }
        return false;
    }

    @Override
    public boolean forget(Op.OnFd op) {
        waiting = null;
        return true;
    }

    /** Ends a read with what is there; returns false if there is nothing. */
    private boolean answer(Op.Read op) {
        if (from < to) {
            int count = Math.min(to - from, op.buffer().remaining());
            try {
                op.buffer().put(bytes, from, count);
            } catch (RuntimeException e) { // it cannot be written to, or its memory is gone
                op.finish(new IOException(op + " failed: " + e, e));
                return true;
            }
            from += count;
            op.count = count;
        } else if (atEnd) {
            op.count = -1;
        } else if (failure == null) {
            return false;
        }
        op.finish(op.count != 0 ? null : failure);
        return true;
    }

    private void readMore() {
        if (bytes.length == 0) {
            bytes = new byte[BYTES];
        }
        reading = true;
        driver.workInStream(() -> {
            try {
                int count = stream.read(bytes, 0, bytes.length);
                return () -> arrived(count, null);
            } catch (Throwable e) {
                return () -> arrived(0, NioFd.asIOException("cannot read from the stream", e));
            }
        });
    }

    private void arrived(int count, @Nullable IOException failure) {
        reading = false;
        from = 0;
        to = Math.max(count, 0);
        atEnd = count < 0;
        this.failure = failure;
        Op.Read op = waiting;
        if (op == null) {
            return;
        }
        if (answer(op)) {
            waiting = null;
            driver.over(op);
        } else {
            readMore();
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            release();
            driver.closeStream(stream, reading);
        }
    }

    @Override
    public void release() {
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
    public void closeNow() {
        open = false;
        driver.closeStreamUnheard(stream);
    }

    @Override
    public String toString() {
        return "source[" + (open ? "open" : "closed") + "]";
    }
}
