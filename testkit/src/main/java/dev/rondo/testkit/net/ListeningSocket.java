package dev.rondo.testkit.net;

import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A TCP socket that listens, or will. */
final class ListeningSocket extends MemorySocket {

    private static final int DEFAULT_BACKLOG = 50;

    private static final Map<SocketOption<?>, @Nullable Object> OPTIONS =
            Map.of(StandardSocketOptions.SO_REUSEADDR, true, StandardSocketOptions.SO_RCVBUF, 1 << 16);

    private final ArrayDeque<StreamEnd> waiting = new ArrayDeque<>();
    private int backlog;

    ListeningSocket(Network network, Host host, ProtocolFamily family) {
        super(network, host, family, OPTIONS);
        setNumber(StandardSocketOptions.SO_RCVBUF, host.receiveWindow());
    }

    @Override
    Op.@Nullable Direction direction(Op.OnFd op) {
        return op instanceof Op.Accept || (op instanceof Op.Ready ready && ready.direction == Op.Direction.READ)
                ? Op.Direction.READ
                : null;
    }

    @Override
    boolean attempt(Op.OnFd op) throws IOException {
        if (local == null) {
            throw new SocketException("a listener must be bound before it accepts");
        }
        if (!(op instanceof Op.Accept accept)) {
            return !waiting.isEmpty();
        }
        StreamEnd first = waiting.poll();
        if (first != null) {
            network.open.add(first);
            accept.accepted = first;
        }
        return first != null;
    }

    @Override
    public void bind(SocketAddress address, int backlog) throws IOException {
        super.bind(address, backlog);
        this.backlog = backlog > 0 ? backlog : DEFAULT_BACKLOG;
        network.log(host + " listens at " + network.text(local));
    }

    int receiveWindow() {
        return number(StandardSocketOptions.SO_RCVBUF);
    }

    /** As Linux counts: one more than was asked for. */
    boolean hasRoom() {
        return waiting.size() <= backlog;
    }

    void arrived(StreamEnd end) {
        waiting.add(end);
        changed();
    }

    @Override
    void closed() {
        waiting.forEach(StreamEnd::answerReset);
        waiting.clear();
    }

    @Override
    void gone() {
        waiting.forEach(StreamEnd::crash);
        waiting.clear();
    }

    @Override
    public void shutdownOutput() throws IOException {
        throw new IOException(this + " has no sending direction to shut down");
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    @Override
    boolean isDatagrams() {
        return false;
    }

    @Override
    String kind() {
        return "listener";
    }
}
