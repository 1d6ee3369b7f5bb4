package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transport over a socket. Its protocol is called by callbacks of the loop alone, all in one context; there is no
 * coroutine.
 *
 * <pre>
 *   OPEN ──close(), the end without eofReceived() asking to stay──▶ CLOSING ──all is sent──▶ LOST ──a turn──▶ gone
 *     │                                                                │                      ▲
 *     └──────────────────── abort(), failure ──────────────────────────┴──────────────────────┘
 * </pre>
 */
final class SocketTransport implements TransportFile.Target, ReadLoop.Owner, WriteLoop.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(SocketTransport.class);

    private static final int WRITES_BEFORE_WARNING = 5; // asyncio's figure
    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private final EventLoop loop;
    private final Fd fd;
    private final Context context; // of whoever made the connection
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;
    private final TransportSocket socket;
    private final Runnable whenGone;
    private final WriteBuffer buffer;
    private final ReadLoop reader;
    private final WriteLoop writer;
    private StreamProtocol protocol;

    private boolean closing; // CLOSING or later
    private boolean lost; // LOST or later: connectionLost is queued, or was called
    private boolean writeEof; // nothing may be written any more; the peer is told when all is sent
    private int writesInVain; // since it was lost

    private SocketTransport(EventLoop loop, Context context, Fd fd, StreamProtocol protocol, Runnable whenGone) {
        this.loop = loop;
        this.context = context;
        this.fd = fd;
        this.protocol = protocol;
        this.whenGone = whenGone;
        this.localAddress = named(fd.localAddress());
        this.remoteAddress = named(fd.remoteAddress());
        this.socket = new TransportSocket(fd);
        this.buffer = new WriteBuffer(loop, context, this);
        this.reader = new ReadLoop(loop, context, fd, true, this);
        this.writer = new WriteLoop(loop, context, fd, buffer, this);
    }

    private static SocketAddress named(@Nullable SocketAddress address) {
        return address != null ? address : UNNAMED;
    }

    /**
     * Begins: {@code connectionMade} in the next turn, then reading. Whatever is queued after this call comes after
     * both.
     *
     * @param socket connected; the transport's from now on
     * @param whenGone called once, when the socket is closed
     */
    static SocketTransport start(EventLoop loop, Fd socket, StreamProtocol protocol, Runnable whenGone) {
        return start(loop, Context.copyCurrent(), socket, protocol, whenGone);
    }

    /** Begins, with a protocol that is to be called in this context. */
    static SocketTransport start(
            EventLoop loop, Context context, Fd socket, StreamProtocol protocol, Runnable whenGone) {
        SocketTransport transport = new SocketTransport(loop, context, socket, protocol, whenGone);
        loop.callSoon(transport::connectionMade, context);
        loop.callSoon(transport.reader::proceed, context);
        return transport;
    }

    /** Returns where the protocol is called. */
    Context context() {
        return context;
    }

    private void connectionMade() {
        try {
            protocol.connectionMade(this);
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            UserCalls.report(loop, "Exception in callback protocol.connection_made()", failure, this);
        }
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public void pauseReading() {
        if (!closing) {
            reader.pause();
        }
    }

    @Override
    public void resumeReading() {
        if (!closing) {
            reader.resume();
        }
    }

    @Override
    public boolean isReading() {
        return reader.isReading();
    }

    /** {@inheritDoc} After the end of the stream it is for the protocol to say whether this side goes on. */
    @Override
    public void ended() {
        if (loop.debug()) {
            LOG.debug("{} received EOF", this);
        }
        boolean keepOpen;
        try {
            keepOpen = protocol.eofReceived();
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            failed(failure, "Fatal error: protocol.eof_received() call failed.");
            return;
        }
        if (!keepOpen) {
            close();
        }
    }

    // ------------------------------------------------------------------------------------------------ writing

    @Override
    public void write(byte[] data) {
        if (mayWrite(data.length)) {
            writer.write(ByteBuffer.wrap(data));
        }
    }

    @Override
    public void write(ByteBuffer data) {
        if (mayWrite(data.remaining())) {
            writer.write(data.duplicate());
        }
    }

    @Override
    public void writeLines(List<ByteBuffer> data) {
        List<ByteBuffer> own = new ArrayList<>(data.size());
        for (ByteBuffer line : data) {
            own.add(line.duplicate());
        }
        if (mayWrite(data.size())) {
            writer.writeAll(own);
        }
    }

    /** Returns whether there is something to write, and somebody to write it to. */
    private boolean mayWrite(int amount) {
        if (writeEof) {
            throw new IllegalStateException("cannot write after writeEof()");
        }
        if (writer.isLent()) {
            throw new IllegalStateException("unable to write; sendfile is in progress");
        }
        if (amount == 0) {
            return false;
        }
        if (lost && ++writesInVain >= WRITES_BEFORE_WARNING) {
            LOG.warn("{}: nothing is sent any more, the connection is lost", this);
        }
        return !lost;
    }

    @Override
    public void transfer(Function<Fd, Op.Transfer> maker) throws IOException {
        if (writeEof) {
            throw new IllegalStateException("cannot write after writeEof()");
        }
        writer.lend();
        try {
            loop.perform(maker.apply(fd));
        } finally {
            writer.takeBack();
        }
    }

    @Override
    public boolean isWritingPaused() {
        return buffer.isPaused();
    }

    @Override
    public void caughtUp(boolean before) {
        buffer.setPaused(before);
        if (!lost) {
            buffer.pauseIfFull();
            loop.callSoon(this::resumeIfDrained, context);
        }
    }

    private void resumeIfDrained() {
        if (!lost) {
            buffer.resumeIfDrained();
        }
    }

    @Override
    public void writeEof() {
        if (!closing && !writeEof) {
            writeEof = true;
            if (writer.isIdle()) {
                shutdownOutput();
            }
        }
    }

    private void shutdownOutput() {
        try {
            fd.shutdownOutput();
        } catch (IOException failure) {
            writeFailed(failure);
        }
    }

    @Override
    public boolean canWriteEof() {
        return true;
    }

    @Override
    public void flushed() {
        if (closing) {
            lose(null);
        } else if (writeEof) {
            shutdownOutput();
        }
    }

    @Override
    public void writeFailed(IOException failure) {
        failed(failure, "Fatal write error on socket transport");
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {
        buffer.setLimits(high, low);
    }

    @Override
    public int getWriteBufferSize() {
        return buffer.size();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
        return buffer.limits();
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public void close() {
        if (!closing) {
            closing = true;
            reader.stop();
            if (writer.isIdle()) {
                lose(null);
            }
        }
    }

    @Override
    public void abort() {
        drop(null);
    }

    /** Ends the connection after a failure: one of the system is everyday, any other is the program's. */
    @Override
    public void failed(Throwable failure, String message) {
        if (!(failure instanceof IOException)) {
            UserCalls.report(loop, message, failure, this);
        } else if (loop.debug()) {
            LOG.debug("{}: {}", this, message, failure);
        }
        drop(failure);
    }

    private void drop(@Nullable Throwable failure) {
        closing = true;
        reader.stop();
        lose(failure);
    }

    private void lose(@Nullable Throwable failure) {
        if (!lost) {
            lost = true;
            writer.stop();
            if (!loop.isClosed()) { // which has closed the socket, and calls nobody
                loop.callSoon(() -> connectionLost(failure), context);
            }
        }
    }

    private void connectionLost(@Nullable Throwable failure) {
        try {
            protocol.connectionLost(failure);
        } catch (Throwable ofProtocol) {
            UserCalls.throwIfEscapes(ofProtocol);
            UserCalls.report(loop, "Exception in callback protocol.connection_lost()", ofProtocol, this);
        } finally {
            fd.close();
            whenGone.run();
        }
    }

    @Override
    public boolean isClosing() {
        return closing;
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public StreamProtocol getProtocol() {
        return protocol;
    }

    @Override
    public void setProtocol(StreamProtocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return switch (name) {
            case "peername" -> remoteAddress;
            case "sockname" -> localAddress;
            case "socket" -> socket;
            default -> null;
        };
    }

    @Override
    public String toString() {
        String state = !closing ? "" : !fd.isOpen() ? ", closed" : ", closing";
        return "SocketTransport[" + localAddress + " to " + remoteAddress + state + (isReading() ? ", reading" : "")
                + ", " + buffer.size() + " bytes to write]";
    }
}
