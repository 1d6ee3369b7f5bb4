package dev.rondo.reactor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose writes block, as a descriptor of the {@link NioDriver}. Loop thread only, but for the one write that a
 * thread of the driver is in.
 *
 * <pre>
 *   IDLE ──a Write: its first piece is copied──▶ WRITING, by a thread ──written──▶ the next piece, or IDLE
 *                                                   │       the Write is cancelled: its piece goes on
 *                                                   └──failure──▶ FAILED, as does every Write from then on
 * </pre>
 */
final class StreamSink implements NioFd {

    private static final int BYTES = 64 * 1024; // what a pipe of Linux holds

    private final NioDriver driver;
    private final OutputStream stream;
    private boolean open = true;
    private Op.@Nullable Write waiting;
    private boolean writing; // a thread is in the stream, and the bytes are its own
    private byte[] bytes = {};
    private @Nullable IOException failure;

    StreamSink(NioDriver driver, OutputStream stream) {
        this.driver = driver;
        this.stream = stream;
    }

    @Override
    public NioDriver driver() {
        return driver;
    }

    // ------------------------------------------------------------------------------------------------ writing

    @Override
    public boolean submit(Op.OnFd op) {
        if (!(op instanceof Op.Write write)) {
            throw cannot(op);
        }
        if (waiting != null) {
            throw new IllegalStateException("another coroutine is already writing to this stream");
        }
        write.begin();
        if (!open) {
            write.finish(new ClosedChannelException());
            return true;
        }
        if (goOn(write)) {
            return true;
        }
        waiting = write;
        return false;
    }

    @Override
    public boolean forget(Op.OnFd op) {
        waiting = null;
        return true;
    }

    /** Has the next piece written, unless one is under way; returns whether the write is over. */
    private boolean goOn(Op.Write op) {
        if (failure != null) {
            op.finish(failure);
            return true;
        }
        if (writing) {
            return false;
        }
        try {
            int count = take(op.buffers());
            if (count == 0) {
                op.finish(null);
                return true;
            }
            writePiece(count);
            return false;
        } catch (RuntimeException e) { // a buffer whose memory is gone
            op.finish(new IOException(op + " failed: " + e, e));
            return true;
        }
    }

    /** Copies a piece; the positions of the buffers move over it. */
    private int take(ByteBuffer[] buffers) {
        if (bytes.length == 0) {
            bytes = new byte[BYTES];
        }
        int count = 0;
        for (ByteBuffer buffer : buffers) {
            int some = Math.min(buffer.remaining(), bytes.length - count);
            buffer.get(bytes, count, some);
            count += some;
        }
        return count;
    }

    private void writePiece(int count) {
        writing = true;
        driver.workInStream(() -> {
            try {
                stream.write(bytes, 0, count);
                stream.flush();
                return () -> written(null);
            } catch (Throwable e) {
                return () -> written(NioFd.asIOException("cannot write to the stream", e));
            }
        });
    }

    private void written(@Nullable IOException failure) {
        writing = false;
        this.failure = failure;
        Op.Write op = waiting;
        if (op != null && goOn(op)) {
            waiting = null;
            driver.over(op);
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
            driver.closeStream(stream, writing);
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
        return "sink[" + (open ? "open" : "closed") + "]";
    }
}
