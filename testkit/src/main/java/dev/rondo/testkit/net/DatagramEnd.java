package dev.rondo.testkit.net;

import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A datagram socket. What it has no room for is lost. */
final class DatagramEnd extends MemorySocket {

    private static final int LARGEST = 65_507;

    private static final Map<SocketOption<?>, @Nullable Object> OPTIONS = new HashMap<>(Map.of(
            StandardSocketOptions.SO_BROADCAST,
            false,
            StandardSocketOptions.SO_REUSEADDR,
            false,
            StandardSocketOptions.SO_SNDBUF,
            1 << 18,
            StandardSocketOptions.SO_RCVBUF,
            1 << 18,
            StandardSocketOptions.IP_TOS,
            0));

    private record Received(byte[] bytes, InetSocketAddress source) {}

    private final ArrayDeque<Received> received = new ArrayDeque<>();
    private int receivedBytes;
    private @Nullable InetSocketAddress peer; // of a connected socket
    private boolean unreachable; // the peer has said that nobody listens there, and nobody was told

    DatagramEnd(Network network, Host host, ProtocolFamily family) {
        super(network, host, family, OPTIONS);
    }

    @Override
    Op.@Nullable Direction direction(Op.OnFd op) {
        return switch (op) {
            case Op.ReceiveFrom _ -> Op.Direction.READ;
            case Op.SendTo _, Op.Connect _ -> Op.Direction.WRITE;
            case Op.Ready ready -> ready.direction;
            default -> null;
        };
    }

    @Override
    boolean attempt(Op.OnFd op) throws IOException {
        return switch (op) {
            case Op.ReceiveFrom receive -> receive(receive);
            case Op.SendTo send -> send(send.buffer(), send.target());
            case Op.Connect connect -> connect(connect.address);
            case Op.Ready ready -> ready.direction == Op.Direction.WRITE || unreachable || !received.isEmpty();
            default -> throw new IllegalStateException("no operation of a datagram socket: " + op);
        };
    }

    private boolean connect(SocketAddress address) throws IOException {
        InetSocketAddress target = checked("connect to", address);
        boundFor(target);
        peer = target;
        received.removeIf(each -> !each.source.equals(target));
        return true;
    }

    // ------------------------------------------------------------------------------------------------ receiving

    private boolean receive(Op.ReceiveFrom op) throws IOException {
        ensureReachable();
        Received first = received.peek();
        if (first == null) {
            return false;
        }
        ByteBuffer buffer = op.buffer();
        int count = Math.min(first.bytes.length, buffer.remaining());
        buffer.put(first.bytes, 0, count);
        op.count = count;
        op.source = first.source;
        received.remove();
        receivedBytes -= first.bytes.length;
        return true;
    }

    private void ensureReachable() throws PortUnreachableException {
        if (unreachable) {
            unreachable = false;
            throw new PortUnreachableException(network.text(peer) + ": Connection refused");
        }
    }

    private void arrived(byte[] bytes, InetSocketAddress source) {
        boolean wanted = peer == null || peer.equals(source);
        if (wanted && receivedBytes + bytes.length <= number(StandardSocketOptions.SO_RCVBUF)) {
            received.add(new Received(bytes, source));
            receivedBytes += bytes.length;
            changed();
        }
    }

    // ------------------------------------------------------------------------------------------------ sending

    private boolean send(ByteBuffer datagram, @Nullable SocketAddress wanted) throws IOException {
        if (wanted == null && peer == null) {
            throw new IOException("a datagram needs a target, since " + this + " is not connected");
        }
        InetSocketAddress target = wanted == null ? peer : checked("send to", wanted);
        if (target == null || datagram.remaining() > LARGEST) {
            throw new IOException("Message too long: " + datagram.remaining() + " bytes");
        }
        InetSocketAddress bound = boundFor(target);
        InetSocketAddress source = bound.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(host.sourceFor(target.getAddress()), bound.getPort())
                : bound;
        byte[] bytes = new byte[datagram.remaining()];
        datagram.get(bytes);
        Host there = network.hostAt(target.getAddress(), host);
        if (there != null) {
            host.pathTo(there)
                    .sendOnce(
                            new Datagram(source, target, there, bytes),
                            bytes.length,
                            bytes.length + " bytes, datagram");
        }
        return true;
    }

    private final class Datagram extends Packet {
        private final Host there;
        private final byte[] bytes;

        Datagram(InetSocketAddress source, InetSocketAddress target, Host there, byte[] bytes) {
            super(source, target);
            this.there = there;
            this.bytes = bytes;
        }

        @Override
        void arrive() {
            if (there.boundTo(target, true) instanceof DatagramEnd end) {
                end.arrived(bytes, source);
            } else {
                there.pathTo(host).sendQuietly(new Unreachable(target, source));
            }
        }
    }

    /** Nobody listens there. */
    private final class Unreachable extends Packet {
        Unreachable(InetSocketAddress source, InetSocketAddress target) {
            super(source, target);
        }

        @Override
        void arrive() {
            if (isOpen() && source.equals(peer)) {
                unreachable = true;
                changed();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the socket

    @Override
    void closed() {
        received.clear();
    }

    @Override
    void gone() {
        received.clear();
    }

    @Override
    public void shutdownOutput() throws IOException {
        throw new IOException(this + " has no sending direction to shut down");
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return isOpen() ? peer : null;
    }

    @Override
    boolean isDatagrams() {
        return true;
    }

    @Override
    String kind() {
        return "datagram socket";
    }
}
