package dev.rondo.scrape;

import dev.rondo.Asyncio;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Request;
import dev.rondo.http.server.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A small site on this machine, for those who have no network: page {@code /N} comes after N milliseconds. It runs on
 * the loop that scrapes it.
 */
final class DemoSite implements AutoCloseable {

    static final int PAGES = 20;
    static final int STEP_MILLIS = 50;

    private static final Map<String, Integer> MILLIS_BY_PATH = IntStream.rangeClosed(1, PAGES)
            .map(i -> i * STEP_MILLIS)
            .boxed()
            .collect(Collectors.toMap(millis -> "/" + millis, millis -> millis));

    private final HttpServer server;

    private DemoSite(HttpServer server) {
        this.server = server;
    }

    /** Starts it, at a port that is free. */
    static DemoSite start() throws IOException {
        return new DemoSite(HttpServer.start(DemoSite::answer, "127.0.0.1", 0));
    }

    /** Returns the addresses of its pages, the slowest first, so that the order of arrival is the reverse. */
    List<String> pages() {
        return IntStream.rangeClosed(1, PAGES)
                .mapToObj(i -> server.url() + "/" + (PAGES + 1 - i) * STEP_MILLIS)
                .toList();
    }

    private static Response answer(Request request) {
        Integer millis = MILLIS_BY_PATH.get(request.path());
        if (millis == null) {
            return Response.html("<p>There are pages from /50 to /1000 here.</p>\n")
                    .withStatus(404);
        }
        Asyncio.sleep(Duration.ofMillis(millis));
        return Response.html(page(millis));
    }

    private static String page(int millis) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="utf-8"><title>A page that takes MILLIS ms</title></head>
                <body>
                <h1>MILLIS ms</h1>
                """.replace("MILLIS", Integer.toString(millis))
                + "<p>While this page was waited for, so were the others. \uD83D\uDD01</p>\n"
                        .repeat(millis / STEP_MILLIS)
                + "</body>\n</html>\n";
    }

    @Override
    public void close() {
        server.close();
    }
}
