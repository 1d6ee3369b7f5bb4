package dev.rondo.reactor;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A datagram socket. Loop thread only. */
final class NioDatagrams extends NioChannel {

    private final DatagramChannel channel;

    NioDatagrams(NioDriver driver, DatagramChannel channel) {
        super(driver, channel);
        this.channel = channel;
    }

    static NioDatagrams open(NioDriver driver, ProtocolFamily family) throws IOException {
        try {
            return new NioDatagrams(driver, prepared(DatagramChannel.open(family), null));
        } catch (UnsupportedOperationException e) {
            throw new IOException("Java has no datagram sockets of family " + family + " on this system", e);
        }
    }

    @Override
    int interest(Op.OnFd op) {
        return switch (op) {
            case Op.ReceiveFrom _ -> OP_READ;
            case Op.SendTo _, Op.Connect _ -> OP_WRITE;
            case Op.Ready ready -> ready.direction == Op.Direction.READ ? OP_READ : OP_WRITE;
            default -> 0;
        };
    }

    @Override
    boolean call(Op.OnFd op) throws IOException {
        return switch (op) {
            case Op.ReceiveFrom receive -> receive(receive);
            case Op.SendTo send -> send(send.buffer(), send.target());
            case Op.Connect connect -> connect(connect.address);
            default -> throw cannot(op);
        };
    }

    private boolean receive(Op.ReceiveFrom op) throws IOException {
        ByteBuffer buffer = op.buffer();
        int start = buffer.position();
        op.source = ChannelBytes.receive(channel, buffer);
        op.count = buffer.position() - start;
        return op.source != null;
    }

    private boolean send(ByteBuffer datagram, @Nullable SocketAddress target) throws IOException {
        try {
            return ChannelBytes.send(channel, datagram, target);
        } catch (NotYetConnectedException e) {
            throw new IOException("a datagram needs a target, since " + this + " is not connected", e);
        } catch (IllegalArgumentException e) {
            throw badAddress("send to", Objects.requireNonNull(target), e);
        }
    }

    private boolean connect(SocketAddress address) throws IOException {
        withAddress("connect to", address, () -> channel.connect(address));
        return true;
    }

    @Override
    String kind() {
        return "datagram socket";
    }
}
