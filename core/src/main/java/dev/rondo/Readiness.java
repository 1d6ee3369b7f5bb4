package dev.rondo;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who waits until channels of the user are ready: callbacks that {@link EventLoop#addReader} has added, and coroutines.
 * The driver has a channel in charge only while somebody waits for it, so that in between it is the user's alone: he
 * may close it, make it blocking, or give it to a stream.
 *
 * <p>Of each direction of a channel ({@code Side}):
 *
 * <pre>
 *              ┌──────────────── remove, cancel, close ─────────────┐
 *              ▼                                                    │
 *           nobody ──a coroutine waits──▶ operation in flight ──ready──▶ it goes on ──▶ nobody
 *              └─────a callback is added──▶ operation in flight ──ready──▶ queued ──▶ has run
 *                                                 ▲                                      │
 *                                                 └──────────────────────────────────────┘
 * </pre>
 *
 * <p>Loop thread only.
 */
final class Readiness {

    private final EventLoop loop;
    private final Map<SelectableChannel, Watched> watched = new LinkedHashMap<>(); // those that somebody waits for

    Readiness(EventLoop loop) {
        this.loop = loop;
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /** Has a callback run whenever the channel is ready; it takes the place of the one that was. */
    void add(SelectableChannel channel, Op.Direction direction, Runnable callback, Context context) {
        if (!channel.isOpen()) {
            throw new IllegalArgumentException("the channel is closed: " + channel);
        }
        Side side;
        try {
            side = sideOf(channel, direction);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot wait for " + channel + ": " + e.getMessage(), e);
        }
        try {
            if (side.waiter instanceof Callback old) {
                old.handle.cancel(); // it may be queued
            } else {
                side.ensureFree();
            }
            side.await(new Callback(side, callback, context));
        } finally {
            side.channel.releaseIfUnused();
        }
    }

    /** Removes the callback; returns whether there was one. */
    boolean remove(SelectableChannel channel, Op.Direction direction) {
        Watched those = watched.get(channel);
        if (those == null || !(those.side(direction).waiter instanceof Callback callback)) {
            return false;
        }
        callback.handle.cancel();
        callback.side.leave(callback);
        return true;
    }

    // ------------------------------------------------------------------------------------------------ coroutines

    /** Makes an attempt until it gives a result: at once, and whenever the channel is ready. Suspends in between. */
    <T> T whenReady(
            SelectableChannel channel, Op.Direction direction, Op.Call<? extends @Nullable T> attempt, Strand strand)
            throws IOException {
        ensureFree(channel, direction);
        strand.completedInline(); // before the attempt: a cancel takes away nothing that was received
        for (; ; ) {
            ensureNonBlocking(channel);
            T result = attempt.call();
            if (result != null) {
                return result;
            }
            await(channel, direction, strand);
        }
    }

    /** Suspends until the channel is ready. */
    private void await(SelectableChannel channel, Op.Direction direction, Strand strand) throws IOException {
        Side side = sideOf(channel, direction);
        CoroutineWait wait = new CoroutineWait(side, strand);
        try {
            side.ensureFree();
            side.await(wait);
        } finally {
            side.channel.releaseIfUnused();
        }
        wait.park();
    }

    /** Runs an operation that the driver does with the channel from beginning to end. */
    void perform(SelectableChannel channel, Op.Direction direction, Function<Fd, ? extends Op> maker)
            throws IOException {
        ensureFree(channel, direction);
        ensureNonBlocking(channel);
        await(channel, direction, loop.currentStrand()); // whatever was in flight on this side is over then
        Side side = sideOf(channel, direction);
        Waiter busy = new Busy();
        try {
            side.ensureFree();
            side.waiter = busy;
            loop.perform(maker.apply(side.channel.fd));
        } finally {
            side.leave(busy);
            side.channel.releaseIfUnused();
        }
    }

    /** Refuses a channel that another coroutine waits for. */
    private void ensureFree(SelectableChannel channel, Op.Direction direction) {
        Watched those = watched.get(channel);
        if (those != null && !(those.side(direction).waiter instanceof Callback)) {
            those.side(direction).ensureFree();
        }
    }

    private static void ensureNonBlocking(SelectableChannel channel) {
        if (channel.isOpen() && channel.isBlocking()) {
            throw new IllegalArgumentException(
                    "the socket must be non-blocking: call configureBlocking(false) on " + channel);
        }
    }

    // ------------------------------------------------------------------------------------------------ the table

    private Side sideOf(SelectableChannel channel, Op.Direction direction) throws IOException {
        Watched those = watched.get(channel);
        if (those == null) {
            those = new Watched(channel, loop.driver().adopt(channel));
            watched.put(channel, those);
        }
        return those.side(direction);
    }

    /** A channel that somebody waits for. */
    private final class Watched {

        final SelectableChannel channel;
        final Fd fd;
        private final Side reading;
        private final Side writing;

        Watched(SelectableChannel channel, Fd fd) {
            this.channel = channel;
            this.fd = fd;
            this.reading = new Side(this, Op.Direction.READ);
            this.writing = new Side(this, Op.Direction.WRITE);
        }

        Side side(Op.Direction direction) {
            return direction == Op.Direction.READ ? reading : writing;
        }

        void releaseIfUnused() {
            if (reading.waiter == null && writing.waiter == null && watched.remove(channel, this) && !loop.isClosed()) {
                fd.release();
            }
        }
    }

    /** One direction of a channel. */
    private final class Side {

        final Watched channel;
        private final Op.Ready op;
        private boolean submitted; // and over() is still to come, also if the operation is done

        @Nullable Waiter waiter;

        Side(Watched channel, Op.Direction direction) {
            this.channel = channel;
            this.op = new Op.Ready(channel.fd, direction);
            op.onDone(this::over);
        }

        void ensureFree() {
            if (waiter != null) {
                String doing = op.direction == Op.Direction.READ ? "reading from" : "writing to";
                throw new IllegalStateException(
                        waiter instanceof Callback
                                ? "a callback waits for this channel: remove it first, or use it alone, "
                                        + channel.channel
                                : "another coroutine is already " + doing + " this channel: " + channel.channel);
            }
        }

        /** Has the waiter told once the channel is ready; it is the only one. */
        void await(Waiter waiter) {
            this.waiter = waiter;
            boolean begun = false;
            try {
                submit();
                begun = true;
            } finally {
                if (!begun) {
                    this.waiter = null; // the channel has no such direction
                }
            }
        }

        private void submit() {
            if (!submitted) {
                loop.driver().submit(op);
                submitted = true;
                if (op.isDone()) {
                    over();
                }
            } // else it was for somebody who has left, and will do for the next
        }

        /** The waiter waits no more, unless it is another's turn since long. */
        void leave(Waiter leaving) {
            if (waiter == leaving) {
                waiter = null;
                if (!loop.isClosed()) {
                    loop.driver().cancel(op);
                }
                channel.releaseIfUnused();
            }
        }

        private void over() {
            submitted = false;
            Waiter waiter = this.waiter;
            IOException failure = op.failure();
            if (waiter == null) {
                return; // has left
            } else if (op.cancelled()) {
                submit(); // for somebody who has left, and another has come
            } else if (failure == null) {
                waiter.ready();
            } else {
                this.waiter = null;
                waiter.failed(failure);
                channel.releaseIfUnused();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ who waits

    /** Who waits on a side. */
    private sealed interface Waiter permits Callback, CoroutineWait, Busy {

        /** The channel is ready. */
        void ready();

        /** It will never be: the waiter is off the side. */
        void failed(IOException failure);
    }

    /** A callback of the user, which stays until it is removed or its channel closed. */
    private final class Callback implements Waiter, Runnable, Names.Wrapper {

        private final Side side;
        private final Runnable callback;
        private final CallbackHandle handle;

        Callback(Side side, Runnable callback, Context context) {
            this.side = side;
            this.callback = callback;
            this.handle = new CallbackHandle(loop, this, context);
        }

        @Override
        public void ready() {
            loop.ready(handle);
        }

        /** In the callback runner. */
        @Override
        public void run() {
            try {
                callback.run();
            } finally {
                if (side.waiter == this && !loop.isClosed()) {
                    side.submit();
                }
            }
        }

        @Override
        public void failed(IOException failure) {
            if (!(failure instanceof ClosedChannelException)) {
                loop.callExceptionHandler(ExceptionContext.about(
                        "handle", handle, handle.createdAt, "Cannot wait for a channel any more", failure));
            }
        }

        @Override
        public Object code() {
            return callback;
        }

        @Override
        public String toString() {
            return "a callback that waits for " + side.channel.channel;
        }
    }

    /** A coroutine that is suspended until the channel is ready. A cancel moves no bytes, and takes effect at once. */
    private static final class CoroutineWait extends Wait implements Waiter {

        private final Side side;
        private final Strand strand;
        private boolean parked;
        private boolean over;
        private @Nullable IOException failure;

        CoroutineWait(Side side, Strand strand) {
            this.side = side;
            this.strand = strand;
        }

        void park() throws IOException {
            if (!over) {
                parked = true;
                strand.parkOrThrow(this);
            }
            if (failure instanceof ClosedChannelException || !side.channel.channel.isOpen()) {
                throw new AsynchronousCloseException();
            } else if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
        }

        @Override
        public void ready() {
            side.leave(this);
            goOn();
        }

        @Override
        public void failed(IOException failure) {
            this.failure = failure;
            goOn();
        }

        private void goOn() {
            over = true;
            if (parked) {
                strand.wakeUp();
            }
        }

        @Override
        boolean abort(Strand strand, @Nullable String message) {
            abandon(strand);
            strand.wakeUp();
            return true;
        }

        @Override
        void abandon(Strand strand) {
            side.leave(this);
        }

        @Override
        String label() {
            return (side.op.direction == Op.Direction.READ ? "reading from " : "writing to ") + side.channel.channel;
        }

        @Override
        public String toString() {
            return label();
        }
    }

    /** A coroutine whose operation the driver has in hand. */
    private static final class Busy implements Waiter {

        @Override
        public void ready() {}

        @Override
        public void failed(IOException failure) {}
    }
}
