package dev.rondo.reactor;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Bytes through channels that do not block, in pieces that leave the loop its turn. */
public final class ChannelBytes {

    /**
     * How much goes through one system call: NIO copies the whole of a heap buffer before each, however little is
     * taken.
     */
    static final int BYTES_PER_CALL = 256 * 1024; // asyncio's max_size

    /** No datagram needs more. */
    private static final int BYTES_PER_DATAGRAM = 64 * 1024;

    /** How often a write is continued before the loop gets its turn: a peer may read as fast as we can write. */
    static final int CALLS_PER_TURN = 16;

    /** How many buffers the system takes in one call. */
    private static final int BUFFERS_PER_CALL = 1024;

    private ChannelBytes() {}

    /** Reads what is there; returns whether there was something, or the end. */
    static boolean read(ReadableByteChannel channel, Op.Read op) throws IOException {
        ByteBuffer buffer = op.buffer();
        int asked = Math.min(buffer.remaining(), buffer.isDirect() ? Integer.MAX_VALUE : BYTES_PER_CALL);
        op.count = read(channel, buffer);
        op.tookAll = op.count > 0 && op.count < asked;
        return op.count != 0;
    }

    /** Reads what is there, and returns how much that was: 0 if nothing, -1 at the end. */
    public static int read(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
        int limit = buffer.limit();
        if (buffer.remaining() > BYTES_PER_CALL && !buffer.isDirect()) {
            buffer.limit(buffer.position() + BYTES_PER_CALL);
        }
        try {
            return channel.read(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    /** Receives a datagram, and returns who sent it; null if none is there. */
    public static @Nullable SocketAddress receive(DatagramChannel channel, ByteBuffer buffer) throws IOException {
        int limit = buffer.limit();
        if (buffer.remaining() > BYTES_PER_DATAGRAM) {
            buffer.limit(buffer.position() + BYTES_PER_DATAGRAM);
        }
        try {
            return channel.receive(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    /**
     * Sends a datagram; returns whether the system took it.
     *
     * @param target null for the address that the channel is connected to
     */
    public static boolean send(DatagramChannel channel, ByteBuffer datagram, @Nullable SocketAddress target)
            throws IOException {
        boolean empty = !datagram.hasRemaining(); // NIO returns 0 for one that was sent as for one that would block
        if (empty && channel.isConnected()) { // NIO would return 0 and do nothing
            throw new IOException("Java cannot send an empty datagram through a connected socket: " + channel);
        }
        int sent = target == null ? channel.write(datagram) : channel.send(datagram, target);
        return sent > 0 || empty;
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
