package dev.rondo.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Another stream, read and written one byte at a time. */
final class DrippingStream implements ByteStream {

    private final ByteStream inner;

    DrippingStream(ByteStream inner) {
        this.inner = inner;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        ByteBuffer drop = ByteBuffer.allocate(1);
        try {
            return inner.read(drop);
        } finally {
            dst.put(drop.flip());
        }
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
        for (ByteBuffer buffer : src) {
            while (buffer.hasRemaining()) {
                ByteBuffer drop = buffer.slice(buffer.position(), 1);
                try {
                    inner.write(drop);
                } finally {
                    buffer.position(buffer.position() + drop.position());
                }
            }
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        inner.shutdownOutput();
    }

    @Override
    public boolean quiet() {
        return inner.quiet();
    }

    @Override
    public SocketAddress localAddress() {
        return inner.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return inner.remoteAddress();
    }

    @Override
    public boolean isOpen() {
        return inner.isOpen();
    }

    @Override
    public void close() {
        inner.close();
    }
}
