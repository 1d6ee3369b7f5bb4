package dev.rondo.reactor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Another driver with a delay: what a kernel that completes in its own time may do, and a selector never does.
 *
 * <ul>
 *   <li>No operation is over when {@code submit} returns, and each is told of only {@code delay} deliveries after it
 *       ended.
 *   <li>A cancelled operation stays in flight: the cancel is passed on {@code delay} deliveries later, and where the
 *       result is quicker it ends with the result.
 *   <li>A buffer that is read into holds garbage until its operation is over.
 * </ul>
 */
public final class LateDriver implements IoDriver {

    private static final byte GARBAGE = '?';

    private final IoDriver inner;
    private final int delay;
    private final List<Shadow> shadows = new ArrayList<>(); // in the order of their submits

    /** Makes a driver that is two deliveries late. */
    public LateDriver(IoDriver inner) {
        this(inner, 2);
    }

    /** Makes a driver that is {@code delay} deliveries late. */
    public LateDriver(IoDriver inner, int delay) {
        this.inner = inner;
        this.delay = delay;
    }

    /** An operation, and the one that stands in for it with the inner driver. */
    private static final class Shadow {
        final Op outer;
        final Op inner;
        final ByteBuffer[] buffers; // those of the inner one
        boolean over; // the inner one is
        boolean cancelling;
        int waits; // deliveries until the outer one is told, or the inner one is cancelled

        Shadow(Op outer, Op inner, ByteBuffer... buffers) {
            this.outer = outer;
            this.inner = inner;
            this.buffers = buffers;
        }
    }

    @Override
    public void submit(Op op) {
        for (Shadow shadow : shadows) {
            if (sameDirection(shadow.outer, op)) {
                throw new IllegalStateException("another coroutine is already busy with " + shadow.outer);
            }
        }
        Shadow shadow = shadow(op);
        shadow.inner.onDone(() -> over(shadow));
        inner.submit(shadow.inner);
        op.begin();
        shadows.add(shadow);
        if (shadow.inner.isDone()) {
            over(shadow);
        }
    }

    private void over(Shadow shadow) {
        shadow.over = true;
        shadow.waits = delay;
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

    private static Shadow shadow(Op op) {
        return switch (op) {
            case Op.Read read -> {
                ByteBuffer buffer = standIn(read.buffer());
                yield new Shadow(op, new Op.Read(read.fd).into(buffer), buffer);
            }
            case Op.ReadAt read -> {
                ByteBuffer buffer = standIn(read.buffer);
                yield new Shadow(op, new Op.ReadAt(read.fd, buffer, read.position), buffer);
            }
            case Op.ReceiveFrom receive -> {
                ByteBuffer buffer = standIn(receive.buffer());
                yield new Shadow(op, new Op.ReceiveFrom(receive.fd).into(buffer), buffer);
            }
            case Op.Write write -> {
                ByteBuffer[] buffers = new ByteBuffer[write.buffers().length];
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i] = write.buffers()[i].duplicate();
                }
                yield new Shadow(op, new Op.Write(write.fd).from(buffers), buffers);
            }
            case Op.WriteAt write -> {
                ByteBuffer buffer = write.buffer.duplicate();
                yield new Shadow(op, new Op.WriteAt(write.fd, buffer, write.position), buffer);
            }
            case Op.SendTo send -> {
                ByteBuffer buffer = send.buffer().duplicate();
                yield new Shadow(op, new Op.SendTo(send.fd).from(buffer, send.target()), buffer);
            }
            case Op.Transfer transfer ->
                new Shadow(op, new Op.Transfer(transfer.fd, transfer.file, transfer.position, transfer.count));
            case Op.Accept accept -> new Shadow(op, new Op.Accept(accept.fd));
            case Op.Connect connect -> new Shadow(op, new Op.Connect(connect.fd, connect.address));
            case Op.Ready ready -> new Shadow(op, new Op.Ready(ready.fd, ready.direction));
            case Op.Open open -> new Shadow(op, new Op.Open(open.path, open.options));
            case Op.Sync sync -> new Shadow(op, new Op.Sync(sync.fd, sync.metadata));
            case Op.Size size -> new Shadow(op, new Op.Size(size.fd));
            case Op.SetSize change -> new Shadow(op, new Op.SetSize(change.fd, change.size));
            case Op.Blocking<?> blocking -> shadow(blocking);
        };
    }

    private static <T extends @Nullable Object> Shadow shadow(Op.Blocking<T> op) {
        return new Shadow(op, new Op.Blocking<>(op.call, op.cleaner));
    }

    /** Returns a buffer to read into in place of another, which is spoilt. */
    private static ByteBuffer standIn(ByteBuffer buffer) {
        spoil(buffer);
        return ByteBuffer.allocate(buffer.remaining());
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
                    shadow.waits = delay;
                }
            }
        }
    }

    @Override
    public void deliver() {
        inner.deliver();
        for (Shadow shadow : List.copyOf(shadows)) {
            if (shadow.over && shadow.waits-- <= 0) {
                shadows.remove(shadow);
                finish(shadow);
                shadow.outer.wake();
            } else if (!shadow.over && shadow.cancelling && shadow.waits-- <= 0) {
                inner.cancel(shadow.inner);
            }
        }
    }

    private static void finish(Shadow shadow) {
        copyResult(shadow);
        if (shadow.inner.cancelled()) {
            shadow.outer.finishCancelled();
        } else {
            shadow.outer.finish(shadow.inner.failure());
        }
    }

    private static void copyResult(Shadow shadow) {
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
            case Op.Accept accept -> accept.accepted = ((Op.Accept) shadow.inner).accepted;
            case Op.Open open -> open.opened = ((Op.Open) shadow.inner).opened;
            case Op.Size size -> size.size = ((Op.Size) shadow.inner).size;
            case Op.Blocking<?> blocking -> copyResult(blocking, shadow.inner);
            case Op.Connect _, Op.Ready _, Op.Sync _, Op.SetSize _ -> {}
        }
    }

    @SuppressWarnings("unchecked") // both are of the same call
    private static <T extends @Nullable Object> void copyResult(Op.Blocking<T> outer, Op inner) {
        outer.result = ((Op.Blocking<T>) inner).result;
    }

    @Override
    public void poll(long timeoutNanos) {
        boolean counting = shadows.stream().anyMatch(shadow -> shadow.over || shadow.cancelling);
        inner.poll(counting ? 0 : timeoutNanos);
    }

    @Override
    public int openCount() {
        return inner.openCount();
    }

    @Override
    public int inFlight() {
        return inner.inFlight() + shadows.size();
    }

    @Override
    public Fd streamSocket(ProtocolFamily family) throws IOException {
        return inner.streamSocket(family);
    }

    @Override
    public Fd listenerSocket(ProtocolFamily family) throws IOException {
        return inner.listenerSocket(family);
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) throws IOException {
        return inner.datagramSocket(family);
    }

    @Override
    public Fd adopt(SelectableChannel channel) throws IOException {
        return inner.adopt(channel);
    }

    @Override
    public Fd source(InputStream stream) {
        return inner.source(stream);
    }

    @Override
    public Fd sink(OutputStream stream) {
        return inner.sink(stream);
    }

    @Override
    public void wakeup() {
        inner.wakeup();
    }

    @Override
    public void close() {
        shadows.clear();
        inner.close();
    }

    @Override
    public String toString() {
        return "LateDriver[" + Objects.toString(inner) + "]";
    }
}
