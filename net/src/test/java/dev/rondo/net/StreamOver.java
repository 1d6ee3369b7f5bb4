package dev.rondo.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Another stream, for tests that want one of its methods otherwise. */
class StreamOver implements ByteStream {

    final ByteStream inner;

    StreamOver(ByteStream inner) {
        this.inner = inner;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        return inner.read(dst);
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
        inner.write(src);
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
