package dev.rondo.reactor;

import static java.nio.channels.SelectionKey.OP_ACCEPT;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A TCP or Unix socket that listens, or will. Loop thread only. */
final class NioListener extends NioChannel {

    private final ServerSocketChannel channel;

    NioListener(NioDriver driver, ServerSocketChannel channel) {
        super(driver, channel);
        this.channel = channel;
    }

    static NioListener open(NioDriver driver, ProtocolFamily family) throws IOException {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open(family);
            return new NioListener(driver, prepared(channel, StandardSocketOptions.SO_REUSEADDR));
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no listeners of family " + family, e);
        }
    }

    @Override
    int interest(Op.OnFd op) {
        return switch (op) {
            case Op.Accept _ -> OP_ACCEPT;
            case Op.Ready ready when ready.direction == Op.Direction.READ -> OP_ACCEPT;
            default -> 0;
        };
    }

    @Override
    boolean call(Op.OnFd op) throws IOException {
        return op instanceof Op.Accept accept && accept(accept);
    }

    private boolean accept(Op.Accept op) throws IOException {
        SocketChannel accepted = channel.accept();
        if (accepted == null) {
            return false;
        }
        op.accepted = driver.opened(NioStream.open(driver, accepted));
        return true;
    }

    @Override
    public void bind(SocketAddress address, int backlog) throws IOException {
        withAddress("listen at", address, () -> channel.bind(address, backlog));
    }

    @Override
    String kind() {
        return "listener";
    }
}
