package dev.rondo.reactor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

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
        return switch (one) {
            case Op.Read a -> other instanceof Op.Read b && a.fd == b.fd;
            case Op.Write a -> other instanceof Op.Write b && a.fd == b.fd;
            case Op.Accept a -> other instanceof Op.Accept b && a.listener == b.listener;
            default -> false;
        };
    }

    private static Shadow shadow(Op op) {
        return switch (op) {
            case Op.Read read -> {
                ByteBuffer buffer = ByteBuffer.allocate(read.buffer().remaining());
                spoil(read.buffer());
                yield new Shadow(op, new Op.Read(read.fd).into(buffer), buffer);
            }
            case Op.ReadAt read -> {
                ByteBuffer buffer = ByteBuffer.allocate(read.buffer.remaining());
                spoil(read.buffer);
                yield new Shadow(op, new Op.ReadAt(read.fd, buffer, read.position), buffer);
            }
            case Op.Write write -> {
                ByteBuffer[] buffers = new ByteBuffer[write.buffers().length];
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i] = write.buffers()[i].duplicate();
                }
                yield new Shadow(op, new Op.Write(write.fd).from(buffers), buffers);
            }
            case Op.Accept accept -> new Shadow(op, new Op.Accept(accept.listener));
            case Op.Connect connect -> new Shadow(op, new Op.Connect(connect.fd, connect.address));
            case Op.Open open -> new Shadow(op, new Op.Open(open.path, open.options));
        };
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
        if (shadow.inner.cancelled()) {
            copyPositions(shadow);
            shadow.outer.finishCancelled();
            return;
        }
        switch (shadow.outer) {
            case Op.Read read -> {
                read.count = ((Op.Read) shadow.inner).count;
                read.buffer().put(shadow.buffers[0].flip());
            }
            case Op.ReadAt read -> {
                read.count = ((Op.ReadAt) shadow.inner).count;
                read.buffer.put(shadow.buffers[0].flip());
            }
            case Op.Write write -> copyPositions(shadow);
            case Op.Accept accept -> accept.accepted = ((Op.Accept) shadow.inner).accepted;
            case Op.Open open -> open.opened = ((Op.Open) shadow.inner).opened;
            case Op.Connect connect -> {}
        }
        shadow.outer.finish(shadow.inner.failure());
    }

    private static void copyPositions(Shadow shadow) {
        if (shadow.outer instanceof Op.Write write) {
            for (int i = 0; i < shadow.buffers.length; i++) {
                write.buffers()[i].position(shadow.buffers[i].position());
            }
        }
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
    public Fd tcpSocket(ProtocolFamily family) throws IOException {
        return inner.tcpSocket(family);
    }

    @Override
    public Fd tcpListener(InetSocketAddress address, int backlog) throws IOException {
        return inner.tcpListener(address, backlog);
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
