package dev.rondo.bench;

import dev.rondo.Asyncio;
import dev.rondo.scrape.crawl.CrawlReport;
import dev.rondo.scrape.crawl.Crawler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Crawls a site again and again, each time from nothing, for {@code crawl.sh}: 16 connections, no delay, the journal
 * kept as {@code rondo crawl} keeps it, a line of JSON for each page.
 *
 * <p>Arguments: where to begin, and a directory for its files. Reads lines from standard input; for each it crawls, and
 * prints how many pages that were, how many links they had, and the seconds it took.
 */
final class CrawlRounds {

    private CrawlRounds() {}

    static void main(String[] args) throws IOException {
        Path store = Path.of(args[1], "rondo.crawl");
        while (System.in.read() >= 0) {
            for (String end : new String[] {"", "-wal", "-shm"}) {
                Files.deleteIfExists(Path.of(store + end));
            }
            long startNanos = System.nanoTime();
            CrawlReport report = Asyncio.run(() -> Crawler.create()
                    .start(args[0])
                    .delay(Duration.ZERO)
                    .concurrency(16)
                    .store(store)
                    .output(Path.of(args[1], "rondo.jsonl"))
                    .run());
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            IO.println(report.pages() + " " + report.links() + " " + seconds);
        }
    }
}
