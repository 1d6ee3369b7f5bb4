package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A file's way through a transport. This stands in for the protocol, which waits: nothing is read meanwhile, and where
 * the file is written in blocks, this hears when it is too much. Loop thread only.
 */
final class TransportFile implements SocketFile.Way, Protocol {

    /** A transport through which files can be sent. */
    interface Target extends Transport {

        /**
         * Performs an operation on the socket once all is sent. Nothing is read or written meanwhile. Suspends.
         *
         * @throws UnsupportedOperationException before all else, if there is something between this and the socket
         */
        void transfer(Function<Fd, Op.Transfer> maker) throws IOException;

        /** Returns whether the protocol has been asked to pause. */
        boolean isWritingPaused();

        /** Has the protocol told what it does not know yet: to pause, or to go on, other than before. */
        void caughtUp(boolean before);
    }

    private static final int BYTES_PER_BLOCK = 16 * 1024; // asyncio's figure

    private final EventLoop loop;
    private final Target transport;
    private final StreamProtocol protocol; // that waits until this is over
    private @Nullable Promise<@Nullable Void, IOException> flowing; // null: there is room
    private boolean paused;

    TransportFile(EventLoop loop, Target transport) {
        this.loop = loop;
        this.transport = transport;
        this.protocol = transport.getProtocol();
    }

    /** Sends a part of a file, and returns how much there was. Suspends. */
    static long send(EventLoop loop, Transport transport, SourceFile file, long offset, long count, boolean fallback)
            throws IOException {
        SocketFile part = new SocketFile(file, offset, count);
        if (transport.isClosing()) {
            throw new IllegalStateException("Transport is closing: " + transport);
        }
        if (!(transport instanceof Target target)) {
            throw new IllegalStateException("a file cannot be sent through this transport: " + transport);
        }
        if (target.getProtocol() instanceof TransportFile) {
            throw new IllegalStateException("another file is being sent through " + transport);
        }
        return new TransportFile(loop, target).send(part, fallback);
    }

    private long send(SocketFile part, boolean fallback) throws IOException {
        boolean reading = transport.isReading();
        boolean before = transport.isWritingPaused();
        paused = before;
        transport.pauseReading();
        transport.setProtocol(this);
        try {
            return part.send(this, fallback);
        } finally {
            transport.setProtocol(protocol);
            transport.caughtUp(before);
            if (reading) {
                transport.resumeReading();
            }
        }
    }

    @Override
    public void transfer(Function<Fd, Op.Transfer> maker) throws IOException {
        transport.transfer(maker);
    }

    // ------------------------------------------------------------------------------------------------ in blocks

    @Override
    public int bytesPerBlock() {
        return BYTES_PER_BLOCK;
    }

    @Override
    public void write(ByteBuffer block) throws IOException {
        while (paused && !transport.isClosing()) {
            flowing = loop.createFuture();
            flowing.await();
        }
        if (transport.isClosing()) {
            throw closed();
        }
        transport.write(block);
        block.position(block.limit());
    }

    private static IOException closed() {
        return new SocketException("the connection was closed before the file was sent");
    }

    @Override
    public void pauseWriting() {
        paused = true;
    }

    @Override
    public void resumeWriting() {
        paused = false;
        if (flowing != null && !flowing.done()) {
            flowing.setResult(null);
        }
    }

    @Override
    public void dataReceived(byte[] data) {
        throw new IllegalStateException("nothing must be read while a file is being sent");
    }

    @Override
    public void connectionLost(@Nullable Throwable failure) throws Exception {
        if (flowing != null && !flowing.done()) {
            flowing.setException(failure instanceof IOException e ? e : closed());
            flowing.exception(); // if nobody waits any more, it is no news
        }
        protocol.connectionLost(failure);
    }
}
