package dev.rondo.examples;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;

import dev.rondo.Asyncio;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientSession;
import java.util.stream.Stream;

/** The web scraper: downloads many pages at once, on one thread. */
final class Scraper {

    // @start region="scraper"
    static void main(String... urls) throws HttpException {
        Asyncio.run(() -> {
            try (var session = new ClientSession()) {
                var tasks = Stream.of(urls)
                        .map(url -> createTask(() -> fetch(session, url)))
                        .toList();
                var pages = gather(tasks);
                for (int i = 0; i < urls.length; i++) {
                    IO.println(urls[i] + ": " + pages.get(i).codePoints().count() + " characters");
                }
            }
        });
    }

    static String fetch(ClientSession session, String url) throws HttpException {
        try (var response = session.get(url)) {
            return response.text();
        }
    }
    // @end
}
