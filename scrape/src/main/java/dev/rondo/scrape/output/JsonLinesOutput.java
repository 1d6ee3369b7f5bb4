package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

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
 * {@code items} stand behind these if something was to be taken from the page.
 */
public final class JsonLinesOutput implements Output {

    private static final JsonFactory FACTORY = new JsonFactory();

    private final OutputFile file;

    /** Opens the file at a position: see {@link Output}. */
    public JsonLinesOutput(Path path, long position) throws IOException {
        file = new OutputFile(path, position);
    }

    @Override
    public void write(CrawledPage page) throws IOException {
        var line = new StringWriter(512);
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), line)) {
            write(page, json);
        }
        file.write(line.append('\n').toString());
    }

    private static void write(CrawledPage page, JsonGenerator json) {
        long own = page.ownLinks();
        boolean answered = page.status() != 0;
        json.writeStartObject();
        json.writeStringProperty("url", page.url());
        string(json, "finalUrl", page.redirect() != null ? page.redirect() : answered ? page.url() : null);
        if (answered) {
            json.writeNumberProperty("status", page.status());
        } else {
            json.writeNullProperty("status");
        }
        json.writeNumberProperty("depth", page.depth());
        string(json, "referrer", page.referrer());
        string(json, "contentType", page.headers().contains("Content-Type") ? page.contentType() : null);
        json.writeNumberProperty("bytes", page.body().length);
        string(json, "sha256", page.sha256());
        json.writeNumberProperty("seconds", BigDecimal.valueOf(Math.round(page.seconds() * 1e6), 6));
        json.writeNumberProperty("links", own);
        json.writeNumberProperty("externalLinks", page.links().size() - own);
        string(json, "error", page.error());
        if (!page.items().isEmpty()) {
            json.writeName("items");
            value(json, page.items());
        }
        json.writeEndObject();
    }

    private static void string(JsonGenerator json, String name, @Nullable String value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value);
        }
    }

    private static void value(JsonGenerator json, @Nullable Object value) {
        switch (value) {
            case null -> json.writeNull();
            case Map<?, ?> map -> {
                json.writeStartObject();
                map.forEach((name, each) -> {
                    json.writeName(String.valueOf(name));
                    value(json, each);
                });
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                list.forEach(each -> value(json, each));
                json.writeEndArray();
            }
            case Boolean truth -> json.writeBoolean(truth);
            case Number number -> json.writeNumber(new BigDecimal(number.toString()));
            default -> json.writeString(value.toString());
        }
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
