package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.chance.Choices;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A driver whose network is made of addresses that answer, refuse or never say a word, at times of the virtual clock.
 * It logs what happens to sockets, with the time. An operation counts as in flight for the operation alone, so that the
 * clock can jump to where it ends.
 */
final class FakeNetwork implements IoDriver {

    private static final Duration NEVER = Duration.ofDays(1000);

    private static final String REFUSED = "Connection refused";

    private record Host(Duration after, @Nullable String failure) {}

    final List<String> log = new ArrayList<>();
    final EventLoop loop;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<String, List<InetAddress>> names = new LinkedHashMap<>();
    private int open;
    private int cancelLateness;
    private @Nullable RuntimeException broken;
    private volatile @Nullable Thread polling;
    private volatile boolean notified;

    FakeNetwork() {
        this(null);
    }

    FakeNetwork(@Nullable Choices choices) {
        EventLoop.Builder builder =
                EventLoop.builder().clock(new VirtualClock()).driver(_ -> this);
        loop = choices == null ? builder.build() : builder.choices(choices).build();
    }

    // ------------------------------------------------------------------------------------------------ the network

    FakeNetwork answers(String address, int millis) {
        hosts.put(address, new Host(Duration.ofMillis(millis), null));
        return this;
    }

    FakeNetwork refuses(String address, int millis) {
        return fails(address, millis, REFUSED);
    }

    FakeNetwork fails(String address, int millis, String failure) {
        hosts.put(address, new Host(Duration.ofMillis(millis), failure));
        return this;
    }

    FakeNetwork swallows(String address) {
        hosts.put(address, new Host(NEVER, null));
        return this;
    }

    /** Has a name, for {@link #resolver}. */
    FakeNetwork name(String name, String... addresses) {
        List<InetAddress> all = new ArrayList<>();
        for (String address : addresses) {
            all.add(InetAddress.ofLiteral(address));
        }
        names.put(name, all);
        return this;
    }

    /** Has a cancelled operation end so many turns later, with its result if that comes before. */
    FakeNetwork cancelsLate(int turns) {
        cancelLateness = turns;
        return this;
    }

    /** Has every connect end by a failure that is a bug of somebody. */
    FakeNetwork isBroken(RuntimeException failure) {
        broken = failure;
        return this;
    }

    Resolver resolver() {
        return host -> names.getOrDefault(host, List.of());
    }

    ConnectOptions options() {
        return ConnectOptions.DEFAULT.withResolver(resolver());
    }

    void log(String what) {
        log.add(loop.time().toMillis() + " " + what);
    }

    /** Returns the address that was given for it, so that the log has it as the test does. */
    private String nameOf(SocketAddress address) {
        InetAddress wanted = ((InetSocketAddress) address).getAddress();
        for (String host : hosts.keySet()) {
            if (InetAddress.ofLiteral(host).equals(wanted)) {
                return host;
            }
        }
        return wanted.getHostAddress();
    }

    // ------------------------------------------------------------------------------------------------ sockets

    private final class Socket implements Fd {
        private final ProtocolFamily family;
        private SocketAddress local = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.99"), 1);
        private @Nullable SocketAddress remote;
        private boolean isOpen = true;

        Socket(ProtocolFamily family) {
            this.family = family;
            open++;
        }

        @Override
        public SocketAddress localAddress() {
            return local;
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return remote;
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public <T> void setOption(SocketOption<T> option, T value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> @Nullable T getOption(SocketOption<T> option) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void bind(SocketAddress address, int backlog) throws IOException {
            Host host = hosts.get(nameOf(address));
            if (host != null && host.failure != null) {
                throw new BindException(host.failure);
            }
            local = address;
            log("bind to " + nameOf(address));
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public void close() {
            if (isOpen) {
                isOpen = false;
                open--;
                log("close " + (remote == null ? name(family) : nameOf(remote)));
            }
        }

        private static String name(ProtocolFamily family) {
            return family == StandardProtocolFamily.INET ? "IPv4" : "IPv6";
        }

        @Override
        public void release() {
            throw new IllegalStateException();
        }
    }

    @Override
    public Fd streamSocket(ProtocolFamily family) {
        return new Socket(family);
    }

    @Override
    public void submit(Op op) {
        Op.Connect connect = (Op.Connect) op;
        if (broken != null) {
            throw broken;
        }
        ((Socket) connect.fd).remote = connect.address;
        log("connect " + nameOf(connect.address));
        op.begin();
        Host host = hosts.getOrDefault(nameOf(connect.address), new Host(Duration.ZERO, "No route to host"));
        if (host.after != NEVER) {
            loop.callLater(
                    host.after,
                    () -> end(op, () -> op.finish(host.failure == null ? null : failure(connect, host.failure))));
        }
    }

    /** As the driver's own: a connect that was refused says where. */
    private static IOException failure(Op.Connect connect, String reason) {
        SocketException failure = new SocketException(reason);
        if (!reason.equals(REFUSED)) {
            return failure;
        }
        ConnectException refused = new ConnectException("connect to " + connect.address + ": " + reason);
        refused.initCause(failure);
        return refused;
    }

    private static void end(Op op, Runnable how) {
        if (!op.isDone()) {
            how.run();
            op.wake();
        }
    }

    @Override
    public void cancel(Op op) {
        if (op.beginCancel()) {
            cancelIn(cancelLateness, op);
        }
    }

    private void cancelIn(int turns, Op op) {
        loop.callSoon(turns == 0 ? () -> end(op, op::finishCancelled) : () -> cancelIn(turns - 1, op));
    }

    @Override
    public int inFlight() {
        return 0;
    }

    @Override
    public int openCount() {
        return open;
    }

    @Override
    public void poll(long timeoutNanos) {
        polling = Thread.currentThread();
        if (!notified && timeoutNanos != 0) {
            LockSupport.parkNanos(this, timeoutNanos < 0 ? Long.MAX_VALUE : timeoutNanos);
        }
        polling = null;
        notified = false;
    }

    @Override
    public void deliver() {}

    @Override
    public void wakeup() {
        notified = true;
        LockSupport.unpark(polling);
    }

    @Override
    public void close() {}

    // ------------------------------------------------------------------------------------------------ not there

    @Override
    public Fd listenerSocket(ProtocolFamily family) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Fd adopt(SelectableChannel channel) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Fd source(InputStream stream) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Fd sink(OutputStream stream) {
        throw new UnsupportedOperationException();
    }
}
