package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a transport is given: at once as far as the driver takes it, the rest in batches, one after the other. As
 * long as anything waits, {@link #next} is sure to come, and so a paused protocol is resumed. Loop thread only.
 *
 * <pre>
 *   IDLE ──write()──▶ SENDING ──done: a callback──▶ the next batch, or IDLE and flushed()
 *                        │
 *                        └──── failure, stop() ────▶ STOPPED: what comes now is dropped
 * </pre>
 *
 * <p>The socket can be {@linkplain #lend lent} to somebody who sends past this, once all is sent; then nothing must be
 * written, and this is not idle.
 */
final class WriteLoop {

    /** What a transport is told. Both may end in {@link #stop}. */
    interface Owner {

        /** Called when the last byte of those that had to wait is sent. */
        void flushed();

        /** Called when a write has failed: nothing more will be sent. */
        void writeFailed(IOException failure);
    }

    private static final int BATCHES_PER_TURN = 16; // a peer may read as fast as we write, and others want their turn

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final EventLoop loop;
    private final Context context;
    private final WriteBuffer buffer;
    private final Owner owner;
    private final Op.Write op;
    private final ByteBuffer[] single = {NOTHING}; // so that a message that goes out at once costs nothing
    private final Runnable next = this::next;
    private boolean sending; // the driver has the operation, or next() is queued
    private boolean stopped;
    private boolean lent; // or waited for, to be lent
    private @Nullable Promise<@Nullable Void, IOException> empty; // for whom it is lent to, while anything waits

    WriteLoop(EventLoop loop, Context context, Fd fd, WriteBuffer buffer, Owner owner) {
        this.loop = loop;
        this.context = context;
        this.buffer = buffer;
        this.owner = owner;
        this.op = new Op.Write(fd);
        op.onDone(this::done);
    }

    /** Sends a buffer, which is this loop's from now on. The protocol may be asked to pause meanwhile. */
    void write(ByteBuffer data) {
        if (stopped) {
            return;
        }
        if (!sending && buffer.isEmpty() && data.remaining() <= WriteBuffer.BYTES_PER_BATCH) {
            single[0] = data;
            buffer.takePast(data.remaining());
            submit(single);
        } else {
            buffer.add(data);
            sendBatches();
        }
        buffer.pauseIfFull();
    }

    /** Sends buffers in one go. */
    void writeAll(List<ByteBuffer> data) {
        if (!stopped) {
            data.forEach(buffer::add);
            sendBatches();
            buffer.pauseIfFull();
        }
    }

    /** Returns whether all is sent. */
    boolean isIdle() {
        return isEmpty() && !lent;
    }

    private boolean isEmpty() {
        return !sending && buffer.isEmpty();
    }

    /** Drops what is not sent. What the driver has in hand ends with its descriptor. */
    void stop() {
        stopped = true;
        buffer.clear();
        if (empty != null && !empty.done()) {
            empty.setException(lost());
            empty.exception(); // if nobody waits any more, it is no news
        }
    }

    private static IOException lost() {
        return new SocketException("the connection was closed before the file was sent");
    }

    // ------------------------------------------------------------------------------------------------ lending

    /** Returns whether the socket is lent, or about to be. */
    boolean isLent() {
        return lent;
    }

    /** Waits until all is sent; then the socket is the caller's to send, until {@link #takeBack}. Suspends. */
    void lend() throws IOException {
        if (stopped) {
            throw lost();
        }
        lent = true;
        boolean complete = false;
        try {
            if (!isEmpty()) {
                empty = loop.createFuture();
                empty.await();
            }
            if (stopped) {
                throw lost(); // before the caller's turn came
            }
            complete = true;
        } finally {
            empty = null;
            if (!complete) {
                takeBack();
            }
        }
    }

    /** Ends the lending; the owner is told that all is sent. */
    void takeBack() {
        lent = false;
        if (!stopped && isEmpty()) {
            owner.flushed();
        }
    }

    // ------------------------------------------------------------------------------------------------ sending

    private void sendBatches() {
        for (int batches = 0; !sending && !buffer.isEmpty(); batches++) {
            if (batches == BATCHES_PER_TURN) {
                sending = true;
                loop.callSoon(next, context);
            } else {
                submit(buffer.take());
            }
        }
    }

    private void submit(ByteBuffer[] batch) {
        sending = true;
        loop.driver().submit(op.from(batch));
        if (op.isDone()) {
            over();
        }
    }

    /** On the bare loop thread, where no protocol must be called. */
    private void done() {
        if (!stopped) {
            loop.callSoon(next, context);
        }
    }

    private void next() {
        if (stopped) {
            return;
        }
        over();
        if (stopped) {
            return; // it has failed: nobody goes on
        }
        sendBatches();
        try {
            buffer.resumeIfDrained(); // which may write, and may close
        } finally {
            if (!stopped && isEmpty()) {
                emptied(); // also after what leaves the loop, which may run again
            }
        }
    }

    private void emptied() {
        if (!lent) {
            owner.flushed();
        } else if (empty != null && !empty.done()) {
            empty.setResult(null);
        }
    }

    private void over() {
        sending = false;
        single[0] = NOTHING;
        if (op.failure() != null) {
            owner.writeFailed(op.failure());
        } else {
            buffer.sent();
        }
    }
}
