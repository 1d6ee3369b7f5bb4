package dev.rondo.bench.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;

/** A virtual thread for each connection. Argument: port. */
final class HelidonServer {

    private HelidonServer() {}

    static void main(String[] args) {
        WebServer.builder()
                .host("127.0.0.1")
                .port(Integer.parseInt(args[0]))
                .routing(routes -> routes.any(
                        (request, response) -> response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                                .send("Hello, World!")))
                .build()
                .start();
    }
}
