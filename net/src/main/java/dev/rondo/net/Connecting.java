package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** From a host's name to a socket. */
final class Connecting {

    private Connecting() {}

    // ------------------------------------------------------------------------------------------------ as a client

    /** Returns a connected socket, the caller's to close. Suspends; what does not return leaves no socket open. */
    static Fd connect(EventLoop loop, String host, int port, ConnectOptions options) throws IOException {
        ensurePort(port, 1);
        Resolver resolver = options.resolver() != null ? options.resolver() : LoopResolvers.of(loop).chosen;
        List<InetAddress> found = resolver.resolve(host);
        List<InetAddress> addresses =
                Addresses.interleave(Addresses.ofFamily(options.family(), found, host), options.interleave());
        List<InetSocketAddress> local = local(options.localAddress(), resolver);

        Attempts attempts = new Attempts(remote -> dial(loop, remote, local), options.happyEyeballsDelay());
        Fd fd = attempts.connect(Addresses.withPort(addresses, port));
        if (fd == null) {
            throw cannotConnect(host, port, attempts.failures());
        }
        return fd;
    }

    static void ensurePort(int port, int least) {
        if (port < least || port > 0xFFFF) {
            throw new IllegalArgumentException("port must be " + least + " to 65535, not " + port);
        }
    }

    /** Returns the addresses to connect from, of which each attempt takes one of its own family; none for any. */
    private static List<InetSocketAddress> local(@Nullable InetSocketAddress address, Resolver resolver)
            throws IOException {
        if (address == null) {
            return List.of();
        }
        return address.isUnresolved()
                ? Addresses.withPort(resolver.resolve(address.getHostString()), address.getPort())
                : List.of(address);
    }

    private static Fd dial(EventLoop loop, InetSocketAddress remote, List<InetSocketAddress> local) throws IOException {
        Fd fd = loop.driver().streamSocket(Addresses.family(remote.getAddress()));
        boolean connected = false;
        try {
            if (!local.isEmpty()) {
                bind(fd, Addresses.family(remote.getAddress()), local);
            }
            loop.perform(new Op.Connect(fd, remote));
            connected = true;
            return fd;
        } finally {
            if (!connected) {
                fd.close();
            }
        }
    }

    /** Gives the socket the first of the local addresses that it can have. */
    private static void bind(Fd fd, ProtocolFamily family, List<InetSocketAddress> local) throws IOException {
        BindException failure = null;
        for (InetSocketAddress address : local) {
            if (Addresses.family(address.getAddress()) == family) {
                try {
                    fd.bind(address, 0);
                    return;
                } catch (IOException e) {
                    BindException next =
                            new BindException("cannot bind to " + Addresses.text(address) + ": " + reason(e));
                    next.initCause(e);
                    if (failure != null) {
                        next.addSuppressed(failure);
                    }
                    failure = next;
                }
            }
        }
        throw failure != null
                ? failure
                : new BindException("no matching local address with family " + Addresses.name(family) + " found");
    }

    /** Returns one failure for all, which keeps each, and says each reason once with the addresses it holds for. */
    private static ConnectException cannotConnect(String host, int port, List<Attempts.Failed> failures) {
        Map<String, StringJoiner> addresses = new LinkedHashMap<>();
        for (Attempts.Failed failed : failures) {
            addresses
                    .computeIfAbsent(reason(failed.failure()), _ -> new StringJoiner(", "))
                    .add(failed.address().getAddress().getHostAddress());
        }
        StringJoiner text = new StringJoiner("; ");
        addresses.forEach((reason, those) -> text.add(Literal.isOne(host) ? reason : those + ": " + reason));

        ConnectException failure = new ConnectException("cannot connect to " + host + ":" + port + ": " + text);
        failures.forEach(failed -> failure.addSuppressed(failed.failure()));
        return failure;
    }

    /** Returns what went wrong, without the address, which a driver may have put in front of its cause. */
    private static String reason(IOException failure) {
        Throwable cause = failure instanceof ConnectException ? failure.getCause() : null;
        if (cause != null && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return failure.getMessage() != null ? failure.getMessage() : failure.toString();
    }

    // ------------------------------------------------------------------------------------------------ as a server

    static Listener listen(EventLoop loop, String host, int port, int backlog, Resolver resolver) throws IOException {
        ensurePort(port, 0);
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
