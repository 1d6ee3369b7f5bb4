package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transport has still to send, and the protocol's pauses on its account. Bytes that the driver has in hand count
 * until it says that they are sent. Loop thread only.
 *
 * <pre>
 *   flowing ──more than high──▶ paused        pauseWriting(), from within the call that writes
 *      ▲                          │
 *      └──────low or less─────────┘           resumeWriting()
 * </pre>
 */
final class WriteBuffer {

    /** How much is given to the driver at a time: small enough to see a long transfer move. */
    static final int BYTES_PER_BATCH = 256 * 1024;

    private static final int BUFFERS_PER_BATCH = 1024; // as many as a system takes in one call

    private final EventLoop loop;
    private final Context context;
    private final BaseTransport transport;
    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    private long size; // of the queue and of what is taken
    private int taken; // bytes of the batch that is being sent
    private final boolean fullAtMark; // the high-water mark itself is too much, as over TLS
    private Transport.WriteBufferLimits limits;
    private boolean paused;

    /** Makes an empty one; {@code context} is the one in which the transport's protocol is called. */
    WriteBuffer(EventLoop loop, Context context, BaseTransport transport) {
        this(loop, context, transport, Transport.DEFAULT_HIGH_WATER, false);
    }

    /**
     * Makes an empty one.
     *
     * @param high its high-water mark to begin with
     * @param fullAtMark whether the mark itself is too much
     */
    WriteBuffer(EventLoop loop, Context context, BaseTransport transport, int high, boolean fullAtMark) {
        this.loop = loop;
        this.context = context;
        this.transport = transport;
        this.limits = new Transport.WriteBufferLimits(high / 4, high);
        this.fullAtMark = fullAtMark;
    }

    // ------------------------------------------------------------------------------------------------ bytes

    /** Appends a buffer, which is not copied: its position and limit belong to the queue from now on. */
    void add(ByteBuffer data) {
        if (data.hasRemaining()) {
            queue.add(data);
            size += data.remaining();
        }
    }

    /** Counts bytes that wait elsewhere; negative for those that do no more. */
    void count(int bytes) {
        size += bytes;
    }

    /** Returns whether nothing waits to be taken. */
    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Returns how many bytes are not sent. */
    int size() {
        return (int) Math.min(size, Integer.MAX_VALUE);
    }

    /** Takes what is to be sent next; {@link #sent} says when it was. */
    ByteBuffer[] take() {
        List<ByteBuffer> batch = new ArrayList<>();
        int room = BYTES_PER_BATCH;
        while (room > 0 && batch.size() < BUFFERS_PER_BATCH && !queue.isEmpty()) {
            ByteBuffer head = queue.element();
            int count = Math.min(room, head.remaining());
            if (count == head.remaining()) {
                batch.add(queue.remove());
            } else {
                batch.add(head.slice(head.position(), count));
                head.position(head.position() + count);
            }
            room -= count;
        }
        taken = BYTES_PER_BATCH - room;
        return batch.toArray(ByteBuffer[]::new);
    }

    /** Counts bytes that are sent past the queue, which is empty; {@link #sent} says when they were. */
    void takePast(int bytes) {
        size += bytes;
        taken = bytes;
    }

    /** Notes that what was taken last is sent. */
    void sent() {
        size -= taken;
        taken = 0;
    }

    /** Drops everything, for nothing more will be sent: a protocol that is paused is not asked to go on. */
    void clear() {
        queue.clear();
        size = 0;
        taken = 0;
        paused = false;
    }

    // ------------------------------------------------------------------------------------------------ pauses

    Transport.WriteBufferLimits limits() {
        return limits;
    }

    /** Sets the marks, as {@link Transport#setWriteBufferLimits(int, int)} does. */
    void setLimits(int high, int low) {
        if (!(high >= low && low >= 0)) {
            throw new IllegalArgumentException("high (" + high + ") must be >= low (" + low + ") must be >= 0");
        }
        limits = new Transport.WriteBufferLimits(low, high);
        pauseIfFull();
    }

    /** Asks the protocol to pause if there is more than the high-water mark. Called by whoever writes. */
    void pauseIfFull() {
        if (!paused && (size > limits.high() || (fullAtMark && size == limits.high() && size > 0))) {
            paused = true;
            try {
                context.run(() -> transport.getProtocol().pauseWriting());
            } catch (Throwable failure) {
                UserCalls.throwIfEscapes(failure);
                UserCalls.report(loop, "protocol.pause_writing() failed", failure, transport);
            }
        }
    }

    /** Returns whether the protocol has been asked to pause, and not to go on. */
    boolean isPaused() {
        return paused;
    }

    /** Notes what the protocol has last been asked, which is not what this has asked another meanwhile. */
    void setPaused(boolean asked) {
        paused = asked;
    }

    /** Returns whether the protocol is to be asked to go on. */
    boolean canResume() {
        return paused && size <= limits.low();
    }

    /** Asks the protocol to go on if there is no more than the low-water mark. In the protocol's context already. */
    void resumeIfDrained() {
        if (canResume()) {
            paused = false;
            try {
                transport.getProtocol().resumeWriting();
            } catch (Throwable failure) {
                UserCalls.throwIfEscapes(failure);
                UserCalls.report(loop, "protocol.resume_writing() failed", failure, transport);
            }
        }
    }
}
