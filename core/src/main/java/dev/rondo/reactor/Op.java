package dev.rondo.reactor;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
 *
 * <p>An {@link Fd} takes one operation of each direction at a time, and refuses a second by
 * {@link IllegalStateException}; a file takes any number. What a descriptor cannot do at all, such as to accept from a
 * pipe, it refuses by {@link IllegalArgumentException}.
 *
 * <pre>
 *                     incoming              outgoing
 *   stream socket     Read, Ready           Write, Connect, Transfer, Ready
 *   listener          Accept, Ready
 *   datagram socket   ReceiveFrom, Ready    SendTo, Connect, Ready
 *   pipe (adopted)    Read, Ready           Write, Ready
 *   source, sink      Read                  Write
 *   file              ReadAt, WriteAt, Sync, Size, SetSize: in no order among themselves
 *   without an Fd     Open, Blocking
 * </pre>
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
        check();
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

    /** Refuses what makes no sense, by {@link IllegalArgumentException}. */
    void check() {}

    /** Forgets the outcome of the last use. */
    void reset() {}

    private static void ensureRoom(ByteBuffer buffer) {
        if (!buffer.hasRemaining()) {
            throw new IllegalArgumentException("the buffer to read into has no room: " + buffer);
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + state + "]";
    }

    /** An operation on something open. */
    public abstract static sealed class OnFd extends Op
            permits Read, Write, Accept, Connect, ReceiveFrom, SendTo, Ready, Transfer, OnFile {
        public final Fd fd;

        OnFd(Fd fd) {
            this.fd = fd;
        }
    }

    /** An operation on an open file. A cancel cannot stop one that has begun: it ends with its result. */
    public abstract static sealed class OnFile extends OnFd permits ReadAt, WriteAt, Sync, Size, SetSize {
        OnFile(Fd file) {
            super(file);
        }
    }

    // ------------------------------------------------------------------------------------------------ streams of bytes

    /**
     * Reads at least one byte into a buffer from its position on, which moves; -1 at the end of the stream. What it
     * brings may be less than there is room for, and than there is.
     */
    public static final class Read extends OnFd {
        private @Nullable ByteBuffer buffer;
        /** The number of bytes read, -1 at the end; the driver's until done. */
        public int count;
        /** Whether the last use took all that was there, so that to look for more at once is likely to be in vain. */
        boolean tookAll;

        public Read(Fd fd) {
            super(fd);
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
        void check() {
            ensureRoom(buffer());
        }

        @Override
        void reset() {
            count = 0;
        }
    }

    /**
     * Writes all that remains in the buffers, whose positions move. After a cancel or a failure they tell how much was
     * sent; of a {@linkplain IoDriver#sink sink}, how much it was given, of which the last part may or may not come
     * through.
     */
    public static final class Write extends OnFd {
        private ByteBuffer[] buffers = {};

        public Write(Fd fd) {
            super(fd);
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

    /**
     * Sends {@code count} bytes of a file, from a position on, through a stream socket; fewer if the file ends before.
     * The descriptor is the socket. The file must stay open meanwhile, and has no position that could move.
     */
    public static final class Transfer extends OnFd {
        public final Fd file;
        public final long position;
        public final long count;
        /** How many bytes were sent, after a cancel or a failure as well; the driver's until done. */
        public long transferred;

        public Transfer(Fd socket, Fd file, long position, long count) {
            super(socket);
            this.file = file;
            this.position = position;
            this.count = count;
        }

        @Override
        void check() {
            if (position < 0 || count < 0) {
                throw new IllegalArgumentException(
                        "position and count must not be negative: " + position + ", " + count);
            }
        }

        @Override
        void reset() {
            transferred = 0;
        }
    }

    /** Accepts one connection. */
    public static final class Accept extends OnFd {
        /** The new connection, which whoever waits must take or close; the driver's until done. */
        public @Nullable Fd accepted;

        public Accept(Fd listener) {
            super(listener);
        }

        @Override
        void reset() {
            accepted = null;
        }
    }

    /**
     * Connects a socket. After a cancel or a failure a stream socket is good for nothing but {@code close}. A datagram
     * socket then sends to, and receives from, that address alone.
     */
    public static final class Connect extends OnFd {
        public final SocketAddress address;

        public Connect(Fd fd, SocketAddress address) {
            super(fd);
            this.address = address;
        }
    }

    // ------------------------------------------------------------------------------------------------ datagrams

    /**
     * Receives one datagram into a buffer from its position on, which moves. What does not fit is cut off, and nothing
     * tells that it was: give room for 65,536 bytes where that matters. An empty datagram counts 0 and is not an end.
     * After a cancel nothing was received: the datagram that came is left to the next.
     */
    public static final class ReceiveFrom extends OnFd {
        private @Nullable ByteBuffer buffer;
        /** The number of bytes received; the driver's until done. */
        public int count;
        /** Who sent them; null until done, and where there is no result. */
        public @Nullable SocketAddress source;

        public ReceiveFrom(Fd fd) {
            super(fd);
        }

        /** Gives the buffer of the next submit. */
        public ReceiveFrom into(ByteBuffer buffer) {
            this.buffer = buffer;
            return this;
        }

        /** Returns the buffer to receive into. */
        public ByteBuffer buffer() {
            return Objects.requireNonNull(buffer, "into(buffer) was not called");
        }

        @Override
        void check() {
            ensureRoom(buffer());
        }

        @Override
        void reset() {
            count = 0;
            source = null;
        }
    }

    /**
     * Sends what remains in a buffer as one datagram: the whole or, after a cancel or a failure, nothing, and the
     * buffer's position tells which. An empty one through a connected socket is a failure where the system's interface
     * has no way to send it.
     */
    public static final class SendTo extends OnFd {
        private @Nullable ByteBuffer buffer;
        private @Nullable SocketAddress target;

        public SendTo(Fd fd) {
            super(fd);
        }

        /**
         * Gives the buffer of the next submit.
         *
         * @param target to whom it goes; null for the address that the socket is connected to
         */
        public SendTo from(ByteBuffer buffer, @Nullable SocketAddress target) {
            this.buffer = buffer;
            this.target = target;
            return this;
        }

        /** Returns the datagram. */
        public ByteBuffer buffer() {
            return Objects.requireNonNull(buffer, "from(buffer, target) was not called");
        }

        /** Returns to whom it goes; null for the address that the socket is connected to. */
        public @Nullable SocketAddress target() {
            return target;
        }
    }

    // ------------------------------------------------------------------------------------------------ readiness

    /** Which way bytes go. */
    public enum Direction {
        /** Into this program. */
        READ,
        /** Out of this program. */
        WRITE
    }

    /**
     * Waits until a descriptor is ready: until a read (or accept), or a write (or the rest of connecting), would not
     * block. Once for each submit. An end or a failure makes ready too. Moves no bytes.
     */
    public static final class Ready extends OnFd {
        public final Direction direction;

        public Ready(Fd fd, Direction direction) {
            super(fd);
            this.direction = direction;
        }
    }

    // ------------------------------------------------------------------------------------------------ files

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

    /**
     * Reads at least one byte from a place in a file into a buffer from its position on, which moves; -1 at or past the
     * end. What it brings may be less than there is room for, and than there is.
     */
    public static final class ReadAt extends OnFile {
        public final ByteBuffer buffer;
        public final long position;
        /** The number of bytes read, -1 at the end; the driver's until done. */
        public int count;

        public ReadAt(Fd file, ByteBuffer buffer, long position) {
            super(file);
            this.buffer = buffer;
            this.position = position;
        }

        @Override
        void check() {
            ensureRoom(buffer);
        }

        @Override
        void reset() {
            count = 0;
        }
    }

    /**
     * Writes all that remains in a buffer, whose position moves, to a place in a file; to its end, whatever the place,
     * if it was opened to append. After a failure the buffer's position tells how much was written.
     */
    public static final class WriteAt extends OnFile {
        public final ByteBuffer buffer;
        public final long position;

        public WriteAt(Fd file, ByteBuffer buffer, long position) {
            super(file);
            this.buffer = buffer;
            this.position = position;
        }
    }

    /** Waits until what was written to a file is on its device. */
    public static final class Sync extends OnFile {
        /** Whether what the system knows about the file, such as its times, must be there too. */
        public final boolean metadata;

        public Sync(Fd file, boolean metadata) {
            super(file);
            this.metadata = metadata;
        }
    }

    /** Asks for the size of a file. */
    public static final class Size extends OnFile {
        /** The number of bytes; the driver's until done. */
        public long size;

        public Size(Fd file) {
            super(file);
        }

        @Override
        void reset() {
            size = 0;
        }
    }

    /** Cuts a file off, or makes it longer by zeros; one that was opened to append cannot be made longer. */
    public static final class SetSize extends OnFile {
        public final long size;

        public SetSize(Fd file, long size) {
            super(file);
            this.size = size;
        }

        @Override
        void check() {
            if (size < 0) {
                throw new IllegalArgumentException("size must not be negative: " + size);
            }
        }
    }

    /** What a {@link Blocking} runs, on another thread. */
    @FunctionalInterface
    public interface Call<T extends @Nullable Object> {
        T call() throws IOException;
    }

    /**
     * Runs a call that may block, such as listing a directory, on one of the few threads for files. What it throws is
     * the failure, as the cause of an {@link IOException} if it is none.
     *
     * <p>A cancel ends the operation without waiting for the call, which is not run if it has not begun, and not
     * stopped if it has. A result that comes then is given to the cleaner, on another thread; so is one that comes when
     * the driver is closed. Where it is to be known what was done, {@link #toTheEnd} has a cancel wait for a call that
     * has begun, which then ends with its result.
     */
    public static final class Blocking<T extends @Nullable Object> extends Op {
        public final Call<T> call;
        public final Consumer<? super T> cleaner;
        /** Whether a cancel waits for a call that has begun. */
        public final boolean toTheEnd;
        /** What the call returned, which whoever waits must take or close; null without; the driver's until done. */
        public @Nullable T result;

        /** Makes an operation whose result nobody needs to close. */
        public Blocking(Call<T> call) {
            this(call, _ -> {});
        }

        /** Makes an operation; the cleaner closes a result that nobody will take, and is never given null. */
        public Blocking(Call<T> call, Consumer<? super T> cleaner) {
            this(call, cleaner, false);
        }

        public Blocking(Call<T> call, Consumer<? super T> cleaner, boolean toTheEnd) {
            this.call = call;
            this.cleaner = cleaner;
            this.toTheEnd = toTheEnd;
        }

        /** Makes an operation that, once begun, is over when the call is. */
        public static <T extends @Nullable Object> Blocking<T> toTheEnd(Call<T> call) {
            return new Blocking<>(call, _ -> {}, true);
        }

        @Override
        void reset() {
            result = null;
        }
    }
}
