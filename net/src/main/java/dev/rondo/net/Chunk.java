package dev.rondo.net;

import java.nio.ByteBuffer;

/** Bytes that were copied and wait to be sent: those of an array between two places in it. */
final class Chunk {

    private final byte[] bytes;
    private int from;
    private int to;

    Chunk(int capacity) {
        bytes = new byte[capacity];
    }

    int room() {
        return bytes.length - to;
    }

    int size() {
        return to - from;
    }

    /** Adds all that remains in the buffers, for which there must be room. */
    void add(ByteBuffer... data) {
        for (ByteBuffer buffer : data) {
            int count = buffer.remaining();
            buffer.get(bytes, to, count);
            to += count;
        }
    }

    /** Returns the next bytes to send, as many as that. */
    ByteBuffer next(int count) {
        return ByteBuffer.wrap(bytes, from, count);
    }

    /** Notes that so many were sent. */
    void sent(int count) {
        from += count;
    }
}
