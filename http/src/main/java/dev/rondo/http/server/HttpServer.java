package dev.rondo.http.server;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.JettyClasses;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import dev.rondo.net.Server;
import dev.rondo.net.ShutdownReport;
import dev.rondo.net.StreamReader;
import dev.rondo.net.StreamWriter;
import dev.rondo.net.TlsStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/**
 * An HTTP server: accepts connections and runs a coroutine for each; for each request, where HTTP/2 is spoken. In
 * aiohttp: {@code web.TCPSite} with its runner.
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

    /** What its connections share. */
    record Shared(EventLoop loop, ServerOptions options, Dispatcher dispatcher, BufferPool buffers, DateHeader date) {}

    /** One connection, whatever is spoken there. */
    interface Connection {

        /** Serves until client or server want no more. */
        void run() throws Exception;

        /** Takes no more requests. Never suspends. */
        void stop();
    }

    private final Shared shared;
    private final Map<Task<?, ?>, Connection> connections = new LinkedHashMap<>();
    private final Server server;
    private boolean stopping;

    private HttpServer(Handler handler, ServerOptions options, Listen listen) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        this.shared = new Shared(
                loop,
                options,
                new Dispatcher(loop, handler, options.accessLog()),
                new BufferPool(),
                new DateHeader(loop));
        this.server = listen.start(this);
    }

    /** Begins to listen; accepts when the loop has its turn. */
    private interface Listen {
        Server start(HttpServer http) throws IOException;
    }

    // ------------------------------------------------------------------------------------------------ starting

    /**
     * Starts a server with default limits. Suspends: to look up a name, and the first time to initialise classes.
     *
     * @param host a name or address of this machine, at all addresses of which it listens; empty for all of this
     *     machine's
     * @param port 0 to have the system choose one: {@link #port} tells
     * @throws IOException if the port is taken or the address is not this machine's
     */
    public static HttpServer start(Handler handler, String host, int port) throws IOException {
        return start(handler, host, port, ServerOptions.DEFAULT);
    }

    /** Starts a server as {@link #start(Handler, String, int)} does, with other limits, or with TLS. */
    public static HttpServer start(Handler handler, String host, int port, ServerOptions options) throws IOException {
        JettyClasses.initialise();
        SSLContext tls = options.sslContext();
        return new HttpServer(handler, options, http -> {
            List<String> hosts = List.of(host);
            return tls == null
                    ? Net.startServer(http::serve, hosts, port, options.listen())
                    : Net.startServer(http::serve, hosts, port, options.listen(), tls, options.tls());
        });
    }

    /** Starts a server at a Unix socket, where an old one gives way. Suspends. In aiohttp: {@code web.UnixSite}. */
    public static HttpServer startUnix(Handler handler, Path path, ServerOptions options) throws IOException {
        JettyClasses.initialise();
        SSLContext tls = options.sslContext();
        return new HttpServer(
                handler,
                options,
                http -> tls == null
                        ? Net.startUnixServer(http::serve, path, options.listen())
                        : Net.startUnixServer(http::serve, path, options.listen(), tls, options.tls()));
    }

    // ------------------------------------------------------------------------------------------------- serving

    private void serve(StreamReader reader, StreamWriter writer) throws Exception {
        try (writer) {
            ByteStream stream = writer.stream();
            if (stopping || connections.size() >= shared.options().connections()) {
                new ServerConnection(shared, stream).turnAway();
                return;
            }
            Connection connection = stream instanceof TlsStream tls && "h2".equals(tls.applicationProtocol())
                    ? new Http2ServerConnection(shared, stream)
                    : new ServerConnection(shared, stream);
            Task<?, ?> task = Asyncio.currentTask();
            connections.put(task, connection);
            try {
                connection.run();
            } finally {
                connections.remove(task);
            }
        }
    }

    /**
     * Serves until the calling task is cancelled; then closes the server, and throws the cancel. Suspends. For a
     * program that does nothing else; {@link #shutdown} ends it from elsewhere.
     */
    public void serveForever() {
        try (this) {
            awaitClosed();
        }
    }

    /** Waits until it is closed, and so are its connections. Suspends; a cancel ends the waiting and nothing else. */
    void awaitClosed() {
        server.waitClosed();
    }

    // --------------------------------------------------------------------------------------------------- the rest

    /**
     * Returns the port it listens at. From any thread.
     *
     * @throws IllegalStateException if it is a Unix socket
     */
    public int port() {
        return server.port();
    }

    /** Returns the addresses it listens at, after {@link #close} as well. From any thread. */
    public List<SocketAddress> addresses() {
        return server.addresses();
    }

    /** Returns {@code "http://host:port"}, or https, to ask it. From any thread. */
    public String url() {
        InetSocketAddress address = server.localAddress();
        String host = address.getAddress().getHostAddress();
        String scheme = shared.options().sslContext() == null ? "http" : "https";
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** Returns how many connections are open. */
    public int connections() {
        return connections.size();
    }

    /**
     * Ends in order: accepts no more, closes the connections that are idle, lets the others answer what they were asked
     * (with {@code Connection: close}), and when {@code grace} is over cancels what still runs. Suspends until all is
     * over; a cancel ends the grace. In aiohttp: {@code runner.cleanup()} with {@code shutdown_timeout}.
     *
     * @return what did not end by itself
     * @throws IllegalArgumentException if {@code grace} is negative
     */
    public ShutdownReport shutdown(Duration grace) {
        stopping = true;
        List.copyOf(connections.values()).forEach(Connection::stop);
        return server.shutdown(grace);
    }

    /**
     * Stops: accepts no more, and cancels what runs; handlers see a cancel, clients a closed connection. Never
     * suspends, idempotent.
     */
    @Override
    public void close() {
        stopping = true;
        server.close();
        List.copyOf(connections.keySet()).forEach(Task::cancel);
    }

    @Override
    public String toString() {
        return "HttpServer[" + server.addresses() + ", " + connections.size() + " connections]";
    }
}
