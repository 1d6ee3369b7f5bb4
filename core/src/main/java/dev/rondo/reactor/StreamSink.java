package dev.rondo.reactor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose writes block, as a descriptor of the {@link NioDriver}. Loop thread only, but for the one write that a
 * thread of the driver is in.
 *
 * <pre>
 *   IDLE ──a Write: its first piece is copied──▶ busy: WRITING, by a thread ──written──▶ the next piece, or IDLE
 *                                                   │       the Write is cancelled: its piece goes on
 *                                                   └──failure──▶ FAILED, as does every Write from then on
 * </pre>
 */
final class StreamSink extends BlockingStream<Op.Write> {

    private final OutputStream stream;

    StreamSink(NioDriver driver, OutputStream stream) {
        super(driver, stream);
        this.stream = stream;
    }

    @Override
    Op.@Nullable Write known(Op.OnFd op) {
        return op instanceof Op.Write write ? write : null;
    }

    /** Has the next piece written, unless one is under way; returns whether the write is over. */
    @Override
    boolean goOn(Op.Write op) {
        if (failure != null) {
            op.finish(failure);
            return true;
        }
        if (busy) {
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
        makeRoom();
        int count = 0;
        for (ByteBuffer buffer : buffers) {
            int some = Math.min(buffer.remaining(), bytes.length - count);
            buffer.get(bytes, count, some);
            count += some;
        }
        return count;
    }

    private void writePiece(int count) {
        busy = true;
        driver.workInStream(() -> {
            try {
                stream.write(bytes, 0, count);
                stream.flush();
                return () -> callEnded(null);
            } catch (Throwable e) {
                return () -> callEnded(NioFd.asIOException("cannot write to the stream", e));
            }
        });
    }

    @Override
    String kind() {
        return "sink";
    }

    @Override
    String doing() {
        return "writing to";
    }
}
