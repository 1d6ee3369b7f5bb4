package dev.rondo.bench;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.toThread;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.scrape.Page;
import dev.rondo.scrape.ScrapeOptions;
import dev.rondo.scrape.Scraper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Fetches many pages at once, again and again, and counts their characters, for {@code scrape-vs-aiohttp.sh}.
 *
 * <p>Arguments: {@code text} for the article's scraper, whose Python twin is {@code scrape_aiohttp.py}, or
 * {@code scraper} for the one behind {@code rondo scrape}, which keeps no text; and a file of URLs.
 *
 * <p>Reads lines from standard input. For each it fetches every URL at once and prints how many pages and characters
 * that were, and the seconds it took.
 */
final class ScrapeRounds {

    private ScrapeRounds() {}

    static void main(String[] args) throws IOException {
        boolean text = args[0].equals("text");
        List<String> urls = Files.readAllLines(Path.of(args[1]));
        Asyncio.run(() -> rounds(text, urls));
    }

    private static void rounds(boolean text, List<String> urls) throws IOException {
        try (var session = new ClientSession()) {
            while (toThread(() -> System.in.read()) >= 0) {
                long startNanos = System.nanoTime();
                long characters = text ? fetchAll(session, urls) : scrape(session, urls);
                double seconds = (System.nanoTime() - startNanos) / 1e9;
                IO.println(urls.size() + " " + characters + " " + seconds);
            }
        }
    }

    private static long fetchAll(ClientSession session, List<String> urls) throws HttpException {
        List<Task<Integer, HttpException>> pages = new ArrayList<>();
        for (String url : urls) {
            pages.add(createTask(() -> fetch(session, url)));
        }
        return gather(pages).stream().mapToLong(length -> length).sum();
    }

    private static int fetch(ClientSession session, String url) throws HttpException {
        try (var response = session.get(url)) {
            String text = response.raiseForStatus().text();
            return text.codePointCount(0, text.length());
        }
    }

    private static long scrape(ClientSession session, List<String> urls) {
        List<Page> pages = new ArrayList<>();
        new Scraper(session, ScrapeOptions.DEFAULT).scrape(urls, pages::add);
        for (Page page : pages) {
            if (!page.ok()) {
                throw new IllegalStateException(page.url() + ": " + page.error());
            }
        }
        return pages.stream().mapToLong(Page::characters).sum();
    }
}
