package dev.rondo.testkit.net;

import dev.rondo.Action;
import dev.rondo.Context;
import dev.rondo.ContextVar;
import dev.rondo.Coroutine;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine of a simulated {@link Network}. Code that is run as a host opens its sockets there: what it binds to are
 * the host's addresses, and {@code localhost} is the host. Loop thread only.
 *
 * <pre>
 *   UP ──crash()──▶ DOWN ──restart()──▶ UP
 * </pre>
 */
public final class Host {

    /** Where the code is run; without a value on the network's first host. */
    static final ContextVar<Optional<Host>> HERE = ContextVar.withDefault("host", Optional.empty());

    private static final int FIRST_EPHEMERAL = 40_001;

    private final Network network;
    private final String name;
    private final List<InetAddress> addresses;
    private final Map<Host, Path> paths = new LinkedHashMap<>();
    private final List<MemorySocket> bound = new ArrayList<>(); // has a port
    private final Set<Integer> refused = new LinkedHashSet<>(0);
    private int nextPort = FIRST_EPHEMERAL;
    private int window = 1 << 16;
    private boolean down;

    Host(Network network, String name, List<InetAddress> addresses) {
        this.network = network;
        this.name = name;
        this.addresses = addresses;
    }

    /** Returns its name, which is known to all hosts. */
    public String name() {
        return name;
    }

    /** Returns its addresses, but for those of {@code localhost}. */
    public List<InetAddress> addresses() {
        return addresses;
    }

    // ------------------------------------------------------------------------------------------------ running code

    /** Runs code as this host, in the calling task; tasks that it creates run as this host too. */
    public <X extends Exception> void run(Action<X> body) throws X {
        run(() -> {
            body.run();
            return null;
        });
    }

    /** Runs code as this host and returns its result. */
    public <T extends @Nullable Object, X extends Exception> T run(Coroutine<T, X> body) throws X {
        return Context.copyCurrent().call(() -> {
            HERE.set(Optional.of(this));
            return body.run();
        });
    }

    // ------------------------------------------------------------------------------------------------ faults

    /**
     * Switches the host off, as by a power cut. Its sockets are good for nothing but {@code close}: what uses them
     * fails, and new ones cannot be had. It listens nowhere. Others hear nothing: what they send waits for the host to
     * come back, or until they {@linkplain Network#giveUpAfter give up}. Its tasks go on: cancel them, if they should
     * not.
     */
    public Host crash() {
        if (!down) {
            network.log(name + " crashes");
            down = true;
            for (MemorySocket socket : List.copyOf(network.open)) {
                if (socket.host == this) {
                    socket.crash();
                }
            }
            bound.clear();
        }
        return this;
    }

    /** Switches the host on again. Who still sends to a connection of before is told that it was reset. */
    public Host restart() {
        if (down) {
            network.log(name + " restarts");
            down = false;
            network.releaseAll();
        }
        return this;
    }

    /** Returns whether it has crashed and was not restarted. */
    public boolean isDown() {
        return down;
    }

    /** Has connections to a port refused from now on, although somebody may listen there. Those there are go on. */
    public Host refuse(int port) {
        refused.add(port);
        return this;
    }

    /** Undoes {@link #refuse}. */
    public Host allow(int port) {
        refused.remove(port);
        return this;
    }

    /**
     * Sets how many bytes a connection takes for its reader to read, before the sender has to wait: 65,536 at first. A
     * small number makes a slow reader felt at once. Goes for the sockets and listeners that are opened from now on; a
     * program may set {@code SO_RCVBUF}, too, before it connects or listens.
     */
    public Host receiveWindow(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a window has room for 1 byte or more, not " + bytes);
        }
        window = bytes;
        return this;
    }

    int receiveWindow() {
        return window;
    }

    boolean refuses(int port) {
        return refused.contains(port);
    }

    // ------------------------------------------------------------------------------------------------ ways

    Path pathTo(Host other) {
        return paths.computeIfAbsent(other, _ -> new Path(network, this, other));
    }

    void releasePaths() {
        paths.values().forEach(Path::release);
    }

    /** Returns the address that packets to another come from. */
    InetAddress sourceFor(InetAddress target) throws SocketException {
        if (target.isLoopbackAddress()) {
            return target;
        }
        for (InetAddress address : addresses) {
            if (address instanceof Inet4Address == target instanceof Inet4Address) {
                return address;
            }
        }
        throw new SocketException("Network is unreachable");
    }

    // ------------------------------------------------------------------------------------------------ ports

    /** Gives a socket an address, with a free port if that is 0. */
    void bind(MemorySocket socket, InetSocketAddress wanted) throws BindException {
        InetAddress address = wanted.getAddress();
        if (!address.isAnyLocalAddress() && !address.isLoopbackAddress() && !addresses.contains(address)) {
            throw new BindException("Cannot assign requested address");
        }
        int port = wanted.getPort();
        if (port == 0) {
            port = freePort(socket, address);
        } else if (isTaken(socket, address, port)) {
            throw new BindException("Address already in use");
        }
        socket.local = new InetSocketAddress(address, port);
        bound.add(socket);
    }

    void unbind(MemorySocket socket) {
        bound.remove(socket);
    }

    private int freePort(MemorySocket socket, InetAddress address) throws BindException {
        for (int tries = 0; tries <= 0xFFFF - FIRST_EPHEMERAL; tries++) {
            int port = nextPort;
            nextPort = port == 0xFFFF ? FIRST_EPHEMERAL : port + 1;
            if (!isTaken(socket, address, port)) {
                return port;
            }
        }
        throw new BindException("Address already in use: no port is free");
    }

    private boolean isTaken(MemorySocket socket, InetAddress address, int port) {
        for (MemorySocket other : bound) {
            InetSocketAddress local = other.local;
            if (local != null
                    && local.getPort() == port
                    && other.isDatagrams() == socket.isDatagrams()
                    && (covers(local.getAddress(), address) || covers(address, local.getAddress()))) {
                return true;
            }
        }
        return false;
    }

    /** Returns who is bound to an address and port: to the very address before any wildcard. */
    @Nullable MemorySocket boundTo(InetSocketAddress target, boolean datagrams) {
        MemorySocket found = null;
        for (MemorySocket socket : bound) {
            InetSocketAddress local = socket.local;
            if (local == null || local.getPort() != target.getPort() || socket.isDatagrams() != datagrams) {
                continue;
            }
            if (local.getAddress().equals(target.getAddress())) {
                return socket;
            }
            if (covers(local.getAddress(), target.getAddress())) {
                found = socket;
            }
        }
        return found;
    }

    private static boolean covers(InetAddress one, InetAddress other) {
        return one.equals(other)
                || (one.isAnyLocalAddress() && (one instanceof Inet6Address || other instanceof Inet4Address));
    }

    @Override
    public String toString() {
        return name;
    }
}
