package dev.rondo.codings;

import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.encoding.ContentDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Undoes br in Java, several times slower. That library pulls its input, 4 KiB at a time, and cannot be told to come
 * back later; so it has a virtual thread of its own, and one of the two always waits for the other:
 *
 * <pre>
 *   IDLE ──▶ WORKING ──▶ NEEDS_INPUT ──▶ WORKING …
 *               ├──────▶ HAS_OUTPUT ───▶ WORKING …
 *               └──────▶ DONE, FAILED
 *   from any state to CLOSED
 * </pre>
 *
 * <p>A coroutine that decodes suspends meanwhile, and heeds no cancel. What follows the body's end within those 4 KiB
 * is not seen.
 */
final class PlainBrotliDecoder implements ContentDecoder {

    private enum State {
        IDLE,
        WORKING,
        NEEDS_INPUT,
        HAS_OUTPUT,
        DONE,
        FAILED,
        CLOSED
    }

    private static final int BUFFER_BYTES = 8 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by lock; the buffers are the worker's while it is working.
    private State state = State.IDLE;
    private final ByteBuffer source = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private final ByteBuffer made = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private boolean ended; // no byte will follow
    private @Nullable IOException failure;
    private @Nullable Thread worker;

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        lock.lock();
        try {
            int before = out.position();
            while (out.hasRemaining() && step(in, out)) {}
            return out.position() - before;
        } finally {
            lock.unlock();
        }
    }

    private boolean step(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        switch (state) {
            case IDLE, NEEDS_INPUT -> {
                if (!in.hasRemaining()) {
                    return false;
                }
                OffHeap.move(in, source.clear());
                source.flip();
                work();
            }
            case HAS_OUTPUT -> {
                OffHeap.move(made, out);
                if (!made.hasRemaining()) {
                    work();
                }
            }
            case DONE -> {
                if (source.hasRemaining() || in.hasRemaining()) {
                    throw new ContentDecodingException("bytes follow the end of the brotli body", null);
                }
                return false;
            }
            case FAILED -> throw failed();
            case WORKING, CLOSED -> throw new IllegalStateException("this decoder is " + state);
        }
        return true;
    }

    private ContentDecodingException failed() {
        return new ContentDecodingException(
                ended
                        ? "the brotli body is damaged, or ends in the middle"
                        : "the brotli body is damaged, or bytes follow its end",
                failure);
    }

    /** Has the worker work until it needs something. */
    private void work() {
        boolean first = state == State.IDLE;
        state = State.WORKING;
        if (first) {
            worker = Thread.ofVirtual().name("brotli").start(this::decodeAll);
        } else {
            changed.signalAll();
        }
        while (state == State.WORKING) {
            changed.awaitUninterruptibly();
        }
    }

    @Override
    public void end() throws ContentDecodingException {
        lock.lock();
        try {
            ended = true;
            if (state == State.NEEDS_INPUT) {
                work();
            }
            if (state == State.FAILED) {
                throw failed();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            state = State.CLOSED;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether its thread has not ended. */
    boolean working() {
        lock.lock();
        try {
            return worker != null && worker.isAlive();
        } finally {
            lock.unlock();
        }
    }

    // -------------------------------------------------------------------------------------------------- the worker

    private void decodeAll() {
        try (var in = new BrotliInputStream(new Source())) {
            var piece = new byte[BUFFER_BYTES];
            for (int count; (count = in.read(piece, 0, piece.length)) >= 0; ) {
                put(piece, count);
            }
            finish(State.DONE, null);
        } catch (IOException e) {
            finish(State.FAILED, e);
        } catch (RuntimeException e) {
            finish(State.FAILED, new IOException(e));
        }
    }

    private void put(byte[] piece, int count) throws IOException {
        lock.lock();
        try {
            made.clear().put(piece, 0, count).flip();
            pauseAs(State.HAS_OUTPUT);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is to work again. */
    private void pauseAs(State reason) throws IOException {
        if (state == State.WORKING) {
            state = reason;
            changed.signalAll();
        }
        while (state == reason) {
            changed.awaitUninterruptibly();
        }
        if (state == State.CLOSED) {
            throw new InterruptedIOException("closed");
        }
    }

    private void finish(State end, @Nullable IOException why) {
        lock.lock();
        try {
            if (state != State.CLOSED) {
                state = end;
                failure = why;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What the library reads from. */
    private final class Source extends InputStream {

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            lock.lock();
            try {
                while (!source.hasRemaining()) {
                    if (ended) {
                        return -1;
                    }
                    pauseAs(State.NEEDS_INPUT);
                }
                int count = Math.min(length, source.remaining());
                source.get(target, offset, count);
                return count;
            } finally {
                lock.unlock();
            }
        }
    }
}
