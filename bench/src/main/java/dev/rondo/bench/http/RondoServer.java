package dev.rondo.bench.http;

import dev.rondo.Asyncio;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;

/** Argument: port. */
final class RondoServer {

    private RondoServer() {}

    static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        Asyncio.run(() -> {
            try (var _ = HttpServer.start(request -> Response.text("Hello, World!"), "127.0.0.1", port)) {
                Asyncio.getRunningLoop().createFuture().await(); // until the process is killed
            }
            return null;
        });
    }
}
