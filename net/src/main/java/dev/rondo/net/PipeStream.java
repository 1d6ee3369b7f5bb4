package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pipe: it goes one way, and the other is refused. The end to read is let go of as soon as it has met the
 * end of the stream; later reads meet it again.
 */
final class PipeStream implements ByteStream {

    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private final EventLoop loop;
    private final Fd fd;
    private final Op.@Nullable Read read; // null at the end to write
    private final Op.@Nullable Write write; // null at the end to read
    private boolean open = true;
    private boolean ended; // read to the end, or said to be by shutdownOutput

    private PipeStream(EventLoop loop, Fd fd, boolean toRead) {
        this.loop = loop;
        this.fd = fd;
        this.read = toRead ? new Op.Read(fd) : null;
        this.write = toRead ? null : new Op.Write(fd);
    }

    static PipeStream toRead(EventLoop loop, Fd fd) {
        return new PipeStream(loop, fd, true);
    }

    static PipeStream toWrite(EventLoop loop, Fd fd) {
        return new PipeStream(loop, fd, false);
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        if (read == null) {
            throw new NonReadableChannelException();
        }
        SocketStream.ensureRoom(dst);
        if (!open) {
            throw new ClosedChannelException();
        }
        if (ended) {
            return -1;
        }
        if (SocketStream.busy(read)) {
            throw new IllegalStateException("another coroutine is already reading from this pipe");
        }
        loop.perform(read.into(dst));
        if (read.cancelled()) {
            throw new AsynchronousCloseException();
        }
        if (read.count < 0) {
            ended = true;
            fd.close();
        }
        return read.count;
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
        if (write == null) {
            throw new NonWritableChannelException();
        }
        if (!open || ended) {
            throw new ClosedChannelException();
        }
        if (SocketStream.busy(write)) {
            throw new IllegalStateException("another coroutine is already writing to this pipe");
        }
        loop.perform(write.from(src));
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (write == null) {
            throw new NonWritableChannelException();
        }
        if (!open) {
            throw new ClosedChannelException();
        }
        ended = true;
        fd.close();
    }

    /** A pipe is kept in no pool: nobody is told that it is fit for one. */
    @Override
    public boolean quiet() {
        return false;
    }

    @Override
    public SocketAddress localAddress() {
        return UNNAMED;
    }

    @Override
    public SocketAddress remoteAddress() {
        return UNNAMED;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        fd.close();
    }

    @Override
    public String toString() {
        return "PipeStream[to " + (read != null ? "read" : "write") + (open ? "" : ", closed") + "]";
    }
}
