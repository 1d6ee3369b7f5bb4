package dev.rondo.http.server;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.JettyClasses;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * An HTTP/1.1 server: accepts connections and runs a coroutine for each. In aiohttp: {@code web.TCPSite} with its
 * runner.
 *
 * <pre>{@code
 * try (var server = HttpServer.start(request -> Response.text("hello"), "127.0.0.1", 0)) {
 *     print(server.port());
 *     …
 * }
 * }</pre>
 *
 * <p>Belongs to the loop it was started in.
 */
public final class HttpServer implements AutoCloseable {

    /** The system is short of file descriptors, say: the connections that end meanwhile give some back. */
    private static final Duration PAUSE_AFTER_FAILED_ACCEPT = Duration.ofMillis(100);

    private final EventLoop loop;
    private final Listener listener;
    private final Handler handler;
    private final ServerOptions options;
    private final BufferPool buffers = new BufferPool();
    private final Set<Task<?, ?>> connections = new LinkedHashSet<>();
    private final Task<?, ?> accepting;

    private HttpServer(EventLoop loop, Listener listener, Handler handler, ServerOptions options) {
        this.loop = loop;
        this.listener = listener;
        this.handler = handler;
        this.options = options;
        this.accepting = Asyncio.createTask(this::accept);
    }

    /**
     * Starts a server with default limits. Suspends: to look up a name, and the first time to initialise classes.
     *
     * @param host a name or address of this machine; empty for all of its addresses
     * @param port 0 to have the system choose one: {@link #port} tells
     * @throws IOException if the port is taken or the address is not this machine's
     */
    public static HttpServer start(Handler handler, String host, int port) throws IOException {
        return start(handler, host, port, ServerOptions.DEFAULT);
    }

    /** Starts a server as {@link #start(Handler, String, int)} does, with other limits. */
    public static HttpServer start(Handler handler, String host, int port, ServerOptions options) throws IOException {
        JettyClasses.initialise();
        return new HttpServer(Asyncio.getRunningLoop(), Net.listen(host, port), handler, options);
    }

    // ------------------------------------------------------------------------------------------------- accepting

    private void accept() {
        while (listener.isOpen()) {
            try {
                serve(listener.accept());
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                loop.callExceptionHandler(new ExceptionContext("cannot accept a connection; trying again", e));
                Asyncio.sleep(PAUSE_AFTER_FAILED_ACCEPT);
            }
        }
    }

    private void serve(ByteStream stream) {
        var connection = new ServerConnection(loop, stream, handler, options, buffers);
        Task<?, ?> task = Asyncio.createTask(connection::run);
        connections.add(task);
        task.addDoneCallback(done -> {
            connections.remove(task);
            stream.close(); // cancelled before its first step, it has not done so itself
        });
    }

    // --------------------------------------------------------------------------------------------------- the rest

    /** Returns the port it listens at. From any thread. */
    public int port() {
        return listener.port();
    }

    /** Returns {@code "http://host:port"}, to ask it. From any thread. */
    public String url() {
        String host = listener.localAddress().getAddress().getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** Returns how many connections are open. */
    public int connections() {
        return connections.size();
    }

    /**
     * Stops: accepts no more, and cancels what runs; handlers see a cancel, clients a closed connection. Never
     * suspends, idempotent.
     */
    @Override
    public void close() {
        listener.close();
        accepting.cancel();
        for (Task<?, ?> connection : Set.copyOf(connections)) {
            connection.cancel();
        }
    }

    @Override
    public String toString() {
        return "HttpServer[" + listener.localAddress() + ", " + connections.size() + " connections]";
    }
}
