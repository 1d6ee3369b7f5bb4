package dev.rondo.net;

import dev.rondo.reactor.Fd;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a transport: its options and addresses. It neither reads nor writes, and cannot be closed: that is the
 * transport's part. Coroutines and callbacks of the loop may use it; nothing suspends. (asyncio:
 * {@code TransportSocket}.)
 */
public final class TransportSocket {

    private final Fd fd;

    TransportSocket(Fd fd) {
        this.fd = fd;
    }

    /** Returns the options that this socket has; none once it is closed. (In Python: nothing of the kind.) */
    public Set<SocketOption<?>> supportedOptions() {
        return fd.isOpen() ? fd.supportedOptions() : Set.of();
    }

    /**
     * Returns the value of an option, null where it has none. (asyncio: {@code getsockopt}.)
     *
     * @throws UnsupportedOperationException if the socket does not have it
     * @throws ClosedChannelException if the socket is closed
     */
    public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        ensureOpen();
        return fd.getOption(option);
    }

    /**
     * Sets an option. (asyncio: {@code setsockopt}.)
     *
     * @throws UnsupportedOperationException if the socket does not have it
     * @throws ClosedChannelException if the socket is closed
     */
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        ensureOpen();
        fd.setOption(option, value);
    }

    /**
     * Returns the address of this side, null once it is closed or where it has none. (asyncio: {@code getsockname}.)
     */
    public @Nullable SocketAddress localAddress() {
        return fd.isOpen() ? fd.localAddress() : null;
    }

    /**
     * Returns the address of the peer, null once it is closed or where there is none. (asyncio: {@code getpeername}.)
     */
    public @Nullable SocketAddress remoteAddress() {
        return fd.isOpen() ? fd.remoteAddress() : null;
    }

    /** Returns the family, null once it is closed. (asyncio: {@code family}.) */
    public @Nullable ProtocolFamily family() {
        return switch (localAddress()) {
            case InetSocketAddress address
            when address.getAddress() instanceof Inet6Address -> StandardProtocolFamily.INET6;
            case InetSocketAddress _ -> StandardProtocolFamily.INET;
            case UnixDomainSocketAddress _ -> StandardProtocolFamily.UNIX;
            case null, default -> null;
        };
    }

    /**
     * Ends the sending direction at once; {@link Transport#writeEof} does so when all is sent. (asyncio:
     * {@code shutdown}, of which this is the part that the systems agree on.)
     *
     * @throws ClosedChannelException if the socket is closed
     */
    public void shutdownOutput() throws IOException {
        ensureOpen();
        fd.shutdownOutput();
    }

    private void ensureOpen() throws ClosedChannelException {
        if (!fd.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public String toString() {
        return "TransportSocket[" + (fd.isOpen() ? localAddress() + " to " + remoteAddress() : "closed") + "]";
    }
}
