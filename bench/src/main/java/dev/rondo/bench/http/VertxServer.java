package dev.rondo.bench.http;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/** One event loop. Argument: port. */
final class VertxServer {

    private VertxServer() {}

    static void main(String[] args) throws Exception {
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1))
                .createHttpServer()
                .requestHandler(request -> request.response()
                        .putHeader("Content-Type", "text/plain; charset=utf-8")
                        .end("Hello, World!"))
                .listen(Integer.parseInt(args[0]), "127.0.0.1")
                .await();
        Thread.currentThread().join(); // until the process is killed
    }
}
