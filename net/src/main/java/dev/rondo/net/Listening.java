package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From hosts and paths to listening sockets.
 *
 * <p>The JDK has no {@code IPV6_V6ONLY}: a socket at the IPv6 wildcard takes what comes to any IPv4 address too, which
 * then needs no socket of its own.
 */
final class Listening {

    private static final InetAddress ALL_IPV6 = InetAddress.ofLiteral("::"); // and IPv4
    private static final InetAddress ALL_IPV4 = InetAddress.ofLiteral("0.0.0.0");

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private Listening() {}

    // ------------------------------------------------------------------------------------------------ TCP

    /** Returns sockets that listen at all addresses of the hosts that this machine has. Suspends to look up names. */
    static List<Fd> at(EventLoop loop, List<String> hosts, int port, ListenOptions options) throws IOException {
        Connecting.ensurePort(port, 0);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("no host to listen at; the empty one is all addresses of this machine");
        }
        Set<InetAddress> addresses = addresses(loop, hosts, options);
        List<Fd> sockets = new ArrayList<>();
        List<IOException> skipped = new ArrayList<>();
        boolean complete = false;
        try {
            for (InetAddress address : addresses) {
                try {
                    sockets.add(listen(loop, new InetSocketAddress(address, port), options));
                } catch (IOException e) {
                    if (isOurs(loop, address, port)) {
                        throw e;
                    }
                    skipped.add(e);
                }
            }
            if (sockets.isEmpty()) {
                throw cannotBindAny(addresses, port, skipped);
            }
            complete = true;
            return sockets;
        } finally {
            if (!complete) {
                sockets.forEach(Fd::close);
            }
        }
    }

    private static Set<InetAddress> addresses(EventLoop loop, List<String> hosts, ListenOptions options)
            throws IOException {
        Set<InetAddress> all = new LinkedHashSet<>();
        for (String host : hosts) {
            if (host.isEmpty()) {
                all.add(everywhere(loop, options));
            } else {
                all.addAll(Addresses.ofFamily(options.family(), Net.resolver().resolve(host), host));
            }
        }
        if (all.contains(ALL_IPV6)) {
            all.removeIf(Inet4Address.class::isInstance);
        }
        return all;
    }

    private static InetAddress everywhere(EventLoop loop, ListenOptions options) {
        return options.family() != StandardProtocolFamily.INET && hasIpv6(loop) ? ALL_IPV6 : ALL_IPV4;
    }

    private static boolean hasIpv6(EventLoop loop) {
        try {
            loop.driver().listenerSocket(StandardProtocolFamily.INET6).close();
            return true;
        } catch (IOException e) {
            return false; // or no descriptor is left, which the next socket says
        }
    }

    private static Fd listen(EventLoop loop, InetSocketAddress address, ListenOptions options) throws IOException {
        Fd socket = loop.driver().listenerSocket(Addresses.family(address.getAddress()));
        boolean complete = false;
        try {
            if (!options.reuseAddress()) {
                socket.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            }
            if (options.reusePort()) {
                sharePort(socket);
            }
            bind(socket, address, options.backlog());
            complete = true;
            return socket;
        } finally {
            if (!complete) {
                socket.close();
            }
        }
    }

    private static void sharePort(Fd socket) throws IOException {
        if (!socket.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            throw new IllegalArgumentException("reusePort is not supported by this system");
        }
        socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    private static void bind(Fd socket, SocketAddress address, int backlog) throws IOException {
        try {
            socket.bind(address, backlog);
        } catch (IOException e) {
            String text = address instanceof InetSocketAddress inet ? Addresses.text(inet) : address.toString();
            BindException failure = new BindException("cannot listen on " + text + ": " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    /**
     * Returns whether this machine has an address at which it cannot listen. The text of a failure depends on system
     * and language; but where an address is not ours, no other port of it can be had either.
     */
    private static boolean isOurs(EventLoop loop, InetAddress address, int port) {
        if (port == 0) {
            return false;
        }
        try {
            listen(loop, new InetSocketAddress(address, 0), ListenOptions.DEFAULT)
                    .close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static BindException cannotBindAny(Set<InetAddress> addresses, int port, List<IOException> why) {
        BindException failure = new BindException("could not bind on any address out of "
                + Addresses.withPort(List.copyOf(addresses), port).stream()
                        .map(Addresses::text)
                        .toList());
        why.forEach(failure::addSuppressed);
        return failure;
    }

    // ------------------------------------------------------------------------------------------------ sockets given

    /** A socket that listens, and the file that goes with it, if one does. */
    record Bound(Fd socket, @Nullable BoundFile file) {}

    /** Takes charge of a listening socket of somebody else. */
    static Bound adopt(EventLoop loop, ServerSocketChannel channel, ListenOptions options) throws IOException {
        SocketAddress address = channel.getLocalAddress();
        if (address == null) {
            throw new IllegalArgumentException("the socket must be bound to an address: " + channel);
        }
        BoundFile file = options.cleanupSocket() && address instanceof UnixDomainSocketAddress unix
                ? blocking(loop, () -> new BoundFile(unix.getPath(), keyOf(unix.getPath())))
                : null;
        channel.configureBlocking(false);
        return new Bound(loop.driver().adopt(channel), file);
    }

    // ------------------------------------------------------------------------------------------------ Unix

    /** The file of a Unix socket, as it was made. */
    record BoundFile(Path path, Object key) {

        /**
         * Removes the file, unless there is another by now. Two short calls of the file system, on the loop's thread: a
         * close neither suspends nor leaves work behind that the end of the loop would drop.
         */
        void remove() {
            try {
                if (key.equals(keyOf(path))) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException e) {
                // It is gone, or belongs to somebody else now.
            }
        }
    }

    /**
     * Listens at a path, where an old socket gives way. Suspends for the calls of the file system; what does not return
     * leaves neither socket nor file.
     */
    static Bound atUnix(EventLoop loop, Path path, ListenOptions options) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        blocking(loop, () -> removeStale(path));
        Fd socket = loop.driver().listenerSocket(StandardProtocolFamily.UNIX);
        boolean bound = false;
        boolean complete = false;
        try {
            bindUnix(socket, address, options.backlog());
            bound = true;
            BoundFile file = blocking(loop, () -> {
                if (options.mode() != null) {
                    Files.setPosixFilePermissions(path, options.mode());
                }
                return new BoundFile(path, keyOf(path));
            });
            complete = true;
            return new Bound(socket, options.cleanupSocket() ? file : null);
        } finally {
            if (!complete) {
                socket.close();
                if (bound) {
                    Files.deleteIfExists(path); // made a moment ago
                }
            }
        }
    }

    private static void bindUnix(Fd socket, UnixDomainSocketAddress address, int backlog) throws IOException {
        try {
            socket.bind(address, backlog);
        } catch (IOException e) {
            boolean taken = Files.exists(address.getPath(), LinkOption.NOFOLLOW_LINKS);
            BindException failure = new BindException(
                    taken
                            ? "Address " + address + " is already in use by a file that is no socket"
                            : "cannot listen on " + address + ": " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static <T> T blocking(EventLoop loop, Op.Call<T> call) throws IOException {
        Op.Blocking<T> op = new Op.Blocking<>(call);
        loop.perform(op);
        return SocketStream.known(op.result);
    }

    private static boolean removeStale(Path path) throws IOException {
        boolean stale = Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE) == SOCKET;
        return stale && Files.deleteIfExists(path);
    }

    /** Returns what tells a file from one of the same name: its device and its number there. */
    private static Object keyOf(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        if (key == null) {
            throw new IOException("this file system does not tell files apart: " + path);
        }
        return key;
    }
}
