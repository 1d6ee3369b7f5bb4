package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From {@link DatagramOptions} to a bound socket. */
final class DatagramSockets {

    private static final InetAddress ANY_IPV6 = InetAddress.ofLiteral("::");
    private static final InetAddress ANY_IPV4 = InetAddress.ofLiteral("0.0.0.0");

    private DatagramSockets() {}

    /**
     * A datagram socket that has an address.
     *
     * @param target to whom all goes; null for whomever each datagram names
     * @param connected whether the system knows that
     */
    record Bound(Fd fd, @Nullable SocketAddress target, boolean connected) {

        /**
         * Returns what the driver is told of where a datagram goes.
         *
         * @param named by the caller; null for the default
         */
        @Nullable SocketAddress targetOf(@Nullable SocketAddress named) {
            if (named instanceof InetSocketAddress address && address.isUnresolved()) {
                throw new IllegalArgumentException("the name of " + named
                        + " has not been looked up: Net.getAddrInfo(host, port) gives its addresses");
            }
            if (target != null && named != null && !named.equals(target)) {
                throw new IllegalArgumentException(
                        "invalid address: this socket sends to " + target + " alone, not to " + named);
            }
            if (target == null && named == null) {
                throw new IllegalArgumentException("a datagram needs a target: this socket was made for nobody alone");
            }
            return connected ? null : named != null ? named : target;
        }
    }

    /** Where to be, and to whom to speak, in one family. */
    private record Pair(
            ProtocolFamily family,
            @Nullable InetSocketAddress local,
            @Nullable InetSocketAddress remote) {}

    /** Opens a socket, the caller's to close. Suspends; what does not return leaves no socket open. */
    static Bound open(EventLoop loop, DatagramOptions options) throws IOException {
        IOException failure = null;
        for (Pair pair : pairs(loop, options)) {
            try {
                return open(loop, options, pair);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        throw SocketStream.known(failure);
    }

    /** Takes charge of a channel of somebody else, and gives it an address if it has none. */
    static Bound adopt(EventLoop loop, DatagramChannel channel) throws IOException {
        if (channel.getLocalAddress() == null) {
            channel.bind(null);
        }
        channel.configureBlocking(false);
        Fd fd = loop.driver().adopt(channel);
        SocketAddress peer = fd.remoteAddress();
        return new Bound(fd, peer, peer != null);
    }

    // ------------------------------------------------------------------------------------------------ addresses

    /** Returns what to try, one after the other: of each family that all the addresses have, the first of each. */
    private static List<Pair> pairs(EventLoop loop, DatagramOptions options) throws IOException {
        if (options.local() == null && options.remote() == null) {
            ProtocolFamily family = options.family();
            if (family == null) {
                throw new IllegalArgumentException(
                        "a datagram socket needs a local address, a remote address, or at least a family");
            }
            return List.of(new Pair(family, null, null));
        }
        Map<ProtocolFamily, InetSocketAddress> locals = lookUp(loop, options.local(), options.family());
        Map<ProtocolFamily, InetSocketAddress> remotes = lookUp(loop, options.remote(), options.family());
        List<Pair> pairs = new ArrayList<>();
        for (ProtocolFamily family : (options.local() != null ? locals : remotes).keySet()) {
            boolean complete = (options.local() == null || locals.containsKey(family))
                    && (options.remote() == null || remotes.containsKey(family));
            if (complete) {
                pairs.add(new Pair(family, locals.get(family), remotes.get(family)));
            }
        }
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("the local address " + options.local() + " and the remote address "
                    + options.remote() + " have no family in common: one is IPv4, the other IPv6");
        }
        return pairs;
    }

    /** Returns the first address of each family; none where there is no address. */
    private static Map<ProtocolFamily, InetSocketAddress> lookUp(
            EventLoop loop, @Nullable InetSocketAddress address, @Nullable ProtocolFamily family) throws IOException {
        Map<ProtocolFamily, InetSocketAddress> first = new LinkedHashMap<>();
        if (address != null) {
            List<InetAddress> found = Addresses.ofFamily(family, lookUp(loop, address), address.getHostString());
            for (InetSocketAddress one : Addresses.withPort(found, address.getPort())) {
                first.putIfAbsent(Addresses.family(one.getAddress()), one);
            }
        }
        return first;
    }

    private static List<InetAddress> lookUp(EventLoop loop, InetSocketAddress address) throws IOException {
        if (!address.isUnresolved()) {
            return List.of(address.getAddress());
        }
        String host = address.getHostString();
        return host.isEmpty()
                ? List.of(ANY_IPV6, ANY_IPV4)
                : LoopResolvers.of(loop).chosen.resolve(host);
    }

    // ------------------------------------------------------------------------------------------------ sockets

    private static Bound open(EventLoop loop, DatagramOptions options, Pair pair) throws IOException {
        Fd fd = loop.driver().datagramSocket(pair.family);
        boolean complete = false;
        try {
            if (options.reusePort()) {
                sharePort(fd);
            }
            if (options.broadcast()) {
                fd.setOption(StandardSocketOptions.SO_BROADCAST, true);
            }
            InetSocketAddress peer = options.broadcast() ? null : pair.remote;
            if (pair.local != null) {
                bind(fd, pair.local);
            } else if (peer == null) { // to connect gives an address too
                bind(fd, any(pair.family));
            }
            if (peer != null) {
                loop.perform(new Op.Connect(fd, peer));
            }
            complete = true;
            return new Bound(fd, pair.remote, peer != null);
        } finally {
            if (!complete) {
                fd.close();
            }
        }
    }

    private static void sharePort(Fd fd) throws IOException {
        if (!fd.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            throw new IllegalArgumentException("reusePort: this system cannot share ports");
        }
        fd.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    private static InetSocketAddress any(ProtocolFamily family) {
        return new InetSocketAddress(family == StandardProtocolFamily.INET6 ? ANY_IPV6 : ANY_IPV4, 0);
    }

    private static void bind(Fd fd, InetSocketAddress address) throws IOException {
        try {
            fd.bind(address, 0);
        } catch (IOException e) {
            BindException failure =
                    new BindException("cannot bind to " + Addresses.text(address) + ": " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
