package dev.rondo.examples;

import static dev.rondo.Asyncio.createTask;

import dev.rondo.Asyncio;
import dev.rondo.http.client.ClientSession;
import dev.rondo.net.AsyncFile;
import java.io.IOException;
import java.nio.file.Path;

/** Task A reads a file while task B waits for the network: one thread, both on their way. */
final class FileAndNetwork {

    // @start region="file"
    static void main(String[] args) throws IOException {
        Asyncio.run(() -> readAndFetch(Path.of(args[0]), args[1]));
    }

    static void readAndFetch(Path file, String url) throws IOException {
        var a = createTask(() -> {
            IO.println("A: begins to read the file");
            String text = AsyncFile.readString(file);
            IO.println("A: has read " + text.length() + " characters");
        });
        var b = createTask(() -> {
            try (var session = new ClientSession()) {
                IO.println("B: sends a request");
                String page = session.get(url).text();
                IO.println("B: has a page of " + page.length() + " characters");
            }
        });
        a.await();
        b.await();
    }
    // @end
}
