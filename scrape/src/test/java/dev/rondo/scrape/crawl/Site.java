package dev.rondo.scrape.crawl;

import dev.rondo.Asyncio;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Request;
import dev.rondo.http.server.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A site on loopback that a crawl runs over, on the same loop, and what was asked of it. */
final class Site implements Handler {

    /** What a test does with it. */
    interface Body {
        void run(Site site) throws Exception;
    }

    private final Map<String, Handler> pages = new TreeMap<>();

    /** The targets that were asked for, in order; without robots.txt and sitemaps that the site does not have. */
    final List<String> asked = new ArrayList<>();

    private String url = "";

    /** Serves the site while the body runs. */
    void serve(Body body) throws Exception {
        Asyncio.<Exception>run(() -> {
            try (HttpServer server = HttpServer.start(this, "127.0.0.1", 0)) {
                url = server.url();
                body.run(this);
                server.shutdown(Duration.ZERO);
            }
        });
    }

    String url(String target) {
        return url + target;
    }

    Site page(String target, String... links) {
        return html(target, linksTo(links));
    }

    Site html(String target, String html) {
        return on(target, request -> Response.html(html));
    }

    Site on(String target, Handler handler) {
        pages.put(target, handler);
        return this;
    }

    static String linksTo(String... links) {
        StringBuilder html = new StringBuilder("<!DOCTYPE html><title>A page</title>");
        for (String link : links) {
            html.append("<p><a href=\"").append(link).append("\">on</a>");
        }
        return html.toString();
    }

    @Override
    public Response handle(Request request) throws Exception {
        String target = request.target();
        Handler page = pages.get(target);
        if (page == null) {
            page = pages.get(request.rawPath() + "*");
        }
        if (page != null || !(target.equals("/robots.txt") || target.equals("/sitemap.xml"))) {
            asked.add(target);
        }
        return page == null ? Response.text("no such page").withStatus(404) : page.handle(request);
    }

    /** A crawler that begins at this page of the site, as fast as it goes. */
    Crawler crawler(String target) {
        return Crawler.create().start(url(target)).delay(Duration.ZERO);
    }
}
