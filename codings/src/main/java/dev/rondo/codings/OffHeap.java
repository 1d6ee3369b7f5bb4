package dev.rondo.codings;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory outside the heap: direct buffers, kept for the next one, since the JVM frees them late; and a count of those
 * who hold native memory. Thread-safe.
 */
final class OffHeap {

    static final int BUFFER_BYTES = 16 * 1024;
    private static final int KEPT_BUFFERS = 32;

    private static final ArrayDeque<ByteBuffer> KEPT = new ArrayDeque<>(); // guarded by itself
    private static final AtomicInteger HOLDERS = new AtomicInteger();

    private OffHeap() {}

    /** Returns a buffer, cleared; to be given back. */
    static ByteBuffer take() {
        synchronized (KEPT) {
            ByteBuffer kept = KEPT.pollLast();
            return kept == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : kept;
        }
    }

    /** Takes a buffer back that nobody uses any more. */
    static void giveBack(ByteBuffer buffer) {
        synchronized (KEPT) {
            if (KEPT.size() < KEPT_BUFFERS) {
                KEPT.addLast(buffer.clear());
            }
        }
    }

    /** Notes that a decoder or an encoder has got native memory. */
    static void held() {
        HOLDERS.incrementAndGet();
    }

    /** Notes that it has freed it. */
    static void freed() {
        HOLDERS.decrementAndGet();
    }

    /** Returns how many decoders and encoders hold native memory. */
    static int holders() {
        return HOLDERS.get();
    }

    /** Moves as many bytes as there are and there is room for, and returns how many. */
    static int move(ByteBuffer from, ByteBuffer to) {
        int count = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
        return count;
    }
}
