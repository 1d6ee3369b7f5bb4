package dev.rondo.reactor;

import dev.rondo.chance.Choices;
import dev.rondo.chance.RandomFaults;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Another driver that does what a kernel that completes in its own time may do, and a selector seldom does. The choices
 * say when; each is what {@link IoDriver} allows, so that whoever uses a driver must take it.
 *
 * <ul>
 *   <li>"completion": an operation is told of some deliveries after it ended, and may be over when {@code submit}
 *       returns only where that is none.
 *   <li>"cancel": a cancelled operation stays in flight for some deliveries before the cancel is passed on, and where
 *       the result is quicker it ends with the result.
 *   <li>"close": so with what is closed: it is gone for the program at once, and for the system later.
 *   <li>"short read", of a file too: one that brings fewer bytes than are there.
 *   <li>"short write": one that takes several rounds, with whatever happens in between.
 *   <li>"empty poll": one that comes back at once, and has found nothing.
 *   <li>"no descriptor": an accept that fails, once, since the system has no descriptor left.
 * </ul>
 *
 * <p>A buffer that is read into holds garbage until its operation is over.
 */
public final class FaultyDriver implements IoDriver {

    private static final byte GARBAGE = '?';

    private final IoDriver inner;
    private final Choices choices;
    private final int delay; // deliveries that everything is late at least
    private final List<Shadow> shadows = new ArrayList<>(); // in the order of their submits
    private final List<FaultyFd> closing = new ArrayList<>(); // closed for the program alone
    private boolean ranOut; // of descriptors

    /** Makes a driver that is late by {@code delay} deliveries, and by 0 to 3 more as the choices say. */
    public FaultyDriver(IoDriver inner, Choices choices, int delay) {
        this.inner = inner;
        this.choices = choices;
        this.delay = delay;
    }

    /** Makes a driver that is always two deliveries late, and has no faults. */
    public static FaultyDriver late(IoDriver inner) {
        return new FaultyDriver(inner, Choices.plain(), 2);
    }

    /** Makes a driver with faults of all kinds but those named: the same ones for the same seed. */
    public static FaultyDriver seeded(IoDriver inner, long seed, String... never) {
        return new FaultyDriver(
                inner,
                new RandomFaults(seed, 3) {
                    @Override
                    public boolean buggify(String what) {
                        return !List.of(never).contains(what) && super.buggify(what);
                    }
                },
                0);
    }

    private int lateness(String what) {
        return delay + choices.choose(4, what);
    }

    /** An operation, and the one that stands in for it with the inner driver. */
    private static final class Shadow {
        final Op outer;
        Op inner; // a write has one for each round
        final ByteBuffer[] buffers; // those of the inner one
        boolean over; // as soon as the outer one is told
        boolean betweenRounds; // of a write: nothing is with the inner driver
        boolean cancelling;
        boolean cancelled;
        int waits; // deliveries until the outer one is told, or the inner one is cancelled

        @Nullable IOException failure;

        Shadow(Op outer, Op inner, ByteBuffer... buffers) {
            this.outer = outer;
            this.inner = inner;
            this.buffers = buffers;
        }
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    public void submit(Op op) {
        for (Shadow shadow : shadows) {
            if (sameDirection(shadow.outer, op)) {
                throw new IllegalStateException("another coroutine is already busy with " + shadow.outer);
            }
        }
        Shadow shadow = shadow(op);
        IOException failure = failure(op);
        if (failure != null) {
            op.begin();
            over(shadow, failure, false);
        } else {
            shadow.inner.onDone(() -> roundOver(shadow));
            inner.submit(shadow.inner);
            op.begin();
            if (shadow.inner.isDone()) {
                roundOver(shadow);
            }
        }
        if (shadow.over && shadow.waits == 0) {
            finish(shadow);
        } else {
            shadows.add(shadow);
        }
    }

    private @Nullable IOException failure(Op op) {
        if (op instanceof Op.OnFd onFd && !onFd.fd.isOpen()) {
            return new ClosedChannelException();
        }
        if (op instanceof Op.Accept && !ranOut && choices.buggify("no descriptor")) {
            ranOut = true;
            return new IOException("Too many open files");
        }
        return null;
    }

    /** The inner operation has ended: the outer one too, unless there is more to write. */
    private void roundOver(Shadow shadow) {
        if (shadow.outer instanceof Op.Write write) {
            boolean more = false;
            for (int i = 0; i < shadow.buffers.length; i++) {
                shadow.buffers[i].limit(write.buffers()[i].limit());
                more |= shadow.buffers[i].hasRemaining();
            }
            if (more && shadow.inner.failure() == null && !shadow.inner.cancelled()) {
                shadow.betweenRounds = true;
                return;
            }
        }
        over(shadow, shadow.inner.failure(), shadow.inner.cancelled());
    }

    private void over(Shadow shadow, @Nullable IOException failure, boolean cancelled) {
        shadow.over = true;
        shadow.failure = failure;
        shadow.cancelled = cancelled;
        shadow.waits = lateness("completion");
    }

    private void nextRound(Shadow shadow) {
        shadow.betweenRounds = false;
        Op.Write write = (Op.Write) shadow.outer;
        if (!write.fd.isOpen()) {
            over(shadow, new AsynchronousCloseException(), false);
        } else if (shadow.cancelling) {
            over(shadow, null, true);
        } else {
            shadow.inner = round(write, shadow.buffers);
            shadow.inner.onDone(() -> roundOver(shadow));
            inner.submit(shadow.inner);
            if (shadow.inner.isDone()) {
                roundOver(shadow);
            }
        }
    }

    /** Returns an operation that writes all the buffers, or a part of the first that has anything. */
    private Op.Write round(Op.Write write, ByteBuffer[] buffers) {
        for (ByteBuffer buffer : buffers) {
            if (buffer.remaining() > 1 && choices.buggify("short write")) {
                buffer.limit(buffer.position() + 1 + choices.choose(buffer.remaining(), "short write"));
                return new Op.Write(inner(write.fd)).from(buffer);
            } else if (buffer.hasRemaining()) {
                break;
            }
        }
        return new Op.Write(inner(write.fd)).from(buffers);
    }

    private static boolean sameDirection(Op one, Op other) {
        return one instanceof Op.OnFd a
                && other instanceof Op.OnFd b
                && a.fd == b.fd
                && direction(a) != null
                && direction(a) == direction(b);
    }

    private static Op.@Nullable Direction direction(Op.OnFd op) {
        return switch (op) {
            case Op.Read _, Op.Accept _, Op.ReceiveFrom _ -> Op.Direction.READ;
            case Op.Write _, Op.Connect _, Op.SendTo _, Op.Transfer _ -> Op.Direction.WRITE;
            case Op.Ready ready -> ready.direction;
            case Op.OnFile _ -> null; // any number at once
        };
    }

    private Shadow shadow(Op op) {
        return switch (op) {
            case Op.Read read -> {
                ByteBuffer buffer = standIn(read.buffer());
                yield new Shadow(op, new Op.Read(inner(read.fd)).into(buffer), buffer);
            }
            case Op.ReadAt read -> {
                ByteBuffer buffer = standIn(read.buffer);
                yield new Shadow(op, new Op.ReadAt(inner(read.fd), buffer, read.position), buffer);
            }
            case Op.ReceiveFrom receive -> {
                ByteBuffer buffer = wholeStandIn(receive.buffer());
                yield new Shadow(op, new Op.ReceiveFrom(inner(receive.fd)).into(buffer), buffer);
            }
            case Op.Write write -> {
                ByteBuffer[] buffers = new ByteBuffer[write.buffers().length];
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i] = write.buffers()[i].duplicate();
                }
                yield new Shadow(op, round(write, buffers), buffers);
            }
            case Op.WriteAt write -> {
                ByteBuffer buffer = write.buffer.duplicate();
                yield new Shadow(op, new Op.WriteAt(inner(write.fd), buffer, write.position), buffer);
            }
            case Op.SendTo send -> {
                ByteBuffer buffer = send.buffer().duplicate();
                yield new Shadow(op, new Op.SendTo(inner(send.fd)).from(buffer, send.target()), buffer);
            }
            case Op.Transfer transfer ->
                new Shadow(
                        op,
                        new Op.Transfer(inner(transfer.fd), inner(transfer.file), transfer.position, transfer.count));
            case Op.Accept accept -> new Shadow(op, new Op.Accept(inner(accept.fd)));
            case Op.Connect connect -> new Shadow(op, new Op.Connect(inner(connect.fd), connect.address));
            case Op.Ready ready -> new Shadow(op, new Op.Ready(inner(ready.fd), ready.direction));
            case Op.Open open -> new Shadow(op, new Op.Open(open.path, open.options));
            case Op.Sync sync -> new Shadow(op, new Op.Sync(inner(sync.fd), sync.metadata));
            case Op.Size size -> new Shadow(op, new Op.Size(inner(size.fd)));
            case Op.SetSize change -> new Shadow(op, new Op.SetSize(inner(change.fd), change.size));
            case Op.Blocking<?> blocking -> shadow(blocking);
        };
    }

    private static <T extends @Nullable Object> Shadow shadow(Op.Blocking<T> op) {
        return new Shadow(op, new Op.Blocking<>(op.call, op.cleaner, op.toTheEnd));
    }

    /** Returns a buffer to read into in place of another, which is spoilt. */
    private ByteBuffer standIn(ByteBuffer buffer) {
        spoil(buffer);
        int room = buffer.remaining();
        boolean less = room > 1 && choices.buggify("short read");
        return ByteBuffer.allocate(less ? 1 + choices.choose(room, "short read") : room);
    }

    /** As {@link #standIn}, where what does not fit would be lost. */
    private static ByteBuffer wholeStandIn(ByteBuffer buffer) {
        spoil(buffer);
        return ByteBuffer.allocate(buffer.remaining());
    }

    private static Fd inner(Fd fd) {
        if (fd instanceof FaultyFd faulty) {
            return faulty.fd;
        }
        throw new IllegalArgumentException("not a descriptor of this driver: " + fd);
    }

    private static void spoil(ByteBuffer buffer) {
        for (int i = buffer.position(); i < buffer.limit(); i++) {
            buffer.put(i, GARBAGE);
        }
    }

    @Override
    public void cancel(Op op) {
        if (!op.beginCancel()) {
            return;
        }
        for (Shadow shadow : shadows) {
            if (shadow.outer == op) {
                shadow.cancelling = true;
                if (!shadow.over) {
                    shadow.waits = lateness("cancel");
                }
            }
        }
    }

    @Override
    public void deliver() {
        for (FaultyFd fd : List.copyOf(closing)) {
            if (fd.waits-- <= 0) {
                closing.remove(fd);
                fd.fd.close();
            }
        }
        inner.deliver();
        for (Shadow shadow : List.copyOf(shadows)) {
            if (shadow.over) {
                if (shadow.waits-- <= 0) {
                    shadows.remove(shadow);
                    finish(shadow);
                    shadow.outer.wake();
                }
            } else if (shadow.betweenRounds) {
                nextRound(shadow);
            } else if (shadow.cancelling && shadow.waits-- <= 0) {
                inner.cancel(shadow.inner);
            }
        }
    }

    private void finish(Shadow shadow) {
        copyResult(shadow);
        if (shadow.cancelled) {
            shadow.outer.finishCancelled();
        } else {
            shadow.outer.finish(shadow.failure);
        }
    }

    private void copyResult(Shadow shadow) {
        switch (shadow.outer) {
            case Op.Read read -> {
                read.count = ((Op.Read) shadow.inner).count;
                read.buffer().put(shadow.buffers[0].flip());
            }
            case Op.ReadAt read -> {
                read.count = ((Op.ReadAt) shadow.inner).count;
                read.buffer.put(shadow.buffers[0].flip());
            }
            case Op.ReceiveFrom receive -> {
                receive.count = ((Op.ReceiveFrom) shadow.inner).count;
                receive.source = ((Op.ReceiveFrom) shadow.inner).source;
                receive.buffer().put(shadow.buffers[0].flip());
            }
            case Op.Write write -> {
                for (int i = 0; i < shadow.buffers.length; i++) {
                    write.buffers()[i].position(shadow.buffers[i].position());
                }
            }
            case Op.WriteAt write -> write.buffer.position(shadow.buffers[0].position());
            case Op.SendTo send -> send.buffer().position(shadow.buffers[0].position());
            case Op.Transfer transfer -> transfer.transferred = ((Op.Transfer) shadow.inner).transferred;
            case Op.Accept accept -> accept.accepted = wrapped(((Op.Accept) shadow.inner).accepted);
            case Op.Open open -> open.opened = wrapped(((Op.Open) shadow.inner).opened);
            case Op.Size size -> size.size = ((Op.Size) shadow.inner).size;
            case Op.Blocking<?> blocking -> copyResult(blocking, shadow.inner);
            case Op.Connect _, Op.Ready _, Op.Sync _, Op.SetSize _ -> {}
        }
    }

    @SuppressWarnings("unchecked") // both are of the same call
    private static <T extends @Nullable Object> void copyResult(Op.Blocking<T> outer, Op inner) {
        outer.result = ((Op.Blocking<T>) inner).result;
    }

    private @Nullable Fd wrapped(@Nullable Fd fd) {
        return fd == null ? null : new FaultyFd(fd);
    }

    // ------------------------------------------------------------------------------------------------ the loop's calls

    @Override
    public void poll(long timeoutNanos) {
        if (choices.buggify("empty poll")) {
            return;
        }
        boolean counting = !closing.isEmpty();
        for (Shadow shadow : shadows) {
            counting |= shadow.over || shadow.betweenRounds || shadow.cancelling;
        }
        inner.poll(counting ? 0 : timeoutNanos);
    }

    @Override
    public int openCount() {
        return inner.openCount();
    }

    @Override
    public int inFlight() {
        return inner.inFlight() + shadows.size() + closing.size();
    }

    @Override
    public void wakeup() {
        inner.wakeup();
    }

    @Override
    public void close() {
        for (Shadow shadow : shadows) {
            if (shadow.over && shadow.inner instanceof Op.Blocking<?> call) {
                cleanUp(call);
            }
        }
        shadows.clear();
        closing.forEach(fd -> fd.fd.close());
        closing.clear();
        inner.close();
    }

    private static <T extends @Nullable Object> void cleanUp(Op.Blocking<T> call) {
        T result = call.result;
        if (result != null) {
            Thread.ofPlatform().daemon().start(() -> call.cleaner.accept(result));
        }
    }

    @Override
    public String toString() {
        return "FaultyDriver[" + inner + "]";
    }

    // ------------------------------------------------------------------------------------------------ what is open

    @Override
    public Fd streamSocket(ProtocolFamily family) throws IOException {
        return new FaultyFd(inner.streamSocket(family));
    }

    @Override
    public Fd listenerSocket(ProtocolFamily family) throws IOException {
        return new FaultyFd(inner.listenerSocket(family));
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) throws IOException {
        return new FaultyFd(inner.datagramSocket(family));
    }

    @Override
    public Fd adopt(SelectableChannel channel) throws IOException {
        return new FaultyFd(inner.adopt(channel));
    }

    @Override
    public Fd adopt(FileChannel file) {
        return new FaultyFd(inner.adopt(file));
    }

    @Override
    public Fd source(InputStream stream) {
        return new FaultyFd(inner.source(stream));
    }

    @Override
    public Fd sink(OutputStream stream) {
        return new FaultyFd(inner.sink(stream));
    }

    private final class FaultyFd implements Fd {

        private final Fd fd;
        private boolean open = true;
        private int waits; // deliveries until it is closed for the system

        FaultyFd(Fd fd) {
            this.fd = fd;
        }

        @Override
        public void close() {
            if (!open) {
                return;
            }
            open = false;
            waits = lateness("close");
            if (waits == 0) {
                fd.close();
            } else {
                closing.add(this);
            }
        }

        @Override
        public void release() {
            if (open) {
                ensureSendsNoFile();
                fd.release(); // at once, since the owner may use it
                open = false;
            }
        }

        @Override
        public void shutdownOutput() throws IOException {
            ensureSendsNoFile();
            fd.shutdownOutput();
        }

        private void ensureSendsNoFile() {
            for (Shadow shadow : shadows) {
                if (shadow.outer instanceof Op.Transfer transfer && transfer.fd == this) {
                    throw new IllegalStateException("a file is being sent through " + this);
                }
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return fd.localAddress();
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return fd.remoteAddress();
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return fd.supportedOptions();
        }

        @Override
        public <T> void setOption(SocketOption<T> option, T value) throws IOException {
            fd.setOption(option, value);
        }

        @Override
        public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
            return fd.getOption(option);
        }

        @Override
        public void bind(SocketAddress address, int backlog) throws IOException {
            fd.bind(address, backlog);
        }

        @Override
        public String toString() {
            return fd.toString();
        }
    }
}
