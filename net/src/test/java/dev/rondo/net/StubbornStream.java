package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.Promise;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** A stream to write to that takes as many bytes as it is told to, and no more. */
final class StubbornStream implements ByteStream {

    final StringBuilder taken = new StringBuilder();
    private int room;
    private boolean open = true;
    private @Nullable IOException failure;
    private @Nullable Promise<@Nullable Void, RuntimeException> change; // of the write that waits

    /** Takes {@code bytes} more. */
    void take(int bytes) {
        room += bytes;
        wake();
    }

    void takeAll() {
        take(1 << 30);
    }

    void breakWith(IOException failure) {
        this.failure = failure;
        wake();
    }

    private void wake() {
        if (change != null && !change.done()) {
            change.setResult(null);
        }
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
        for (ByteBuffer buffer : src) {
            while (buffer.hasRemaining()) {
                awaitRoom();
                while (buffer.hasRemaining() && room > 0) {
                    taken.append((char) buffer.get());
                    room--;
                }
            }
        }
    }

    private void awaitRoom() throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        while (room == 0 && failure == null) {
            change = Asyncio.getRunningLoop().createFuture();
            change.await();
            if (!open) {
                throw new AsynchronousCloseException();
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void shutdownOutput() {
        taken.append("<eof>");
    }

    @Override
    public int read(ByteBuffer dst) {
        return -1;
    }

    @Override
    public boolean quiet() {
        return false;
    }

    @Override
    public SocketAddress localAddress() {
        return UnixDomainSocketAddress.of("");
    }

    @Override
    public SocketAddress remoteAddress() {
        return UnixDomainSocketAddress.of("");
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            taken.append("<closed>");
            wake();
        }
    }
}
