package dev.rondo.reactor;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose reads block, as a descriptor of the {@link NioDriver}. Loop thread only, but for the one read that a
 * thread of the driver is in.
 *
 * <pre>
 *   EMPTY ──a Read──▶ busy: READING, by a thread ──bytes──▶ FULL ──taken by Reads──▶ EMPTY
 *                        │                                   ▲
 *                        │ the Read is cancelled:            │ the bytes are kept for the next
 *                        ├───────────────────────────────────┘
 *                        └──end, failure──▶ ENDED
 * </pre>
 */
final class StreamSource extends BlockingStream<Op.Read> {

    private final InputStream stream;
    private int from; // of the bytes that are there
    private int to;
    private boolean atEnd;

    StreamSource(NioDriver driver, InputStream stream) {
        super(driver, stream);
        this.stream = stream;
    }

    @Override
    Op.@Nullable Read known(Op.OnFd op) {
        return op instanceof Op.Read read ? read : null;
    }

    @Override
    boolean goOn(Op.Read op) {
        if (answer(op)) {
            return true;
        }
        if (!busy) {
            readMore();
        }
        return false;
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
        makeRoom();
        busy = true;
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
        from = 0;
        to = Math.max(count, 0);
        atEnd = count < 0;
        callEnded(failure);
    }

    @Override
    String kind() {
        return "source";
    }

    @Override
    String doing() {
        return "reading from";
    }
}
