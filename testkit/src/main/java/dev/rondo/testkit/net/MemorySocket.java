package dev.rondo.testkit.net;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A socket of a simulated host, with the at most two operations that wait for it. Each kind is a subclass, which says
 * what it knows and whether it can be done now. Loop thread only.
 *
 * <pre>
 *   OPEN ──close()──▶ CLOSED        OPEN ──the host crashes──▶ OPEN, good for nothing but close()
 * </pre>
 */
abstract sealed class MemorySocket implements Fd permits StreamEnd, ListeningSocket, DatagramEnd {

    final Network network;
    final Host host;
    final ProtocolFamily family;

    @Nullable InetSocketAddress local;

    private final Map<SocketOption<?>, @Nullable Object> options;
    private boolean open = true;
    private boolean crashed;
    private Op.@Nullable OnFd incoming;
    private Op.@Nullable OnFd outgoing;

    MemorySocket(Network network, Host host, ProtocolFamily family, Map<SocketOption<?>, @Nullable Object> options) {
        this.network = network;
        this.host = host;
        this.family = family;
        this.options = new LinkedHashMap<>(options);
    }

    // ------------------------------------------------------------------------------------------------ for the kinds

    /** Returns which way an operation goes; null for one that this kind does not know. */
    abstract Op.@Nullable Direction direction(Op.OnFd op);

    /** Does what can be done now; returns whether the operation is over, and false if it has to wait. */
    abstract boolean attempt(Op.OnFd op) throws IOException;

    /** The socket is closed: its peer is to know. */
    abstract void closed();

    /** The host has crashed: nobody is to know. */
    abstract void gone();

    abstract String kind();

    abstract boolean isDatagrams();

    /** Something has changed that an operation may wait for. */
    final void changed() {
        incoming = retry(incoming);
        outgoing = retry(outgoing);
    }

    private Op.@Nullable OnFd retry(Op.@Nullable OnFd op) {
        if (op == null || !isOver(op)) {
            return op;
        }
        network.done.add(op);
        return null;
    }

    // ------------------------------------------------------------------------------------------------ operations

    /** Begins an operation, which may be over when this returns. */
    final void submit(Op.OnFd op) {
        Op.Direction direction = direction(op);
        if (direction == null) {
            throw new IllegalArgumentException(
                    this + " cannot do this operation: " + op.getClass().getSimpleName());
        }
        boolean in = direction == Op.Direction.READ;
        if ((in ? incoming : outgoing) != null) {
            throw new IllegalStateException("another coroutine is already " + doing(op));
        }
        op.begin();
        if (!open) {
            op.finish(new ClosedChannelException());
        } else if (!isOver(op)) {
            if (in) {
                incoming = op;
            } else {
                outgoing = op;
            }
        }
    }

    private static String doing(Op.OnFd op) {
        return switch (op) {
            case Op.Read _ -> "reading from this stream";
            case Op.Write _ -> "writing to this stream";
            case Op.Accept _ -> "accepting from this listener";
            case Op.ReceiveFrom _ -> "receiving from this socket";
            case Op.SendTo _ -> "sending through this socket";
            default -> "using this socket";
        };
    }

    private boolean isOver(Op.OnFd op) {
        try {
            if (crashed) {
                throw hostIsDown();
            }
            if (!attempt(op)) {
                return false;
            }
            op.finish(null);
        } catch (IOException e) {
            op.finish(e);
        } catch (RuntimeException e) { // a buffer that cannot be used
            op.finish(new IOException(op + " failed: " + e, e));
        }
        return true;
    }

    final SocketException hostIsDown() {
        return new SocketException("Network is down: host " + host + " has crashed");
    }

    /** Takes an operation back. */
    final void cancel(Op.OnFd op) {
        if ((op == incoming || op == outgoing) && op.beginCancel()) {
            forget(op);
            op.finishCancelled();
            network.done.add(op);
        }
    }

    private void forget(Op.OnFd op) {
        if (op == incoming) {
            incoming = null;
        } else {
            outgoing = null;
        }
        if (op instanceof Op.Connect) {
            connectCancelled();
        }
    }

    void connectCancelled() {}

    private void endOperations() {
        for (Op.OnFd op : new Op.@Nullable OnFd[] {incoming, outgoing}) {
            if (op != null) {
                op.finish(new AsynchronousCloseException());
                network.done.add(op);
            }
        }
        incoming = null;
        outgoing = null;
    }

    // ------------------------------------------------------------------------------------------------ addresses

    /**
     * Returns an address to connect or send to, which must be one of the internet, resolved, and of a fitting family.
     */
    final InetSocketAddress checked(String what, SocketAddress address) throws IOException {
        RuntimeException why;
        if (!(address instanceof InetSocketAddress inet)) {
            why = new UnsupportedAddressTypeException();
        } else if (inet.isUnresolved()) {
            why = new UnresolvedAddressException();
        } else if (family == StandardProtocolFamily.INET && inet.getAddress() instanceof Inet6Address) {
            why = new UnsupportedAddressTypeException();
        } else {
            return inet;
        }
        throw new IOException(
                "cannot " + what + " " + address + ": " + why.getClass().getSimpleName(), why);
    }

    @Override
    public void bind(SocketAddress address, int backlog) throws IOException {
        InetSocketAddress wanted = checked(this instanceof ListeningSocket ? "listen at" : "bind to", address);
        if (!open) {
            throw new ClosedChannelException();
        }
        if (crashed) {
            throw hostIsDown();
        }
        if (local != null) {
            throw new SocketException("already bound to " + local);
        }
        host.bind(this, wanted);
    }

    /** Returns the local address of a socket that sends: one that is not bound to any gets one now. */
    final InetSocketAddress boundFor(InetSocketAddress target) throws IOException {
        if (local == null) {
            host.bind(this, new InetSocketAddress(host.sourceFor(target.getAddress()), 0));
        }
        return Objects.requireNonNull(local);
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return open ? local : null;
    }

    // ------------------------------------------------------------------------------------------------ options

    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        Set<SocketOption<?>> supported =
                new TreeSet<>(Comparator.comparing(SocketOption::name)); // in the same order always
        supported.addAll(options.keySet());
        return supported;
    }

    @Override
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        ensureHas(option);
        Fd.ensureClosesAtOnce(option, value);
        options.put(option, value);
    }

    @Override
    public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        ensureHas(option);
        return option.type().cast(options.get(option));
    }

    private void ensureHas(SocketOption<?> option) throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        if (!options.containsKey(option)) {
            throw new UnsupportedOperationException(this + " has no socket option " + option.name());
        }
    }

    final void setNumber(SocketOption<Integer> option, int value) {
        options.put(option, value);
    }

    /** Returns an option that is a number, which must be set. */
    final int number(SocketOption<Integer> option) {
        return option.type().cast(Objects.requireNonNull(options.get(option)));
    }

    // ------------------------------------------------------------------------------------------------ the end

    final void crash() {
        crashed = true;
        gone();
        changed();
    }

    /** Returns whether there is still somebody who takes what arrives. */
    final boolean listens() {
        return open && !crashed;
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final void close() {
        if (open) {
            open = false;
            network.open.remove(this);
            host.unbind(this);
            endOperations();
            if (!crashed) {
                closed();
            }
        }
    }

    /** Ends, without a word to anybody, what the loop has left. */
    final void drop() {
        open = false;
        incoming = null;
        outgoing = null;
    }

    @Override
    public final void release() {
        throw new IllegalStateException(this + " was opened by the driver: there is nobody to give it back to");
    }

    final String describe() {
        StringBuilder text = new StringBuilder(toString()).append(" is open");
        for (Op.OnFd op : new Op.@Nullable OnFd[] {incoming, outgoing}) {
            if (op != null) {
                text.append(", ").append(op.getClass().getSimpleName()).append(" waits");
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        SocketAddress remote = remoteAddress();
        return kind() + " " + host + " " + network.text(local)
                + (remote instanceof InetSocketAddress inet ? "→" + network.text(inet) : "");
    }
}
