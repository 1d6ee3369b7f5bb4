package dev.rondo.net;

import dev.rondo.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Where the transports of a loop read to before the protocol gets its bytes: one large buffer does for all, as long as
 * each read is done at once. A read that the driver keeps keeps its buffer, and the next takes another. For its loop,
 * but for what says otherwise.
 */
final class ReadScratch {

    static final int SIZE = 256 * 1024; // what is read at a time; asyncio's figure

    private static final int SPARE = 16; // buffers kept for later

    private static final Map<EventLoop, ReadScratch> ALL = new WeakHashMap<>(); // guarded by itself

    private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>();

    private ReadScratch() {}

    /** Returns that of a loop. Any thread: the lock is held for a look into a map only. */
    static ReadScratch of(EventLoop loop) {
        synchronized (ALL) {
            return ALL.computeIfAbsent(loop, _ -> new ReadScratch());
        }
    }

    /** Returns an empty buffer, the caller's until {@link #giveBack}. */
    ByteBuffer take() {
        ByteBuffer buffer = spare.poll();
        return buffer != null ? buffer.clear() : ByteBuffer.allocateDirect(SIZE);
    }

    void giveBack(ByteBuffer buffer) {
        if (spare.size() < SPARE) {
            spare.push(buffer);
        }
    }
}
