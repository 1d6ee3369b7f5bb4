package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One end of a connection within a loop, whose bytes arrive in slices of a size that the test chooses. */
final class MemoryTransport implements Transport {

    private final EventLoop loop;
    private final Context context = Context.copyCurrent();
    private final int slice;
    private final ByteArrayOutputStream arrived = new ByteArrayOutputStream(); // not given to the protocol yet
    private @Nullable MemoryTransport peer;
    private StreamProtocol protocol;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    boolean holds; // keeps what is written
    private boolean paused;
    private boolean peerEnded;
    private boolean eofTold;
    private boolean closing;
    private boolean closed;
    private boolean lost;

    private MemoryTransport(EventLoop loop, StreamProtocol protocol, int slice) {
        this.loop = loop;
        this.protocol = protocol;
        this.slice = slice;
    }

    /** Connects two protocols; both are told in the next turn. */
    static MemoryTransport connect(EventLoop loop, StreamProtocol client, StreamProtocol server, int slice) {
        MemoryTransport a = new MemoryTransport(loop, client, slice);
        MemoryTransport b = new MemoryTransport(loop, server, slice);
        a.peer = b;
        b.peer = a;
        loop.callSoon(() -> quietly(() -> a.protocol.connectionMade(a)), a.context);
        loop.callSoon(() -> quietly(() -> b.protocol.connectionMade(b)), b.context);
        return a;
    }

    MemoryTransport peer() {
        return java.util.Objects.requireNonNull(peer);
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void quietly(Call call) {
        try {
            call.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void turn() {
        if (lost) {
            return;
        }
        if (!paused && arrived.size() > 0) {
            byte[] all = arrived.toByteArray();
            arrived.reset();
            byte[] first = java.util.Arrays.copyOf(all, Math.min(slice, all.length));
            arrived.write(all, first.length, all.length - first.length);
            quietly(() -> ((Protocol) protocol).dataReceived(first));
            loop.callSoon(this::turn, context);
        } else if (!paused && peerEnded && !eofTold) {
            eofTold = true;
            quietly(() -> {
                if (!protocol.eofReceived()) {
                    close();
                }
            });
        }
    }

    @Override
    public void write(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        if (closed) {
            return;
        }
        if (holds) {
            held.writeBytes(bytes);
            quietly(protocol::pauseWriting);
            return;
        }
        pass(bytes);
    }

    private void pass(byte[] bytes) {
        peer().arrived.writeBytes(bytes);
        loop.callSoon(peer()::turn, peer().context);
    }

    /** Sends what was held, and holds no more. */
    void release() {
        holds = false;
        pass(held.toByteArray());
        held.reset();
        quietly(protocol::resumeWriting);
        if (closing) {
            close();
        }
    }

    /** Ends the sending direction, as a peer does that hangs up. */
    void hangUp() {
        peer().peerEnded = true;
        loop.callSoon(peer()::turn, peer().context);
    }

    @Override
    public void close() {
        closing = true;
        if (!closed && !holds) { // what is held is sent first
            closed = true;
            hangUp();
            loop.callSoon(this::lose, context);
        }
    }

    @Override
    public void abort() {
        holds = false;
        close();
    }

    private void lose() {
        if (!lost) {
            lost = true;
            quietly(() -> protocol.connectionLost(null));
        }
    }

    @Override
    public void writeLines(List<ByteBuffer> data) {
        data.forEach(this::write);
    }

    @Override
    public void writeEof() {
        hangUp();
    }

    @Override
    public boolean canWriteEof() {
        return true;
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {}

    @Override
    public int getWriteBufferSize() {
        return held.size();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
        return new WriteBufferLimits(0, 0);
    }

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void resumeReading() {
        paused = false;
        loop.callSoon(this::turn, context);
    }

    @Override
    public boolean isReading() {
        return !paused;
    }

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
        return new InetSocketAddress("127.0.0.1", 1);
    }

    @Override
    public SocketAddress remoteAddress() {
        return new InetSocketAddress("127.0.0.1", 2);
    }

    @Override
    public boolean isClosing() {
        return closing;
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return name.equals("peername") ? remoteAddress() : null;
    }
}
