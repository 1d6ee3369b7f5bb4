package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.reactor.Fd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listens, and serves each connection: by a handler in a task of its own, or by a protocol. Made by
 * {@link Net#startServer} and {@link Net#createServer}; belongs to one loop. (asyncio: {@code Server}.)
 *
 * <p>Who closes what, as in asyncio: a connection is closed by its handler ({@code writer.close()}, best in {@code try
 * (writer) { … }}), by {@link #closeClients}, or because the handler failed or was cancelled. A handler that returns
 * does <em>not</em> close it: another task may use it still. Closing the server leaves the connections alone;
 * {@link #shutdown} ends them as well.
 */
public final class Server implements AutoCloseable {

    private static final Duration LAST_WAIT = Duration.ofSeconds(1); // for handlers that were cancelled

    private final EventLoop loop;
    private final Serving serving;
    private final boolean keepAlive;
    private final List<AcceptLoop> accepting = new ArrayList<>(); // empty once closed
    private final List<SocketAddress> addresses;
    private final Listening.@Nullable SocketFile file; // of a Unix socket, to be removed at the end
    private final Set<Served> clients = new LinkedHashSet<>();
    private final AsyncEvent closed = new AsyncEvent(); // it listens no more
    private final AsyncEvent done = new AsyncEvent(); // and nobody is connected
    private final AsyncEvent stopping = new AsyncEvent(); // shutdown() has begun
    private boolean servingForever;
    private @Nullable Task<ShutdownReport, RuntimeException> shutdown; // once it was called

    Server(
            EventLoop loop,
            List<Fd> listeners,
            Listening.@Nullable SocketFile file,
            Serving serving,
            ListenOptions options) {
        this.loop = loop;
        this.serving = serving;
        this.keepAlive = options.keepAlive();
        this.file = file;
        this.addresses = listeners.stream()
                .map(listener -> Objects.requireNonNull(listener.localAddress()))
                .toList();
        Context context = Context.copyCurrent();
        for (Fd listener : listeners) {
            accepting.add(new AcceptLoop(loop, context, listener, options.backlog(), this::serve));
        }
        if (options.startServing()) {
            startServing();
        }
    }

    // ------------------------------------------------------------------------------------------------ serving

    /**
     * Begins to accept connections; idempotent. Does not suspend. (asyncio: {@code start_serving}.)
     *
     * @throws IllegalStateException if the server is closed
     */
    public void startServing() {
        ensureOpen();
        accepting.forEach(AcceptLoop::start);
    }

    private void serve(Fd socket) {
        if (keepAlive) {
            try {
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            } catch (IOException | UnsupportedOperationException e) {
                // Reset already, which its first read will tell; or a Unix socket, which is there as long as its peer.
            }
        }
        Served client = serving.begin(socket, this::gone);
        if (client != null) {
            clients.add(client);
        }
    }

    private void gone(Served client) {
        clients.remove(client);
        lookWhetherDone();
    }

    private void lookWhetherDone() {
        if (closed.isSet() && clients.isEmpty()) {
            done.set();
        }
    }

    /**
     * Serves until the calling task is cancelled; then closes the server, waits until its connections are closed too,
     * and throws the cancel. Returns when somebody else closes it. Suspends. (asyncio: {@code serve_forever}.)
     *
     * @throws IllegalStateException if the server is closed, or another coroutine is in here
     */
    public void serveForever() {
        if (servingForever) {
            throw new IllegalStateException("server " + this + " is already being awaited on serveForever()");
        }
        startServing();
        servingForever = true;
        try {
            closed.await();
        } catch (CancelledError e) {
            close();
            waitClosed();
            throw e;
        } finally {
            servingForever = false;
        }
    }

    private void ensureOpen() {
        if (closed.isSet()) {
            throw new IllegalStateException("server " + this + " is closed");
        }
    }

    // ------------------------------------------------------------------------------------------------ ending

    /** Stops listening. Connections live on. Never suspends, idempotent. */
    @Override
    public void close() {
        accepting.forEach(AcceptLoop::close);
        accepting.clear();
        if (!closed.isSet()) {
            closed.set();
            if (file != null) {
                file.remove();
            }
            lookWhetherDone();
        }
    }

    /**
     * Closes all connections, as their writers do: what waits to be sent is still sent. Their handlers meet the end of
     * the stream at their next read, and a failure at their next write. Never suspends. (asyncio:
     * {@code close_clients}.)
     */
    public void closeClients() {
        List.copyOf(clients).forEach(Served::close);
    }

    /**
     * Closes all connections at once: what waits to be sent is dropped. Never suspends. (asyncio:
     * {@code abort_clients}.)
     */
    public void abortClients() {
        List.copyOf(clients).forEach(Served::abort);
    }

    /**
     * Waits until the server is closed and so are all of its connections. Suspends; a cancel ends the waiting and
     * nothing else. (asyncio: {@code wait_closed}.)
     */
    public void waitClosed() {
        done.await();
    }

    /**
     * Ends the server in order: stops listening, lets what is being served end, and closes at the end of {@code grace}
     * what has not, and cancels its handlers. Suspends until all is over; whoever calls it again waits for the same
     * end. A cancel ends the grace at once. (asyncio has nothing like it.)
     *
     * <p>A handler that waits for the next request does not know that none is wanted: one that looks at
     * {@link #stopping}, or awaits it beside its read, ends early.
     *
     * @param grace how long connections may go on; zero not at all
     * @return what did not end by itself
     */
    public ShutdownReport shutdown(Duration grace) {
        Task<ShutdownReport, RuntimeException> running = shutdown;
        if (running == null) {
            stopping.set();
            close();
            shutdown = running = loop.createTask(() -> end(grace));
        }
        try {
            return Asyncio.shield(running);
        } catch (CancelledError e) {
            running.cancel(); // which is the end of the grace
            throw e;
        }
    }

    private ShutdownReport end(Duration grace) {
        try {
            if (grace.isPositive()) {
                Asyncio.timeout(grace, this::waitClosed);
            }
        } catch (AsyncTimeoutException | CancelledError over) {
            // what follows is for what is left
        }
        List<Served> left = List.copyOf(clients);
        List<Task<?, ?>> handlers = new ArrayList<>();
        for (Served client : left) {
            if (client.task() != null && !client.task().done()) {
                client.task().cancel();
                handlers.add(client.task());
            }
        }
        left.forEach(Served::close);
        left.forEach(Served::abort);
        if (!handlers.isEmpty()) {
            Asyncio.waitAll(handlers, LAST_WAIT);
        }
        return new ShutdownReport(
                left.stream().map(Object::toString).toList(),
                handlers.stream()
                        .filter(task -> !task.done())
                        .map(Object::toString)
                        .toList());
    }

    /**
     * Returns the event that is set once {@link #shutdown} has begun: for handlers that serve one request after the
     * other.
     */
    public AsyncEvent stopping() {
        return stopping;
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns whether it accepts connections. (asyncio: {@code is_serving}.) */
    public boolean isServing() {
        return !accepting.isEmpty() && accepting.getFirst().isStarted();
    }

    /** Returns the sockets it listens with; none once it is closed. (asyncio: {@code sockets}.) */
    public List<TransportSocket> sockets() {
        return accepting.stream()
                .map(each -> new TransportSocket(each.listener()))
                .toList();
    }

    /** Returns the addresses it listens at, after {@link #close} as well. */
    public List<SocketAddress> addresses() {
        return addresses;
    }

    /**
     * Returns the port it listens at, after {@link #close} as well; the first socket's, if there are several.
     *
     * @throws IllegalStateException if it is a Unix socket
     */
    public int port() {
        return localAddress().getPort();
    }

    /**
     * Returns the address it listens at; the first one, if there are several.
     *
     * @throws IllegalStateException if it is a Unix socket
     */
    public InetSocketAddress localAddress() {
        if (addresses.getFirst() instanceof InetSocketAddress address) {
            return address;
        }
        throw new IllegalStateException("a Unix socket has no port: " + addresses.getFirst());
    }

    /** Returns how many connections are open. */
    public int clientCount() {
        return clients.size();
    }

    /** Returns the loop it belongs to. (asyncio: {@code get_loop}.) */
    public EventLoop loop() {
        return loop;
    }

    @Override
    public String toString() {
        return "Server[" + addresses.getFirst() + (addresses.size() > 1 ? " and more" : "") + ", " + clients.size()
                + " clients" + (closed.isSet() ? ", closed" : "") + "]";
    }
}
