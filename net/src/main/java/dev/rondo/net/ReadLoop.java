package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads for a protocol, once in each turn at most, and as long as it is wanted. Loop thread only.
 *
 * <pre>
 *   IDLE ──proceed()──▶ WAITING ──ready: a callback──▶ READING ──done: a callback──▶ given to the protocol ──▶ WAITING
 *    ▲                     │                              │                                  ▲
 *    └───── paused ────────┘                              └─ paused ──▶ HELD ──resume()──────┘
 *
 *   any ──the end, failure, stop()──▶ OVER
 * </pre>
 *
 * <p>A pause takes nothing back from the driver: what was asked for comes once more at most, and is held.
 */
final class ReadLoop {

    /** What a transport is told, and asked. All may end in {@link #stop}. */
    interface Owner {

        StreamProtocol getProtocol();

        /** Called when the peer has ended its sending direction. */
        void ended();

        /** Called when reading, or what the protocol did with the bytes, has failed. */
        void failed(Throwable failure, String message);
    }

    private enum State {
        /** The driver has nothing of ours: not begun, paused, or in the midst of a callback of ours. */
        IDLE,
        /** The driver waits for readiness, or {@link #ready} is queued. */
        WAITING,
        /** The driver reads, or {@link #over} is queued. */
        READING,
        /** What was read, or why it was not, is kept until somebody wants it. */
        HELD,
        /** Nothing is read any more. */
        OVER
    }

    private static final int UNREADY_SIZE = 64 * 1024; // a buffer that waits with its read is not shared

    private final EventLoop loop;
    private final Context context;
    private final Owner owner;
    private final ReadScratch scratch;
    private final Op.Read read;
    private final Op.@Nullable Ready ready; // null where the descriptor knows no readiness
    private final Runnable onReady = this::ready; // made once, not for each message
    private final Runnable onRead = this::over;

    private State state = State.IDLE;
    private boolean wanted = true;
    private @Nullable BufferedProtocol filling; // whose buffer is read into; null for one of ours
    private int from; // where in it

    /**
     * Makes one; {@link #proceed} begins.
     *
     * @param readiness whether the descriptor can say that it is ready; a {@link dev.rondo.reactor.IoDriver#source
     *     source} cannot
     */
    ReadLoop(EventLoop loop, Context context, Fd fd, boolean readiness, Owner owner) {
        this.loop = loop;
        this.context = context;
        this.owner = owner;
        this.scratch = ReadScratch.of(loop);
        this.read = new Op.Read(fd);
        read.onDone(this::done);
        this.ready = readiness ? new Op.Ready(fd, Op.Direction.READ) : null;
        if (ready != null) {
            ready.onDone(this::becameReady);
        }
    }

    // ------------------------------------------------------------------------------------------------ control

    /** Begins, or goes on; nothing if paused. */
    void proceed() {
        if (!wanted) {
            return;
        }
        if (state == State.HELD) {
            state = State.READING;
            loop.callSoon(onRead, context);
        } else if (state == State.IDLE) {
            state = State.WAITING;
            if (ready == null) {
                loop.callSoon(onReady, context);
            } else {
                loop.driver().submit(ready);
                if (ready.isDone()) {
                    loop.callSoon(onReady, context);
                }
            }
        }
    }

    void pause() {
        wanted = false;
    }

    void resume() {
        wanted = true;
        proceed();
    }

    /** Returns whether what comes is given to the protocol. */
    boolean isReading() {
        return wanted && state != State.OVER;
    }

    /** Ends reading for good. What the driver has in hand ends with its descriptor. */
    void stop() {
        if (state == State.HELD) {
            giveBack();
        }
        state = State.OVER;
    }

    // ------------------------------------------------------------------------------------------------ reading

    /** On the bare loop thread, where no protocol must be called. */
    private void becameReady() {
        if (state == State.WAITING) {
            loop.callSoon(onReady, context);
        }
    }

    private void ready() {
        if (state != State.WAITING) {
            return;
        }
        state = State.IDLE;
        if (!wanted) {
            return;
        }
        ByteBuffer room = room();
        if (room == null) {
            return;
        }
        from = room.position();
        state = State.READING;
        loop.driver().submit(read.into(room));
        if (read.isDone()) {
            over();
        }
    }

    /** Returns where to read to; null if the protocol gave no room, or has turned away from reading meanwhile. */
    private @Nullable ByteBuffer room() {
        if (!(owner.getProtocol() instanceof BufferedProtocol protocol)) {
            filling = null;
            return ready != null ? scratch.take() : ByteBuffer.allocate(UNREADY_SIZE);
        }
        filling = protocol;
        ByteBuffer room = bufferOf(protocol, -1);
        return isReading() && state == State.IDLE ? room : null;
    }

    private @Nullable ByteBuffer bufferOf(BufferedProtocol protocol, int sizeHint) {
        try {
            ByteBuffer room = protocol.getBuffer(sizeHint);
            if (!room.hasRemaining()) {
                throw new IllegalStateException("getBuffer() returned an empty buffer: " + room);
            }
            SocketStream.ensureRoom(room);
            return room;
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            owner.failed(failure, "Fatal error: protocol.get_buffer() call failed.");
            return null;
        }
    }

    /** On the bare loop thread. */
    private void done() {
        if (state == State.READING) {
            loop.callSoon(onRead, context);
        } else {
            giveBack();
        }
    }

    /** The read is over: hands on what it brought, or holds it. */
    private void over() {
        if (state != State.READING) {
            giveBack();
            return;
        }
        if (!wanted) {
            state = State.HELD;
            return;
        }
        state = State.IDLE;
        if (read.failure() != null) {
            giveBack();
            state = State.OVER;
            owner.failed(read.failure(), "Fatal read error on transport");
        } else if (read.count < 0) {
            giveBack();
            state = State.OVER;
            owner.ended();
        } else {
            try {
                deliver();
            } finally {
                proceed(); // also after what leaves the loop, which may run again
            }
        }
    }

    private void giveBack() {
        if (filling == null && ready != null) {
            scratch.giveBack(read.buffer());
        }
    }

    // ------------------------------------------------------------------------------------------------ to the protocol

    private void deliver() {
        StreamProtocol protocol = owner.getProtocol();
        if (filling != null && filling == protocol) {
            updated(filling, read.count);
            return;
        }
        byte[] data = new byte[read.count];
        read.buffer().get(from, data);
        giveBack();
        switch (protocol) {
            case Protocol plain -> received(plain, data);
            case BufferedProtocol buffered -> fill(buffered, ByteBuffer.wrap(data)); // it came while this was read
        }
    }

    private void received(Protocol protocol, byte[] data) {
        try {
            protocol.dataReceived(data);
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            owner.failed(failure, "Fatal error: protocol.data_received() call failed.");
        }
    }

    private void fill(BufferedProtocol protocol, ByteBuffer data) {
        while (data.hasRemaining() && state != State.OVER) {
            ByteBuffer room = bufferOf(protocol, data.remaining());
            if (room == null) {
                return;
            }
            int count = Math.min(room.remaining(), data.remaining());
            room.put(data.slice(data.position(), count));
            data.position(data.position() + count);
            updated(protocol, count);
        }
    }

    private void updated(BufferedProtocol protocol, int count) {
        try {
            protocol.bufferUpdated(count);
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            owner.failed(failure, "Fatal error: protocol.buffer_updated() call failed.");
        }
    }
}
