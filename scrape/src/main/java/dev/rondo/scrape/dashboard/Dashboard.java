package dev.rondo.scrape.dashboard;

import dev.rondo.Asyncio;
import dev.rondo.http.server.Application;
import dev.rondo.http.server.EventSender;
import dev.rondo.http.server.HttpError;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import dev.rondo.scrape.crawl.CrawlStatus;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves the page to this machine alone: how fast the crawl is, what waits, its hosts and its last failures, anew each
 * half second.
 *
 * <pre>
 *   /              the page
 *   /status.json   {@link CrawlStatus} as it is now
 *   /events        the same as server-sent events
 * </pre>
 *
 * For the loop on which the crawl runs.
 */
public final class Dashboard implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final int MOST_CONNECTIONS = 64;

    private static final Map<String, String> FILES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "dashboard.css", "text/css; charset=utf-8",
            "dashboard.js", "text/javascript; charset=utf-8",
            "uPlot.iife.min.js", "text/javascript; charset=utf-8",
            "uPlot.min.css", "text/css; charset=utf-8");

    private static final String WEBJAR = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private final Supplier<@Nullable CrawlStatus> status;
    private final HttpServer server;

    private Dashboard(Supplier<@Nullable CrawlStatus> status, int port) throws IOException {
        this.status = status;
        this.server = HttpServer.start(
                application(), "127.0.0.1", port, ServerOptions.DEFAULT.withConnections(MOST_CONNECTIONS));
    }

    /**
     * Starts it. Suspends.
     *
     * @param status says how far the crawl is; null before it has begun
     * @param port 0 for any that is free
     * @throws IOException if the port is taken
     */
    public static Dashboard start(Supplier<@Nullable CrawlStatus> status, int port) throws IOException {
        return new Dashboard(status, port);
    }

    /** Returns where it is: {@code http://127.0.0.1:PORT/}. */
    public String url() {
        return server.url() + "/";
    }

    private Application application() {
        var app = new Application();
        app.get("/", request -> file("index.html"));
        app.get("/status.json", request -> Response.json(now()).withHeader("Cache-Control", "no-store"));
        app.get("/events", request -> Response.events(this::send));
        app.get("/{name}", request -> file(request.param("name")));
        return app;
    }

    private Object now() {
        CrawlStatus known = status.get();
        return known == null ? Map.of() : known;
    }

    private void send(EventSender events) throws IOException {
        while (true) {
            events.send(JsonMapper.shared().writeValueAsString(now()));
            Asyncio.sleep(INTERVAL);
        }
    }

    private static Response file(String name) throws IOException {
        String type = FILES.get(name);
        if (type == null) {
            throw new HttpError(404, "no such file");
        }
        byte[] content = Asyncio.toThread(() -> {
            try (InputStream own = Dashboard.class.getResourceAsStream(name);
                    InputStream in = own == null ? Dashboard.class.getResourceAsStream(WEBJAR + name) : own) {
                return in == null ? null : in.readAllBytes();
            }
        });
        if (content == null) {
            throw new HttpError(404, name + " is not among the resources of this program");
        }
        return Response.of(type, content)
                .withHeader("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'");
    }

    /** Ends it: pages that are open say so. Suspends. */
    @Override
    public void close() {
        server.shutdown(Duration.ZERO);
    }
}
