package dev.rondo.testkit.net;

import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP connection.
 *
 * <pre>
 *   NEW ──connect──▶ CONNECTING ──the answer──▶ CONNECTED ──reset, silence──▶ BROKEN
 *                        └──refused, no answer, cancelled──▶ BROKEN
 * </pre>
 *
 * <p>What was written before a close arrives afterwards; a close with bytes unread, or that are still to come, resets.
 */
final class StreamEnd extends MemorySocket {

    private enum State {
        NEW,
        CONNECTING,
        CONNECTED,
        BROKEN
    }

    private static final Map<SocketOption<?>, @Nullable Object> OPTIONS = new HashMap<>(Map.of(
            StandardSocketOptions.TCP_NODELAY,
            true,
            StandardSocketOptions.SO_KEEPALIVE,
            false,
            StandardSocketOptions.SO_REUSEADDR,
            false,
            StandardSocketOptions.SO_SNDBUF,
            1 << 16,
            StandardSocketOptions.SO_LINGER,
            -1,
            StandardSocketOptions.IP_TOS,
            0));

    private State state = State.NEW;
    private @Nullable InetSocketAddress remote;
    private @Nullable StreamEnd peer; // of a connection that the other side knows of
    private @Nullable Flow out;
    private @Nullable Flow in;
    private @Nullable Handshake handshake;
    private @Nullable String readFailure; // of what is broken
    private String writeFailure = "Broken pipe";
    private boolean abandoned; // while it was connecting
    private boolean timedOut; // the other side has not heard that this is broken

    StreamEnd(Network network, Host host, ProtocolFamily family, int receiveWindow) {
        super(network, host, family, OPTIONS);
        setNumber(StandardSocketOptions.SO_RCVBUF, receiveWindow);
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    Op.@Nullable Direction direction(Op.OnFd op) {
        return switch (op) {
            case Op.Read _ -> Op.Direction.READ;
            case Op.Write _, Op.Connect _ -> Op.Direction.WRITE;
            case Op.Ready ready -> ready.direction;
            default -> null;
        };
    }

    @Override
    boolean attempt(Op.OnFd op) throws IOException {
        return switch (op) {
            case Op.Read read -> read(read);
            case Op.Write write -> write(write);
            case Op.Connect connect -> connect(connect.address);
            case Op.Ready ready -> state == State.BROKEN || isReady(ready.direction);
            default -> throw new IllegalStateException("no operation of a stream: " + op);
        };
    }

    private boolean read(Op.Read op) throws IOException {
        Flow in = this.in;
        int count = in == null ? 0 : in.read(op.buffer());
        if (count > 0) {
            op.count = count;
            return true;
        }
        if (in != null && in.hasEnded()) { // an end is one, whatever has come after it
            op.count = -1;
            return true;
        }
        if (readFailure != null) {
            throw new SocketException(readFailure);
        }
        if (in == null) {
            throw Flow.notConnected();
        }
        return false;
    }

    private boolean write(Op.Write op) throws IOException {
        if (state == State.BROKEN) {
            String failure = writeFailure;
            writeFailure = "Broken pipe";
            throw new IOException(failure);
        }
        if (out == null || state != State.CONNECTED) {
            throw Flow.notConnected();
        }
        return out.write(op.buffers());
    }

    private boolean isReady(Op.Direction direction) {
        if (state != State.CONNECTED || in == null || out == null) {
            return false;
        }
        return direction == Op.Direction.READ ? in.hasArrived() || in.hasEnded() : out.hasRoom();
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (out == null) {
            throw Flow.notConnected();
        }
        out.end();
    }

    // ------------------------------------------------------------------------------------------------ connecting

    private boolean connect(SocketAddress address) throws IOException {
        switch (state) {
            case CONNECTED -> {
                if (handshake == null) {
                    throw new SocketException("already connected to " + remote);
                }
                handshake = null;
                return true;
            }
            case BROKEN -> throw handshake == null ? new ClosedChannelException() : handshake.failure();
            case CONNECTING -> {
                return false;
            }
            case NEW -> {
                InetSocketAddress target = reachable(checked("connect to", address));
                InetSocketAddress source = boundFor(target);
                remote = target;
                local = new InetSocketAddress(
                        source.getAddress().isAnyLocalAddress()
                                ? host.sourceFor(target.getAddress())
                                : source.getAddress(),
                        source.getPort());
                state = State.CONNECTING;
                handshake = new Handshake(this, local, target);
                handshake.begin();
                return false;
            }
        }
        throw new IllegalStateException("unknown state " + state);
    }

    /** The wildcard is this very host. */
    private static InetSocketAddress reachable(InetSocketAddress target) throws IOException {
        if (!target.getAddress().isAnyLocalAddress()) {
            return target;
        }
        InetAddress loopback =
                InetAddress.ofLiteral(target.getAddress() instanceof java.net.Inet4Address ? "127.0.0.1" : "::1");
        return new InetSocketAddress(loopback, target.getPort());
    }

    /** Makes this the end that a listener will give away; both can be written to from now on. */
    void meet(StreamEnd client, InetSocketAddress own, InetSocketAddress clients) {
        local = own;
        remote = clients;
        peer = client;
        client.peer = this;
        state = State.CONNECTED;
        Flow toServer = new Flow(
                client,
                this,
                clients,
                own,
                client.number(StandardSocketOptions.SO_SNDBUF),
                number(StandardSocketOptions.SO_RCVBUF));
        Flow toClient = new Flow(
                this,
                client,
                own,
                clients,
                number(StandardSocketOptions.SO_SNDBUF),
                client.number(StandardSocketOptions.SO_RCVBUF));
        in = toServer;
        out = toClient;
        client.in = toClient;
        client.out = toServer;
    }

    /**
     * The other side has answered. One that was closed meanwhile says good-bye, as if that had been just afterwards.
     */
    void connected() {
        if (abandoned) {
            if (out != null) {
                out.end();
            }
        } else if (state == State.CONNECTING) {
            state = State.CONNECTED;
            network.log(network.text(local) + "→" + network.text(remote) + " is connected");
            changed();
        }
    }

    void notConnected() {
        if (state == State.CONNECTING) {
            state = State.BROKEN;
            readFailure = "Socket is not connected";
            changed();
        }
    }

    @Override
    void connectCancelled() {
        abandon();
        notConnected();
    }

    private void abandon() {
        abandoned = true;
        if (handshake != null) {
            handshake.knockNoMore();
        }
    }

    // ------------------------------------------------------------------------------------------------ its peer

    boolean goesAlong(Path path) {
        return state == State.CONNECTED && out != null && out.goesAlong(path);
    }

    /** Returns whether there is somebody who takes what arrives. */
    boolean takes() {
        return listens() && state != State.BROKEN;
    }

    /** Bytes have come that nobody will read. */
    void answerReset() {
        if (out != null && !host.isDown()) {
            out.reset();
        }
    }

    /** The peer says its last word to one that is not there. */
    void answerEnd() {
        if (timedOut) {
            answerReset();
        }
    }

    void wasReset() {
        if (state == State.CONNECTING && handshake != null) {
            handshake.fail("Connection reset");
        } else if (state == State.CONNECTED) {
            boolean ended = in != null && in.hasEnded();
            breakOff("Connection reset", ended ? "Broken pipe" : "Connection reset by peer");
        }
    }

    /** Nothing has got through for too long. */
    void givesUp() {
        if (state == State.CONNECTED) {
            timedOut = true;
            breakOff("Connection timed out", "Connection timed out");
        }
    }

    private void breakOff(String whenRead, String whenWritten) {
        state = State.BROKEN;
        readFailure = whenRead;
        writeFailure = whenWritten;
        if (out != null) {
            out.stop();
        }
        changed();
    }

    /** Somebody between the two breaks the connection. */
    void breakPair() {
        StreamEnd other = Objects.requireNonNull(peer);
        wasReset();
        other.wasReset();
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    void closed() {
        if (state == State.CONNECTING) {
            abandon();
        } else if (state == State.CONNECTED && out != null) {
            boolean unread = in != null && in.hasArrived();
            if (unread || number(StandardSocketOptions.SO_LINGER) == 0) {
                out.reset();
            } else {
                out.end();
            }
        }
    }

    @Override
    void gone() {
        if (handshake != null) {
            handshake.stop();
        }
        timedOut = true;
        if (out != null) {
            out.stop();
        }
    }

    /** Makes a failure to connect, as the system's: what was refused says where. */
    static IOException failure(InetSocketAddress target, String reason) {
        if (reason.startsWith("No route")) {
            return new NoRouteToHostException(reason);
        }
        ConnectException failure = new ConnectException("connect to " + target + ": " + reason);
        failure.initCause(new ConnectException(reason));
        return failure;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return isOpen() && state == State.CONNECTED ? remote : null;
    }

    @Override
    boolean isDatagrams() {
        return false;
    }

    @Override
    String kind() {
        return "socket";
    }
}
