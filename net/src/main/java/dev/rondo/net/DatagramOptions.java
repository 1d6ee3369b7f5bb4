package dev.rondo.net;

import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * Where a datagram socket is, and to whom it speaks: {@code DatagramOptions.DEFAULT.withLocal("127.0.0.1", 9999)}. In
 * asyncio: the keyword arguments of {@code create_datagram_endpoint}.
 *
 * <p>Addresses may be {@linkplain InetSocketAddress#createUnresolved unresolved}: their names are looked up by the
 * {@linkplain Net#resolver() resolver of the loop}.
 *
 * @param local the address of this side, with port 0 for any; an empty host for all addresses of this machine. Null,
 *     the default, to have the system choose. In asyncio: {@code local_addr}
 * @param remote to whom all is sent, and from whom alone something is received; null, the default, for everybody. In
 *     asyncio: {@code remote_addr}
 * @param family {@link StandardProtocolFamily#INET} or {@code INET6} to use these addresses alone; needed where there
 *     is no address; null, the default, for whichever the addresses have. In asyncio: {@code family}
 * @param reusePort whether other sockets may have the same address and share what comes. In asyncio: {@code reuse_port}
 * @param broadcast whether datagrams may go to broadcast addresses. {@code remote} is then only where they go by
 *     default, for the answers come from others. In asyncio: {@code allow_broadcast}
 */
public record DatagramOptions(
        @Nullable InetSocketAddress local,
        @Nullable InetSocketAddress remote,
        @Nullable ProtocolFamily family,
        boolean reusePort,
        boolean broadcast) {

    /** No address, which needs a family at least. */
    public static final DatagramOptions DEFAULT = new DatagramOptions(null, null, null, false, false);

    /** Checks that the family is one of the internet, and that the remote address has a port. */
    public DatagramOptions {
        if (family != null && family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new IllegalArgumentException("family must be INET or INET6, or null for both, not " + family
                    + (family == StandardProtocolFamily.UNIX ? ": Java has no Unix datagram sockets" : ""));
        }
        if (remote != null) {
            Connecting.ensurePort(remote.getPort(), 1);
        }
    }

    /** Returns a copy with another local address; null to have the system choose. */
    public DatagramOptions withLocal(@Nullable InetSocketAddress address) {
        return new DatagramOptions(address, remote, family, reusePort, broadcast);
    }

    /** Returns a copy with a local address that is looked up when it is used. */
    public DatagramOptions withLocal(String host, int port) {
        return withLocal(InetSocketAddress.createUnresolved(host, port));
    }

    /** Returns a copy with another remote address; null for none. */
    public DatagramOptions withRemote(@Nullable InetSocketAddress address) {
        return new DatagramOptions(local, address, family, reusePort, broadcast);
    }

    /** Returns a copy with a remote address that is looked up when it is used. */
    public DatagramOptions withRemote(String host, int port) {
        return withRemote(InetSocketAddress.createUnresolved(host, port));
    }

    /** Returns a copy for addresses of one family; null for both. */
    public DatagramOptions withFamily(@Nullable ProtocolFamily only) {
        return new DatagramOptions(local, remote, only, reusePort, broadcast);
    }

    /** Returns a copy that shares its local address, or does not. */
    public DatagramOptions withReusePort(boolean share) {
        return new DatagramOptions(local, remote, family, share, broadcast);
    }

    /** Returns a copy that may send to broadcast addresses, or may not. */
    public DatagramOptions withBroadcast(boolean allow) {
        return new DatagramOptions(local, remote, family, reusePort, allow);
    }
}
