package dev.rondo.net;

import dev.rondo.AsyncEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;

/**
 * One end of a connection in memory, which needs no driver: for tests on the virtual clock, or with a schedule by seed.
 */
final class MemoryStream implements ByteStream, LastWords {

    /** What is on its way one way: 0 to position. */
    private static final class Way {
        final ByteBuffer bytes;
        boolean ended;
        final AsyncEvent changed = new AsyncEvent();

        Way(int capacity) {
            bytes = ByteBuffer.allocate(capacity);
        }

        void tell() {
            changed.set();
            changed.clear();
        }

        void put(ByteBuffer src) {
            int count = Math.min(bytes.remaining(), src.remaining());
            bytes.put(src.slice(src.position(), count));
            src.position(src.position() + count);
            tell();
        }

        int take(ByteBuffer dst) {
            bytes.flip();
            int count = Math.min(bytes.remaining(), dst.remaining());
            dst.put(bytes.slice(0, count));
            bytes.position(count).compact();
            tell();
            return count;
        }
    }

    private final Way in;
    private final Way out;
    private boolean open = true;

    private MemoryStream(Way in, Way out) {
        this.in = in;
        this.out = out;
    }

    /** Returns two ends that hold up to {@code capacity} bytes each way. */
    static Wire wire(int capacity) {
        Way up = new Way(capacity);
        Way down = new Way(capacity);
        return new Wire(new MemoryStream(down, up), new MemoryStream(up, down));
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        ensureOpen();
        while (in.bytes.position() == 0) {
            if (in.ended) {
                return -1;
            }
            in.changed.await();
            if (!open) {
                throw new AsynchronousCloseException();
            }
        }
        return in.take(dst);
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
        ensureOpen();
        for (ByteBuffer buffer : src) {
            while (buffer.hasRemaining()) {
                if (!open) {
                    throw new AsynchronousCloseException();
                }
                if (out.ended) {
                    throw new IOException("Broken pipe");
                }
                if (out.bytes.hasRemaining()) {
                    out.put(buffer);
                } else {
                    out.changed.await();
                }
            }
        }
    }

    private void ensureOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        ensureOpen();
        out.ended = true;
        out.tell();
    }

    @Override
    public boolean quiet() {
        return open && in.bytes.position() == 0 && !in.ended;
    }

    @Override
    public void closeWith(ByteBuffer lastWords) {
        if (open && !out.ended) {
            out.put(lastWords);
        }
        close();
    }

    @Override
    public void close() {
        open = false;
        out.ended = true;
        in.ended = true; // so that the peer's writes break
        out.tell();
        in.tell();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public SocketAddress localAddress() {
        return UnixDomainSocketAddress.of("here");
    }

    @Override
    public SocketAddress remoteAddress() {
        return UnixDomainSocketAddress.of("there");
    }
}
