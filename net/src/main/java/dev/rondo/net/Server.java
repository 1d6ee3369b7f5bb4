package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.TaskOptions;
import dev.rondo.TimerHandle;
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
    private final Serving.Owner registry = new Registry();
    private final boolean keepAlive;
    private final List<AcceptLoop> accepting = new ArrayList<>(); // empty once closed
    private final List<SocketAddress> addresses;
    private final Listening.@Nullable BoundFile file; // of a Unix socket, to be removed at the end
    private final Set<Served> clients = new LinkedHashSet<>(); // whose connections are open
    private final Set<Task<?, ?>> handlers = new LinkedHashSet<>(); // that have not ended; may outlive their clients
    private final AsyncEvent closed = new AsyncEvent(); // it listens no more
    private final AsyncEvent done = new AsyncEvent(); // and nobody is connected
    private final AsyncEvent stopping = new AsyncEvent(); // shutdown() has begun
    private boolean servingForever;

    // Of shutdown().
    private final AsyncEvent graceOver = new AsyncEvent(); // nothing is left, the time is over, or so is the patience
    private @Nullable Task<ShutdownReport, RuntimeException> shutdown; // once it was called
    private List<Served> cutOff = List.of(); // what was left when the grace was over
    private List<Task<?, ?>> cancelled = List.of();

    Server(
            EventLoop loop,
            List<Fd> listeners,
            Listening.@Nullable BoundFile file,
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
        serving.begin(socket, registry);
    }

    /** What the server is told of its connections. */
    private final class Registry implements Serving.Owner {

        @Override
        public void came(Served client) {
            clients.add(client);
        }

        @Override
        public void servedBy(Task<?, ?> handler) {
            handlers.add(handler);
            handler.addDoneCallback(_ -> {
                handlers.remove(handler);
                lookWhetherDone();
            });
        }

        @Override
        public void gone(Served client) {
            clients.remove(client);
            lookWhetherDone();
        }
    }

    private void lookWhetherDone() {
        if (closed.isSet() && clients.isEmpty()) {
            done.set();
            if (handlers.isEmpty()) {
                graceOver.set();
            }
        }
    }

    /**
     * Serves until the calling task is cancelled; then closes the server, waits until its connections are closed too,
     * and throws the cancel. Returns when somebody else has closed it, and its connections are closed too. Suspends.
     * (asyncio: {@code serve_forever}, which then throws a cancel that nobody asked for.)
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
            waitClosed();
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
     * Ends the server in order: stops listening, and gives connections and handlers {@code grace} to end by themselves.
     * When it is over, closes what is left at once, cancels the handlers, and waits for them a second at most. Suspends
     * until all is over. Whoever calls it again waits for the same end. A cancel is the end of the grace, and leaves
     * nothing open. (asyncio has nothing like it.)
     *
     * <p>A handler that waits for the next request does not know that none is wanted: one that looks at
     * {@link #stopping}, or awaits it beside its read, ends early. A handler that calls this itself waits for its own
     * end: it had better start a task that does.
     *
     * @param grace how long connections may go on; zero not at all
     * @return what did not end by itself
     * @throws IllegalArgumentException if {@code grace} is negative
     */
    public ShutdownReport shutdown(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: " + grace);
        }
        Task<ShutdownReport, RuntimeException> running = shutdown;
        if (running == null) {
            stopping.set();
            close();
            lookWhetherDone(); // it may have been closed before
            shutdown = running = loop.createTask(() -> end(grace), TaskOptions.named("shutdown of " + this));
        }
        try {
            return Asyncio.shield(running);
        } catch (CancelledError e) {
            cutOff(); // here, since the caller may not come again
            throw e;
        }
    }

    private ShutdownReport end(Duration grace) {
        if (grace.isPositive()) {
            TimerHandle timer = loop.callLater(grace, graceOver::set);
            try {
                graceOver.await();
            } catch (CancelledError e) {
                cutOff();
                throw e;
            } finally {
                timer.cancel();
            }
        }
        cutOff();
        if (!cancelled.isEmpty()) {
            Asyncio.waitAll(cancelled, LAST_WAIT);
        }
        try {
            Asyncio.timeout(LAST_WAIT, this::waitClosed); // until protocols were told, which takes a turn
        } catch (AsyncTimeoutException e) {
            // a protocol, or a task, that does not let its connection go
        }
        return new ShutdownReport(
                cutOff.stream().map(Object::toString).toList(),
                cancelled.stream().map(Task::name).toList(),
                cancelled.stream().filter(task -> !task.done()).map(Task::name).toList());
    }

    /** Ends the grace: closes what is left, and cancels its handlers. Does not suspend, idempotent. */
    private void cutOff() {
        if (cutOff.isEmpty() && cancelled.isEmpty()) {
            cutOff = List.copyOf(clients);
            cancelled = List.copyOf(handlers);
            cancelled.forEach(Task::cancel);
            cutOff.forEach(Served::close); // TLS says goodbye, where that needs no waiting
            cutOff.forEach(Served::abort);
        }
        graceOver.set();
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
        return Addresses.ofInternet(addresses.getFirst());
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
