package dev.rondo.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;

/** Bytes through channels that do not block, in pieces that leave the loop its turn. */
public final class ChannelBytes {

    /**
     * How much goes through one system call: NIO copies the whole of a heap buffer before each, however little is
     * taken.
     */
    static final int BYTES_PER_CALL = 256 * 1024; // asyncio's max_size

    /** How often a write is continued before the loop gets its turn: a peer may read as fast as we can write. */
    static final int CALLS_PER_TURN = 16;

    /** How many buffers the system takes in one call. */
    private static final int BUFFERS_PER_CALL = 1024;

    private ChannelBytes() {}

    /** Reads what is there; returns whether there was something, or the end. */
    static boolean read(ReadableByteChannel channel, Op.Read op) throws IOException {
        ByteBuffer buffer = op.buffer();
        int limit = buffer.limit();
        if (buffer.remaining() > BYTES_PER_CALL && !buffer.isDirect()) {
            buffer.limit(buffer.position() + BYTES_PER_CALL);
        }
        try {
            op.count = channel.read(buffer);
            op.tookAll = op.count > 0 && buffer.hasRemaining();
        } finally {
            buffer.limit(limit);
        }
        return op.count != 0;
    }

    /** Writes as much as one turn may; returns whether that was all. */
    public static boolean write(GatheringByteChannel channel, ByteBuffer[] buffers) throws IOException {
        int calls = 0;
        for (int first = 0; first < buffers.length; ) {
            ByteBuffer buffer = buffers[first];
            if (!buffer.hasRemaining()) {
                first++;
            } else if (calls++ == CALLS_PER_TURN) {
                return false; // as if it would block: the selector finds the channel writable in the next turn
            } else if (write(channel, buffers, first) == 0) {
                return false;
            }
        }
        return true;
    }

    private static long write(GatheringByteChannel channel, ByteBuffer[] buffers, int first) throws IOException {
        int count = atOnce(buffers, first);
        return count == 1 ? write(channel, buffers[first]) : channel.write(buffers, first, count);
    }

    private static int write(GatheringByteChannel channel, ByteBuffer buffer) throws IOException {
        if (buffer.remaining() <= BYTES_PER_CALL) {
            return channel.write(buffer);
        }
        int limit = buffer.limit();
        buffer.limit(buffer.position() + BYTES_PER_CALL);
        try {
            return channel.write(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    /** Returns how many of the buffers, one at least, go into one call. */
    private static int atOnce(ByteBuffer[] buffers, int first) {
        long bytes = buffers[first].remaining();
        int end = first + 1;
        int last = Math.min(buffers.length, first + BUFFERS_PER_CALL);
        while (end < last && (bytes += buffers[end].remaining()) <= BYTES_PER_CALL) {
            end++;
        }
        return end - first;
    }
}
