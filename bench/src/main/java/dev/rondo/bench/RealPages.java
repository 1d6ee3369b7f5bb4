package dev.rondo.bench;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.PoolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Fetches many pages at once and compares the SHA-256 of each with that of the file behind it, for
 * {@code real-pages.sh}. Exits with 1 if one differs.
 *
 * <p>Arguments: a file with a line {@code URL<tab>FILE} for each page, and the limit on connections, 0 for none.
 */
final class RealPages {

    /** A page, and the file that it must equal. */
    private record Page(String url, Path file) {}

    private RealPages() {}

    static void main(String[] args) throws IOException, HttpException {
        List<Page> pages = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            int tab = line.indexOf('\t');
            pages.add(new Page(line.substring(0, tab), Path.of(line.substring(tab + 1))));
        }
        PoolOptions pool = PoolOptions.DEFAULT.withTotal(Integer.parseInt(args[1]));

        List<String> found = Asyncio.run(() -> fetchAll(pages, pool));
        int equal = 0;
        for (int i = 0; i < pages.size(); i++) {
            Page page = pages.get(i);
            String expected = sha256(Files.readAllBytes(page.file));
            if (found.get(i).equals(expected)) {
                equal++;
            } else {
                IO.println("  " + page.url + ": " + found.get(i) + ", but the file is " + expected);
            }
        }
        IO.println("  " + equal + " of " + pages.size() + " pages equal");
        if (equal < pages.size()) {
            System.exit(1);
        }
    }

    /** Returns the hash of each page, or why there is none. */
    private static List<String> fetchAll(List<Page> pages, PoolOptions pool) {
        try (var session = ClientSession.builder().pool(pool).build()) {
            List<Task<String, RuntimeException>> tasks = new ArrayList<>();
            for (Page page : pages) {
                tasks.add(createTask(() -> fetch(session, page.url)));
            }
            return gather(tasks);
        }
    }

    private static String fetch(ClientSession session, String url) {
        try (var response = session.get(url)) {
            return sha256(response.raiseForStatus().read());
        } catch (HttpException failure) {
            return failure.toString();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }
}
