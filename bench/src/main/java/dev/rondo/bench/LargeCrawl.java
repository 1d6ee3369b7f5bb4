package dev.rondo.bench;

import dev.rondo.Asyncio;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Request;
import dev.rondo.http.server.Response;
import dev.rondo.scrape.crawl.CrawlReport;
import dev.rondo.scrape.crawl.Crawler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Crawls a large site that is made up as it is asked for, and says for each tenth how fast it was and what was in use
 * after a collection. A page links to ten below it, to its neighbours and to the start, and has some kilobytes of text.
 *
 * <p>Arguments: how many pages, and a directory for the files of the crawl.
 */
final class LargeCrawl {

    private static final String TEXT =
            "<p>Some words of running text that a page of a manual may well have.\n".repeat(60);

    private LargeCrawl() {}

    static void main(String[] args) throws Exception {
        int pages = Integer.parseInt(args[0]);
        Path store = Path.of(args[1], "large.crawl");
        Files.deleteIfExists(store);
        CompletableFuture<String> url = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Asyncio.run(() -> serve(pages, url));
            } catch (IOException e) {
                url.completeExceptionally(e);
            }
        });
        long[] last = {System.nanoTime(), 0};
        CrawlReport report = Asyncio.run(() -> Crawler.create()
                .start(url.get() + "/0")
                .delay(Duration.ZERO)
                .robots(false)
                .sitemaps(false)
                .store(store)
                .output(Path.of(args[1], "large.jsonl"))
                .onPage(page -> {
                    if (++last[1] % (pages / 10) == 0) {
                        double seconds = (System.nanoTime() - last[0]) / 1e9;
                        System.gc();
                        Runtime runtime = Runtime.getRuntime();
                        IO.println("%7d pages: %6.0f a second, %5d MB in use"
                                .formatted(
                                        last[1],
                                        pages / 10.0 / seconds,
                                        runtime.totalMemory() - runtime.freeMemory() >> 20));
                        last[0] = System.nanoTime();
                    }
                })
                .run());
        IO.println(report.pages() + " pages, " + report.failed() + " failed, " + report.links() + " links, "
                + report.time().toMillis() / 1000.0 + " s");
    }

    private static void serve(int pages, CompletableFuture<String> url) throws IOException {
        try (HttpServer server = HttpServer.start(request -> page(request, pages), "127.0.0.1", 0)) {
            url.complete(server.url());
            server.serveForever();
        }
    }

    private static Response page(Request request, int pages) {
        int number = Integer.parseInt(request.path().substring(1));
        StringBuilder html =
                new StringBuilder("<!DOCTYPE html><title>Page ").append(number).append("</title>");
        for (int i = 1; i <= 10; i++) {
            link(html, 10L * number + i, pages);
        }
        link(html, number + 1, pages);
        link(html, Math.max(0, number - 1), pages);
        link(html, 0, pages);
        return Response.html(html.append(TEXT).append(number).toString());
    }

    private static void link(StringBuilder html, long number, int pages) {
        if (number < pages) {
            html.append("<a href=\"/")
                    .append(number)
                    .append("\">page ")
                    .append(number)
                    .append("</a>\n");
        }
    }
}
