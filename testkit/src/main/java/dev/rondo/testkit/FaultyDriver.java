package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Another driver with faults that the choices ask for, each of which an operating system may have:
 *
 * <ul>
 *   <li>"empty select": a poll comes back at once, and has found nothing;
 *   <li>"late completion": who waits for an operation hears of its end one or more turns later. Until then the
 *       operation is in flight, and the buffer that it reads into holds what it held before;
 *   <li>"late cancel": a cancel reaches the operation a turn later, which may have ended by then;
 *   <li>"delayed close": what was closed is gone for the program at once, and for the system a turn later.
 * </ul>
 */
final class FaultyDriver implements IoDriver {

    private static final int LATEST = 5; // turns

    private final IoDriver inner;
    private final Choices choices;
    private final List<Shadow> shadows = new ArrayList<>(); // in the order of their submits
    private final List<FaultyFd> closing = new ArrayList<>(); // closed for the program alone

    FaultyDriver(IoDriver inner, Choices choices) {
        this.inner = inner;
        this.choices = choices;
    }

    /** An operation, and the one that stands in for it with the inner driver. */
    private static final class Shadow {
        final Op outer;
        final Op inner;
        final ByteBuffer[] buffers; // the inner one's
        boolean over; // the inner one is
        boolean cancelLate;
        int turnsLate;

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
        Fd fd = fdOf(op);
        if (fd != null && !fd.isOpen()) {
            op.begin();
            op.finish(new ClosedChannelException());
            return;
        }
        Shadow shadow = shadow(op);
        shadow.inner.onDone(() -> shadow.over = true);
        inner.submit(shadow.inner);
        op.begin();
        if (shadow.inner.isDone() && !choices.buggify("late completion")) {
            finish(shadow);
            return;
        }
        shadow.over = shadow.inner.isDone();
        shadow.turnsLate = shadow.over ? 1 : 0;
        shadows.add(shadow);
    }

    private static boolean sameDirection(Op one, Op other) {
        return switch (one) {
            case Op.Read a -> other instanceof Op.Read b && a.fd == b.fd;
            case Op.Write a -> other instanceof Op.Write b && a.fd == b.fd;
            case Op.Accept a -> other instanceof Op.Accept b && a.listener == b.listener;
            default -> false;
        };
    }

    private static @Nullable Fd fdOf(Op op) {
        return switch (op) {
            case Op.Read read -> read.fd;
            case Op.Write write -> write.fd;
            case Op.Accept accept -> accept.listener;
            case Op.Connect connect -> connect.fd;
            case Op.ReadAt read -> read.fd;
            case Op.Open _ -> null;
        };
    }

    private static Shadow shadow(Op op) {
        return switch (op) {
            case Op.Read read -> {
                ByteBuffer buffer = ByteBuffer.allocate(read.buffer().remaining());
                yield new Shadow(op, new Op.Read(inner(read.fd)).into(buffer), buffer);
            }
            case Op.ReadAt read -> {
                ByteBuffer buffer = ByteBuffer.allocate(read.buffer.remaining());
                yield new Shadow(op, new Op.ReadAt(inner(read.fd), buffer, read.position), buffer);
            }
            case Op.Write write -> {
                ByteBuffer[] buffers = new ByteBuffer[write.buffers().length];
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i] = write.buffers()[i].duplicate();
                }
                yield new Shadow(op, new Op.Write(inner(write.fd)).from(buffers), buffers);
            }
            case Op.Accept accept -> new Shadow(op, new Op.Accept(inner(accept.listener)));
            case Op.Connect connect -> new Shadow(op, new Op.Connect(inner(connect.fd), connect.address));
            case Op.Open open -> new Shadow(op, new Op.Open(open.path, open.options));
        };
    }

    private static Fd inner(Fd fd) {
        return ((FaultyFd) fd).fd;
    }

    @Override
    public void cancel(Op op) {
        if (!op.beginCancel()) {
            return;
        }
        for (Shadow shadow : shadows) {
            if (shadow.outer == op && !shadow.over) {
                shadow.cancelLate = choices.buggify("late cancel");
                if (!shadow.cancelLate) {
                    inner.cancel(shadow.inner);
                }
            }
        }
    }

    @Override
    public void deliver() {
        List<FaultyFd> closingNow = List.copyOf(closing);
        closing.clear();
        closingNow.forEach(fd -> fd.fd.close());
        inner.deliver();
        for (Shadow shadow : List.copyOf(shadows)) {
            if (!shadow.over) {
                if (shadow.cancelLate) {
                    shadow.cancelLate = false;
                    inner.cancel(shadow.inner);
                }
            } else if (shadow.turnsLate < LATEST && choices.buggify("late completion")) {
                shadow.turnsLate++;
            } else {
                shadows.remove(shadow);
                finish(shadow);
                shadow.outer.wake();
            }
        }
    }

    private void finish(Shadow shadow) {
        Op done = shadow.inner;
        switch (shadow.outer) {
            case Op.Read read -> {
                read.count = ((Op.Read) done).count;
                read.buffer().put(shadow.buffers[0].flip());
            }
            case Op.ReadAt read -> {
                read.count = ((Op.ReadAt) done).count;
                read.buffer.put(shadow.buffers[0].flip());
            }
            case Op.Write write -> {
                for (int i = 0; i < shadow.buffers.length; i++) {
                    write.buffers()[i].position(shadow.buffers[i].position());
                }
            }
            case Op.Accept accept -> accept.accepted = wrapped(((Op.Accept) done).accepted);
            case Op.Open open -> open.opened = wrapped(((Op.Open) done).opened);
            case Op.Connect _ -> {}
        }
        if (done.cancelled()) {
            shadow.outer.finishCancelled();
        } else {
            shadow.outer.finish(done.failure());
        }
    }

    private @Nullable Fd wrapped(@Nullable Fd fd) {
        return fd == null ? null : new FaultyFd(fd);
    }

    // ------------------------------------------------------------------------------------------------ the loop's calls

    @Override
    public void poll(long timeoutNanos) {
        if (choices.buggify("empty select")) {
            return;
        }
        boolean late = !closing.isEmpty();
        for (Shadow shadow : shadows) {
            late |= shadow.over || shadow.cancelLate;
        }
        inner.poll(late ? 0 : timeoutNanos);
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
    public Fd tcpSocket(ProtocolFamily family) throws IOException {
        return new FaultyFd(inner.tcpSocket(family));
    }

    @Override
    public Fd tcpListener(InetSocketAddress address, int backlog) throws IOException {
        return new FaultyFd(inner.tcpListener(address, backlog));
    }

    @Override
    public void close() {
        shadows.clear();
        closing.clear();
        inner.close();
    }

    @Override
    public String toString() {
        return "FaultyDriver[" + inner + "]";
    }

    // ------------------------------------------------------------------------------------------------ sockets, files

    private final class FaultyFd implements Fd {

        private final Fd fd;
        private boolean open = true;

        FaultyFd(Fd fd) {
            this.fd = fd;
        }

        @Override
        public void close() {
            if (!open) {
                return;
            }
            open = false;
            if (choices.buggify("delayed close")) {
                closing.add(this);
            } else {
                fd.close();
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
        public <T> void setOption(SocketOption<T> option, T value) throws IOException {
            fd.setOption(option, value);
        }

        @Override
        public void shutdownOutput() throws IOException {
            fd.shutdownOutput();
        }

        @Override
        public String toString() {
            return String.valueOf(fd);
        }
    }
}
