package dev.rondo.http.h1;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Read buffers for the connections that have a message in hand: one that waits for the next holds none. For one loop.
 *
 * <p>They are direct, so that the system reads into them without a copy between, and kept, since making one is dear.
 */
public final class BufferPool {

    /** Measured: half as much costs more system calls, eight times as much more cache; a hundred of them are 3 MB. */
    private static final int BUFFER_BYTES = 32 * 1024;

    private static final int MAX_KEPT = 128;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    /** Returns a buffer with nothing in it, to be read from; it belongs to the caller until {@link #release}. */
    ByteBuffer acquire() {
        ByteBuffer buffer = free.pollLast();
        return buffer != null ? buffer : ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    }

    /** Takes a buffer back; nobody may hold a view of it. */
    void release(ByteBuffer buffer) {
        if (free.size() < MAX_KEPT) {
            free.addLast(buffer.clear().limit(0));
        }
    }
}
