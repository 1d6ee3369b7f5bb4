package dev.rondo.reactor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One operation for the driver: what to do, and, once it is done, how it went. Loop thread only.
 *
 * <pre>
 *   IDLE ──submit──▶ IN_FLIGHT ──driver──▶ DONE        (submit may go straight to DONE)
 *    ▲                   │ cancel                │
 *    │                   ▼                       │
 *    │               CANCELLING ──driver──▶ DONE │     cancelled() tells whether the cancel came in time
 *    └───────────────── reused by submit ────────┘
 * </pre>
 *
 * <p>From {@code submit} until DONE the operation and its buffers belong to the driver, after a cancel as well: nobody
 * else may touch, reuse or free them. An operation that ended with a result keeps it even if a cancel was asked for:
 * what arrived is never thrown away.
 */
public abstract sealed class Op {

    /** Where an operation stands. */
    public enum State {
        /** Not with the driver. */
        IDLE,
        /** With the driver. */
        IN_FLIGHT,
        /** With the driver, which has been asked to give it up. */
        CANCELLING,
        /** Over: the outcome can be read. */
        DONE
    }

    private State state = State.IDLE;
    private boolean cancelled;
    private @Nullable IOException failure;
    private @Nullable Runnable waker;

    /** Returns where this operation stands. */
    public final State state() {
        return state;
    }

    /** Returns whether the operation is over. */
    public final boolean isDone() {
        return state == State.DONE;
    }

    /** Returns whether it ended because of a cancel, without a result. */
    public final boolean cancelled() {
        return cancelled;
    }

    /** Returns why it failed, or null. */
    public final @Nullable IOException failure() {
        return failure;
    }

    /** Names who is told, from {@link IoDriver#deliver}, when the operation is done; set before it is submitted. */
    public final void onDone(Runnable waker) {
        ensureNotInFlight();
        this.waker = waker;
    }

    // ---- for drivers

    /** Takes the operation in hand: the first thing {@code submit} does. */
    public final void begin() {
        ensureNotInFlight();
        state = State.IN_FLIGHT;
        cancelled = false;
        failure = null;
        reset();
    }

    private void ensureNotInFlight() {
        if (state == State.IN_FLIGHT || state == State.CANCELLING) {
            throw new IllegalStateException(this + " was used again before it was done");
        }
    }

    /** Notes that a cancel was asked for; returns false if there is nothing left to cancel. */
    public final boolean beginCancel() {
        if (state != State.IN_FLIGHT) {
            return false;
        }
        state = State.CANCELLING;
        return true;
    }

    /** Ends the operation; {@code failure} is null where it succeeded. Tells nobody. */
    public final void finish(@Nullable IOException failure) {
        if (state != State.IN_FLIGHT && state != State.CANCELLING) {
            throw new IllegalStateException(this + " was completed twice");
        }
        this.failure = failure;
        state = State.DONE;
    }

    /** Ends the operation as cancelled, without a result. Tells nobody. */
    public final void finishCancelled() {
        finish(null);
        cancelled = true;
    }

    /** Tells the waiter, exactly once for an operation that was not done when {@code submit} returned. */
    public final void wake() {
        Runnable waker = Objects.requireNonNull(this.waker, "nobody waits for this operation");
        waker.run();
    }

    /** Forgets the outcome of the last use. */
    void reset() {}

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + state + "]";
    }

    /** Reads at least one byte into a buffer from its position on, which moves; -1 at the end of the stream. */
    public static final class Read extends Op {
        public final Fd fd;
        private @Nullable ByteBuffer buffer;
        /** The number of bytes read, -1 at the end; the driver's until done. */
        public int count;

        public Read(Fd fd) {
            this.fd = fd;
        }

        /** Gives the buffer of the next submit. */
        public Read into(ByteBuffer buffer) {
            this.buffer = buffer;
            return this;
        }

        /** Returns the buffer to read into. */
        public ByteBuffer buffer() {
            return Objects.requireNonNull(buffer, "into(buffer) was not called");
        }

        @Override
        void reset() {
            count = 0;
        }
    }

    /** Writes all that remains in the buffers, whose positions move. */
    public static final class Write extends Op {
        public final Fd fd;
        private ByteBuffer[] buffers = {};

        public Write(Fd fd) {
            this.fd = fd;
        }

        /** Gives the buffers of the next submit. */
        public Write from(ByteBuffer... buffers) {
            this.buffers = buffers;
            return this;
        }

        /** Returns the buffers to write. */
        public ByteBuffer[] buffers() {
            return buffers;
        }
    }

    /** Accepts one connection. */
    public static final class Accept extends Op {
        public final Fd listener;
        /** The new connection, which whoever waits must take or close; the driver's until done. */
        public @Nullable Fd accepted;

        public Accept(Fd listener) {
            this.listener = listener;
        }

        @Override
        void reset() {
            accepted = null;
        }
    }

    /** Connects a socket. After a cancel or a failure the socket is good for nothing but {@code close}. */
    public static final class Connect extends Op {
        public final Fd fd;
        public final InetSocketAddress address;

        public Connect(Fd fd, InetSocketAddress address) {
            this.fd = fd;
            this.address = address;
        }
    }

    /** Opens a file. */
    public static final class Open extends Op {
        public final Path path;
        public final Set<? extends OpenOption> options;
        /** The open file, which whoever waits must take or close; the driver's until done. */
        public @Nullable Fd opened;

        public Open(Path path, Set<? extends OpenOption> options) {
            this.path = path;
            this.options = options;
        }

        @Override
        void reset() {
            opened = null;
        }
    }

    /** Reads from a place in a file; -1 at or past its end. */
    public static final class ReadAt extends Op {
        public final Fd fd;
        public final ByteBuffer buffer;
        public final long position;
        /** The number of bytes read, -1 at the end; the driver's until done. */
        public int count;

        public ReadAt(Fd fd, ByteBuffer buffer, long position) {
            this.fd = fd;
            this.buffer = buffer;
            this.position = position;
        }

        @Override
        void reset() {
            count = 0;
        }
    }
}
