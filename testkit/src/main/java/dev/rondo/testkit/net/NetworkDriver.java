package dev.rondo.testkit.net;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of a simulated run, and nothing that would reach the system: when real bytes arrive is nobody's choice,
 * and no tape brings it back. What goes on in the network are events of the virtual clock, which {@link #poll} has
 * happen when they are due; an operation that waits for one is in the clock's hand, and not counted as in flight.
 */
final class NetworkDriver implements IoDriver {

    private static final int EVENTS_PER_POLL = 1000;

    private final Supplier<Network> maker;
    private @Nullable Network network; // null until it is needed

    // Shared with threads that wake the loop up.
    private volatile @Nullable Thread polling;
    private volatile boolean notified;

    NetworkDriver(Supplier<Network> maker) {
        this.maker = maker;
    }

    private Network network() {
        Network network = this.network;
        if (network == null) {
            network = maker.get();
            this.network = network;
        }
        return network;
    }

    // ------------------------------------------------------------------------------------------------ sockets

    @Override
    public Fd streamSocket(ProtocolFamily family) throws IOException {
        Host here = here("stream sockets", family);
        return opened(new StreamEnd(network(), here, family, here.receiveWindow()));
    }

    @Override
    public Fd listenerSocket(ProtocolFamily family) throws IOException {
        Host here = here("listeners", family);
        return opened(new ListeningSocket(network(), here, family));
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) throws IOException {
        Host here = here("datagram sockets", family);
        return opened(new DatagramEnd(network(), here, family));
    }

    private Host here(String what, ProtocolFamily family) throws IOException {
        if (family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new IOException("a simulated network has no " + what + " of family " + family);
        }
        Host here = network().here();
        if (here.isDown()) {
            throw new IOException("Network is down: host " + here + " has crashed");
        }
        return here;
    }

    private Fd opened(MemorySocket socket) {
        network().open.add(socket);
        return socket;
    }

    @Override
    public Op.Call<InetAddress[]> addressesOf(String name) {
        return network().lookup(name);
    }

    @Override
    public Op.Call<String> nameOf(InetAddress address) {
        Network network = network();
        return () -> network.nameOf(address);
    }

    // ------------------------------------------------------------------------------------------------ what is not
    // there

    @Override
    public Fd adopt(SelectableChannel channel) {
        throw refused("a channel");
    }

    @Override
    public Fd source(InputStream stream) {
        throw refused("a stream to read from");
    }

    @Override
    public Fd sink(OutputStream stream) {
        throw refused("a stream to write to");
    }

    /** Unchecked, so that no program takes it for a disk that is broken. */
    private static IllegalStateException refused(String what) {
        return new IllegalStateException("no real I/O in a simulated run: " + what
                + " was asked for. There are sockets, in memory, and nothing else: mark the test @RealIo to run it once,"
                + " in real time");
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    public void submit(Op op) {
        if (!(op instanceof Op.OnFd onFd)) {
            throw refused(op.toString());
        }
        if (!(onFd.fd instanceof MemorySocket socket) || socket.network != network) {
            throw new IllegalArgumentException("not a descriptor of this driver: " + onFd.fd);
        }
        socket.submit(onFd);
    }

    @Override
    public void cancel(Op op) {
        if (op instanceof Op.OnFd onFd && onFd.fd instanceof MemorySocket socket) {
            socket.cancel(onFd);
        }
    }

    @Override
    public int inFlight() {
        return network == null ? 0 : network.done.size();
    }

    @Override
    public int openCount() {
        return network == null ? 0 : network.open.size();
    }

    @Override
    public long nextEvent() {
        if (network == null) {
            return Long.MAX_VALUE;
        }
        return network.done.isEmpty() ? network.agenda.next() : network.nanos();
    }

    @Override
    public void poll(long timeoutNanos) {
        if (network != null) {
            long now = network.nanos();
            for (int i = 0; i < EVENTS_PER_POLL && network.agenda.runDue(now); i++) {
                // until all have happened
            }
        }
        polling = Thread.currentThread();
        if (!notified && timeoutNanos != 0 && inFlight() == 0) {
            LockSupport.parkNanos(this, timeoutNanos < 0 ? Long.MAX_VALUE : timeoutNanos);
        }
        polling = null;
        notified = false;
    }

    @Override
    public void deliver() {
        if (network != null && !network.done.isEmpty()) {
            List<Op> done = network.done;
            network.done = new ArrayList<>();
            done.forEach(Op::wake);
        }
    }

    @Override
    public void wakeup() {
        notified = true;
        LockSupport.unpark(polling);
    }

    @Override
    public void close() {
        if (network != null) {
            network.open.forEach(MemorySocket::drop);
            network.open.clear();
        }
    }
}
