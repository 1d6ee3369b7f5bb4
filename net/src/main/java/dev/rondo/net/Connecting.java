package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** From a host's name to a socket. */
final class Connecting {

    private Connecting() {}

    // ------------------------------------------------------------------------------------------------ as a client

    static ByteStream connect(EventLoop loop, String host, int port, Resolver resolver) throws IOException {
        if (port < 1 || port > 0xFFFF) {
            throw new IllegalArgumentException("port must be 1 to 65535, not " + port);
        }
        List<IOException> failures = new ArrayList<>();
        for (InetAddress address : resolver.resolve(host)) {
            try {
                return connect(loop, new InetSocketAddress(address, port));
            } catch (IOException e) {
                failures.add(e);
            }
        }
        throw cannotConnect(host, port, failures);
    }

    private static ByteStream connect(EventLoop loop, InetSocketAddress address) throws IOException {
        Fd fd = loop.driver()
                .streamSocket(
                        address.getAddress() instanceof Inet6Address
                                ? StandardProtocolFamily.INET6
                                : StandardProtocolFamily.INET);
        boolean connected = false;
        try {
            loop.perform(new Op.Connect(fd, address));
            ByteStream stream = new SocketStream(loop, fd);
            connected = true;
            return stream;
        } finally {
            if (!connected) {
                fd.close();
            }
        }
    }

    private static ConnectException cannotConnect(String host, int port, List<IOException> failures) {
        Set<String> reasons = new LinkedHashSet<>();
        for (IOException failure : failures) {
            reasons.add(failure.getMessage() != null ? failure.getMessage() : failure.toString());
        }
        String reason = reasons.isEmpty() ? "the resolver gave no address" : String.join("; ", reasons);
        ConnectException failure = new ConnectException("cannot connect to " + host + ":" + port + ": " + reason);
        failures.forEach(failure::addSuppressed);
        return failure;
    }

    // ------------------------------------------------------------------------------------------------ as a server

    static Listener listen(EventLoop loop, String host, int port, int backlog, Resolver resolver) throws IOException {
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be at least 1, not " + backlog);
        }
        InetSocketAddress address = host.isEmpty()
                ? new InetSocketAddress(port)
                : new InetSocketAddress(resolver.resolve(host).getFirst(), port);
        try {
            return new Listener(loop, loop.driver().tcpListener(address, backlog));
        } catch (IOException e) {
            BindException failure = new BindException("cannot listen on " + address + ": " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
