package dev.rondo.net;

import dev.rondo.Action;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pipe, for a protocol, which is called by callbacks of the loop alone. It goes one way; what belongs to
 * the other is refused. Loop thread only.
 *
 * <pre>
 *   OPEN ──close(), the end──▶ CLOSING ──all is sent──▶ LOST ──a turn──▶ gone
 *     └──────────────abort(), failure─────────────────────▲
 * </pre>
 */
abstract sealed class PipeTransport implements Transport permits ReadPipeTransport, WritePipeTransport {

    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    final EventLoop loop;
    final Fd fd;
    final Context context; // of the protocol
    private final @Nullable Object pipe; // whatever the program has given
    private StreamProtocol protocol;
    boolean closing; // CLOSING or later
    private boolean lost; // LOST or later

    PipeTransport(EventLoop loop, Context context, Fd fd, StreamProtocol protocol, @Nullable Object pipe) {
        this.loop = loop;
        this.context = context;
        this.fd = fd;
        this.protocol = protocol;
        this.pipe = pipe;
    }

    /** Begins: {@code connectionMade} in the next turn, then reading, if this is to be read. */
    void start() {
        loop.callSoon(
                () -> tell("Exception in callback protocol.connection_made()", () -> protocol.connectionMade(this)),
                context);
    }

    /** Calls the protocol, in its context already; a failure of its own is reported. */
    final void tell(String ifItFails, Action<Exception> call) {
        try {
            call.run();
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            UserCalls.report(loop, ifItFails, failure, this);
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    /** Ends for good; the protocol is told in the next turn. */
    final void lose(@Nullable Throwable failure) {
        closing = true;
        if (lost) {
            return;
        }
        lost = true;
        stop();
        if (!loop.isClosed()) { // which has closed the pipe, and calls nobody
            loop.callSoon(() -> connectionLost(failure), context);
        }
    }

    /** Stops reading, or writing. */
    abstract void stop();

    private void connectionLost(@Nullable Throwable failure) {
        try {
            tell("Exception in callback protocol.connection_lost()", () -> protocol.connectionLost(failure));
        } finally {
            fd.close();
        }
    }

    @Override
    public final void abort() {
        lose(null);
    }

    @Override
    public final boolean isClosing() {
        return closing;
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public final StreamProtocol getProtocol() {
        return protocol;
    }

    @Override
    public final void setProtocol(StreamProtocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public final @Nullable Object getExtraInfo(String name) {
        return name.equals("pipe") ? pipe : null;
    }

    @Override
    public final SocketAddress localAddress() {
        return UNNAMED;
    }

    @Override
    public final SocketAddress remoteAddress() {
        return UNNAMED;
    }

    final String state() {
        return !closing ? "" : !fd.isOpen() ? ", closed" : ", closing";
    }

    // ------------------------------------------------------------------------------------------------ the other way

    private static UnsupportedOperationException refused(String what) {
        return new UnsupportedOperationException("this end of a pipe is not to be " + what);
    }

    @Override
    public void write(ByteBuffer data) {
        throw refused("written to");
    }

    @Override
    public void writeLines(List<ByteBuffer> data) {
        throw refused("written to");
    }

    @Override
    public void writeEof() {
        throw refused("written to");
    }

    @Override
    public boolean canWriteEof() {
        return false;
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {
        throw refused("written to");
    }

    @Override
    public int getWriteBufferSize() {
        throw refused("written to");
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
        throw refused("written to");
    }

    @Override
    public void pauseReading() {
        throw refused("read");
    }

    @Override
    public void resumeReading() {
        throw refused("read");
    }

    @Override
    public boolean isReading() {
        return false;
    }
}
