package dev.rondo.examples;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;

import dev.rondo.Asyncio;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientSession;
import java.util.stream.Stream;

/** Downloads all pages at once; a callback processes each when it is done, the fastest first. */
final class PageByPage {

    // @start region="callbacks"
    static void main(String... urls) throws HttpException {
        Asyncio.run(() -> {
            try (var session = new ClientSession()) {
                var tasks = Stream.of(urls)
                        .map(url -> createTask(() -> Scraper.fetch(session, url), url))
                        .toList();
                for (var task : tasks) {
                    task.addDoneCallback(done -> IO.println("callback: " + task.name() + " is here"));
                }
                for (var task : asCompleted(tasks)) { // or, without callbacks, a plain for
                    IO.println(task.name() + ": " + task.await().length() + " characters");
                }
            }
        });
    }
    // @end
}
