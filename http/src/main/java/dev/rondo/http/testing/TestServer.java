package dev.rondo.http.testing;

import dev.rondo.http.server.Application;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.ServerOptions;
import java.time.Duration;

/**
 * Serves a handler at a port of this machine that is free, in the running loop; an {@link Application} starts up before
 * and cleans up behind. In aiohttp: {@code test_utils.TestServer}.
 */
public final class TestServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final Handler handler;
    private final HttpServer server;

    private TestServer(Handler handler, HttpServer server) {
        this.handler = handler;
        this.server = server;
    }

    /** Starts it. Suspends. */
    public static TestServer start(Handler handler) throws Exception {
        return start(handler, ServerOptions.DEFAULT);
    }

    /** Starts it with options. Suspends. What fails leaves nothing behind. */
    public static TestServer start(Handler handler, ServerOptions options) throws Exception {
        boolean started = false;
        try {
            if (handler instanceof Application app) {
                app.startup();
            }
            var server = new TestServer(handler, HttpServer.start(handler, HOST, 0, options));
            started = true;
            return server;
        } finally {
            if (!started && handler instanceof Application app) {
                app.cleanup();
            }
        }
    }

    /** Returns {@code http://127.0.0.1:PORT}. */
    public String url() {
        return server.url();
    }

    /** Returns the port. */
    public int port() {
        return server.port();
    }

    /** Returns the server. */
    public HttpServer server() {
        return server;
    }

    /** Cancels what is still handled, waits until it has ended, and cleans up. Suspends. */
    @Override
    public void close() throws Exception {
        try {
            server.shutdown(Duration.ZERO);
        } finally {
            if (handler instanceof Application app) {
                app.cleanup();
            }
        }
    }
}
