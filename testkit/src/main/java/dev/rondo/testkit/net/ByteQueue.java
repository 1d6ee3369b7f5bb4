package dev.rondo.testkit.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Bytes in the order in which they came. */
final class ByteQueue {

    private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
    private int size;

    int size() {
        return size;
    }

    /** Adds bytes that nobody changes any more. */
    void add(byte[] bytes) {
        if (bytes.length > 0) {
            pieces.add(ByteBuffer.wrap(bytes));
            size += bytes.length;
        }
    }

    /** Copies from a buffer, whose position moves, as many bytes as there is room for. */
    void add(ByteBuffer source, int room) {
        byte[] bytes = new byte[Math.min(room, source.remaining())];
        source.get(bytes);
        add(bytes);
    }

    /** Fills a buffer as far as that goes; returns the number of bytes. */
    int fill(ByteBuffer target) {
        int before = target.position();
        for (ByteBuffer first; target.hasRemaining() && (first = pieces.peek()) != null; ) {
            int count = Math.min(first.remaining(), target.remaining());
            target.put(target.position(), first, first.position(), count); // a target that fails takes nothing
            target.position(target.position() + count);
            first.position(first.position() + count);
            size -= count;
            if (!first.hasRemaining()) {
                pieces.remove();
            }
        }
        return target.position() - before;
    }

    byte[] take(int count) {
        byte[] bytes = new byte[count];
        fill(ByteBuffer.wrap(bytes));
        return bytes;
    }

    void clear() {
        pieces.clear();
        size = 0;
    }
}
