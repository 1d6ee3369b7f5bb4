package dev.rondo.examples;

import dev.rondo.Asyncio;
import dev.rondo.scrape.crawl.Crawler;
import java.io.IOException;

/** All pages of a site, each once, and the title of each. */
final class SiteCrawl {

    // @start region="crawl"
    static void main(String... args) throws IOException {
        Asyncio.run(() -> {
            var report = Crawler.create()
                    .start(args[0])
                    .depth(3)
                    .onPage(page -> {
                        if (page.ok() && page.html()) {
                            IO.println(page.url() + ": " + page.document().title());
                        }
                    })
                    .run();
            IO.println(report.pages() + " pages, " + report.failed() + " failed");
        });
    }
    // @end
}
