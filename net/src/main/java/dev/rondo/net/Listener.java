package dev.rondo.net;

import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A TCP or Unix socket that listens; made by {@link Net#listen} and {@link Net#listenUnix}. Belongs to one loop.
 * (asyncio: a listening socket and {@code loop.sock_accept}.)
 */
public final class Listener implements AutoCloseable {

    private final EventLoop loop;
    private final Fd fd;
    private final SocketAddress address;
    private final Listening.@Nullable BoundFile file; // of a Unix socket, to be removed at the end
    private final Op.Accept accept;
    private final ArrayDeque<Fd> unclaimed =
            new ArrayDeque<>(); // accepted for a coroutine that was cancelled meanwhile

    Listener(EventLoop loop, Fd fd) {
        this(loop, new Listening.Bound(fd, null));
    }

    Listener(EventLoop loop, Listening.Bound bound) {
        this.loop = loop;
        this.fd = bound.socket();
        this.file = bound.file();
        this.address = SocketStream.known(fd.localAddress());
        this.accept = new Op.Accept(fd);
    }

    /**
     * Waits for the next connection. Suspends.
     *
     * <p>On cancel no connection is lost: one that has been accepted already is given to the next call.
     *
     * @throws IllegalStateException if another coroutine is accepting here
     * @throws ClosedChannelException if the listener is closed, or is closed while this waits
     * @throws IOException if the system cannot give the connection, for want of file descriptors say; the listener
     *     stays usable, but try again only after a pause
     */
    public ByteStream accept() throws IOException {
        Fd earlier = unclaimed.poll();
        if (earlier != null) {
            return new SocketStream(loop, earlier);
        }
        if (!fd.isOpen()) {
            throw new ClosedChannelException();
        }
        if (SocketStream.busy(accept)) {
            throw new IllegalStateException("another coroutine is already accepting from this listener");
        }
        try {
            loop.perform(accept);
        } catch (CancelledError cancelled) {
            keep(accept.accepted);
            throw cancelled;
        }
        return new SocketStream(loop, SocketStream.known(accept.accepted));
    }

    private void keep(@Nullable Fd accepted) {
        if (accepted == null) {
            return;
        }
        if (fd.isOpen()) {
            unclaimed.add(accepted);
        } else {
            accepted.close();
        }
    }

    /** Returns the address it listens at, after {@link #close} as well. */
    public SocketAddress address() {
        return address;
    }

    /**
     * Returns the address it listens at, after {@link #close} as well.
     *
     * @throws IllegalStateException if it is a Unix socket, whose {@link #address} is a path
     */
    public InetSocketAddress localAddress() {
        return Addresses.ofInternet(address);
    }

    /**
     * Returns the port it listens at: the one the system chose, if 0 was asked for.
     *
     * @throws IllegalStateException if it is a Unix socket
     */
    public int port() {
        return localAddress().getPort();
    }

    /** Returns whether {@link #close} has not been called. */
    public boolean isOpen() {
        return fd.isOpen();
    }

    /**
     * Stops listening. Never suspends, idempotent. A coroutine in {@link #accept} gets an
     * {@link java.nio.channels.AsynchronousCloseException}; connections that nobody took are closed, others live on.
     * The file of a Unix socket is removed, unless there is another of its name by now.
     */
    @Override
    public void close() {
        if (fd.isOpen() && file != null) {
            file.remove();
        }
        fd.close();
        for (Fd nobodys; (nobodys = unclaimed.poll()) != null; ) {
            nobodys.close();
        }
    }

    @Override
    public String toString() {
        return "Listener[" + address + (isOpen() ? "" : ", closed") + "]";
    }
}
