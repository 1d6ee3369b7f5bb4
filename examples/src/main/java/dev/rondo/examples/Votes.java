package dev.rondo.examples;

import dev.rondo.Asyncio;
import dev.rondo.http.server.Application;
import dev.rondo.http.server.Response;
import java.util.TreeMap;

/** A small site: JSON, a path with a name in it, and a WebSocket. */
final class Votes {

    // @start region="app"
    static Application app() {
        var votes = new TreeMap<String, Integer>(); // no lock: one loop, one thread
        var app = new Application();
        app.get("/votes", request -> Response.json(votes));
        app.post("/votes/{name}", request -> {
            votes.merge(request.param("name"), 1, Integer::sum);
            return Response.redirect(303, "/votes");
        });
        app.get(
                "/live",
                request -> Response.webSocket(request, socket -> {
                    for (String name; (name = socket.receiveStr()) != null; ) { // until the client closes
                        socket.sendJson(votes.getOrDefault(name, 0));
                    }
                }));
        return app;
    }

    static void main() throws Exception {
        Asyncio.run(() -> app().serve("localhost", 8080)); // until Ctrl-C; requests may end
    }
    // @end

    private Votes() {}
}
