package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.BindException;
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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From hosts and paths to listening sockets. */
final class Listening {

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
        Set<InetAddress> addresses = addresses(hosts, options);
        List<Fd> sockets = new ArrayList<>();
        BindException skipped = null;
        boolean complete = false;
        try {
            for (InetAddress address : addresses) {
                try {
                    sockets.add(listen(loop, new InetSocketAddress(address, port), options));
                } catch (BindException e) {
                    if (!isNotOurs(e)) {
                        throw e;
                    }
                    skipped = e;
                }
            }
            if (sockets.isEmpty()) {
                BindException failure = new BindException("could not bind on any address out of " + addresses);
                failure.initCause(skipped);
                throw failure;
            }
            complete = true;
            return sockets;
        } finally {
            if (!complete) {
                sockets.forEach(Fd::close);
            }
        }
    }

    private static Set<InetAddress> addresses(List<String> hosts, ListenOptions options) throws IOException {
        Set<InetAddress> all = new LinkedHashSet<>();
        for (String host : hosts) {
            if (host.isEmpty()) {
                all.add(
                        options.family() == StandardProtocolFamily.INET6
                                ? InetAddress.ofLiteral("::")
                                : InetAddress.ofLiteral("0.0.0.0")); // which the driver makes one for IPv6 as well
            } else {
                all.addAll(Addresses.ofFamily(options.family(), Net.resolver().resolve(host), host));
            }
        }
        if (options.family() == null && all.contains(InetAddress.ofLiteral("::"))) {
            all.remove(InetAddress.ofLiteral("0.0.0.0")); // one socket takes both
        }
        return all;
    }

    private static Fd listen(EventLoop loop, InetSocketAddress address, ListenOptions options) throws IOException {
        Fd socket = socket(loop, address.getAddress(), options);
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

    private static Fd socket(EventLoop loop, InetAddress address, ListenOptions options) throws IOException {
        boolean both = address.isAnyLocalAddress() && options.family() == null;
        if (both) {
            try {
                return loop.driver().listenerSocket(StandardProtocolFamily.INET6);
            } catch (IOException e) {
                // A system without IPv6. If it is something else, the next line says so.
            }
        }
        return loop.driver().listenerSocket(both ? StandardProtocolFamily.INET : Addresses.family(address));
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

    private static boolean isNotOurs(BindException failure) {
        Throwable cause = failure.getCause();
        return cause != null && String.valueOf(cause.getMessage()).startsWith("Cannot assign requested address");
    }

    /** Takes charge of a listening socket of somebody else. */
    static Fd adopt(EventLoop loop, ServerSocketChannel channel) throws IOException {
        if (channel.getLocalAddress() == null) {
            throw new IllegalArgumentException("the socket must be bound to an address: " + channel);
        }
        channel.configureBlocking(false);
        return loop.driver().adopt(channel);
    }

    // ------------------------------------------------------------------------------------------------ Unix

    /** The file of a Unix socket, as it was made. */
    record SocketFile(Path path, Object key) {

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

    /** A Unix socket that listens, with its file. */
    record UnixListener(Fd socket, @Nullable SocketFile file) {}

    /** Listens at a path, where an old socket gives way. Suspends for the calls of the file system. */
    static UnixListener atUnix(EventLoop loop, Path path, ListenOptions options) throws IOException {
        blocking(loop, () -> {
            removeStale(path);
            return path;
        });
        Fd socket = loop.driver().listenerSocket(StandardProtocolFamily.UNIX);
        boolean complete = false;
        try {
            bindUnix(socket, path, options.backlog());
            SocketFile file = new SocketFile(path, blocking(loop, () -> {
                if (options.mode() != null) {
                    Files.setPosixFilePermissions(path, options.mode());
                }
                return keyOf(path);
            }));
            complete = true;
            return new UnixListener(socket, options.cleanupSocket() ? file : null);
        } finally {
            if (!complete) {
                socket.close();
            }
        }
    }

    private static void bindUnix(Fd socket, Path path, int backlog) throws IOException {
        try {
            socket.bind(UnixDomainSocketAddress.of(path), backlog);
        } catch (IOException e) {
            boolean taken = String.valueOf(e.getMessage()).contains("in use");
            BindException failure =
                    new BindException(taken ? "Address " + path + " is already in use" : path + ": " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static <T> T blocking(EventLoop loop, Op.Call<T> call) throws IOException {
        Op.Blocking<T> op = new Op.Blocking<>(call);
        loop.perform(op);
        return SocketStream.known(op.result);
    }

    private static void removeStale(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE) == SOCKET) {
            Files.delete(path);
        }
    }

    private static Object keyOf(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino");
    }
}
