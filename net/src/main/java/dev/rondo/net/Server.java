package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.Awaitable;
import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections and runs a handler in a task of its own for each. Made by {@link Net#startServer}; belongs to one
 * loop. (asyncio: {@code Server}.)
 *
 * <p>Who closes what, as in asyncio: a connection is closed by its handler ({@code writer.close()}, best in {@code try
 * (writer) { … }}), by {@link #closeClients}, or because the handler failed or was cancelled. A handler that returns
 * does <em>not</em> close it: another task may use it still. Closing the server leaves the connections alone.
 */
public final class Server implements AutoCloseable {

    private static final Duration PAUSE =
            Duration.ofSeconds(1); // when the system is out of descriptors; asyncio's figure

    private final EventLoop loop;
    private final Listener listener;
    private final ClientHandler handler;
    private final @Nullable SSLContext tls;
    private final Map<ByteStream, Runnable> clients = new LinkedHashMap<>(); // TCP streams, and how to close each
    private final List<Promise<@Nullable Void, RuntimeException>> waiters = new ArrayList<>();

    Server(Listener listener, ClientHandler handler, @Nullable SSLContext tls) {
        this.loop = Asyncio.getRunningLoop();
        this.listener = listener;
        this.handler = handler;
        this.tls = tls;
        loop.createTask(this::acceptAll);
    }

    // ------------------------------------------------------------------------------------------------ serving

    private void acceptAll() {
        try {
            for (; ; ) {
                ByteStream client = acceptOne();
                clients.put(client, () -> {
                    client.close();
                    gone(client);
                });
                loop.createTask(() -> serve(client)).addDoneCallback(task -> ended(client, task));
            }
        } catch (ClosedChannelException closed) {
            // by close(): done
        } finally {
            close();
        }
    }

    private ByteStream acceptOne() throws ClosedChannelException {
        for (; ; ) {
            try {
                return listener.accept();
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                report("socket.accept() out of system resource", e, listener);
                Asyncio.sleep(PAUSE);
            }
        }
    }

    private void serve(ByteStream client) throws Exception {
        ByteStream stream = tls == null ? client : handshake(client, tls);
        if (stream != null) {
            Connection connection = new Connection(stream, StreamReader.DEFAULT_LIMIT, () -> gone(client));
            clients.replace(client, connection.writer().outbox()::close);
            handler.handle(connection.reader(), connection.writer());
        }
    }

    private void ended(ByteStream client, Awaitable<?, ?> task) {
        Throwable failure = task.cancelled() ? null : task.exception();
        if (task.cancelled() || failure != null) {
            clients.getOrDefault(client, client::close).run();
        }
        if (failure != null) {
            report("Unhandled exception in client_connected_cb", failure, client);
        }
    }

    private @Nullable ByteStream handshake(ByteStream client, SSLContext context) {
        try {
            return Net.startTlsServer(client, context);
        } catch (IOException e) {
            if (loop.debug()) {
                report("Error on transport creation for incoming connection", e, client);
            }
            gone(client);
            return null; // the client's trouble: it has been told
        }
    }

    private void report(String message, Throwable failure, Object about) {
        loop.callExceptionHandler(
                new ExceptionContext(message, failure, Map.of(about == listener ? "socket" : "transport", about)));
    }

    private void gone(ByteStream client) {
        clients.remove(client);
        tellWaiters();
    }

    // ------------------------------------------------------------------------------------------------ ending

    /** Stops listening. Connections live on. Never suspends, idempotent. */
    @Override
    public void close() {
        listener.close();
        tellWaiters();
    }

    /**
     * Closes all connections, as their writers do: what waits to be sent is still sent. Their handlers meet the end of
     * the stream at their next read, and a failure at their next write. Never suspends. (asyncio:
     * {@code close_clients}.)
     */
    public void closeClients() {
        List.copyOf(clients.values()).forEach(Runnable::run);
    }

    /**
     * Waits until the server is closed and so are all of its connections. Suspends; a cancel ends the waiting and
     * nothing else. (asyncio: {@code wait_closed}.)
     */
    public void waitClosed() {
        if (!isDone()) {
            Promise<@Nullable Void, RuntimeException> done = loop.createFuture();
            waiters.add(done);
            try {
                done.await();
            } finally {
                waiters.remove(done);
            }
        }
    }

    /**
     * Serves until the calling task is cancelled, and then closes the server. Suspends. (asyncio:
     * {@code serve_forever}.)
     *
     * @throws IllegalStateException if the server is closed
     */
    public void serveForever() {
        if (!isServing()) {
            throw new IllegalStateException("server " + this + " is closed");
        }
        try {
            loop.<@Nullable Void, RuntimeException>createFuture().await();
        } catch (CancelledError e) {
            close();
            throw e;
        }
    }

    private boolean isDone() {
        return !listener.isOpen() && clients.isEmpty();
    }

    private void tellWaiters() {
        if (isDone()) {
            for (Promise<@Nullable Void, RuntimeException> waiter : waiters) {
                if (!waiter.done()) {
                    waiter.setResult(null);
                }
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns whether it accepts connections. (asyncio: {@code is_serving}.) */
    public boolean isServing() {
        return listener.isOpen();
    }

    /** Returns the port it listens at. */
    public int port() {
        return listener.port();
    }

    /** Returns the address it listens at. */
    public InetSocketAddress localAddress() {
        return listener.localAddress();
    }

    /** Returns how many connections are open. */
    public int clientCount() {
        return clients.size();
    }

    @Override
    public String toString() {
        return "Server[" + listener.localAddress() + ", " + clients.size() + " clients"
                + (isServing() ? "" : ", closed") + "]";
    }
}
