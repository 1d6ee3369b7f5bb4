package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object for each address that was asked for, one a line.
 *
 * <pre>{@code
 * {"url":"http://h/a","finalUrl":"http://h/a","status":200,"depth":1,"referrer":"http://h/","contentType":"text/html",
 *  "bytes":1234,"sha256":"9f86…","seconds":0.012345,"links":17,"externalLinks":2,"error":null}
 * }</pre>
 *
 * <p>{@code finalUrl} is where a redirect leads, and null if no answer came; {@code links} counts those to the page's
 * own host, repeats too, {@code externalLinks} the others; {@code bytes} and {@code sha256} are of the decoded body.
 * {@code items} stand behind these if something was taken from the page.
 */
final class JsonLinesOutput implements Output {

    private final OutputFile file;

    JsonLinesOutput(Path path, long position) throws IOException {
        file = new OutputFile(path, position);
    }

    @Override
    public void write(CrawledPage page) throws IOException {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        @Nullable Object[] values = PageRow.of(page).values();
        for (int i = 0; i < values.length; i++) {
            line.put(PageRow.NAMES.get(i), values[i]);
        }
        if (!page.items().isEmpty()) {
            line.put("items", page.items());
        }
        file.write(Json.of(line) + "\n");
    }

    @Override
    public long commit(boolean toDisk) throws IOException {
        return file.commit(toDisk);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
