package dev.rondo.scrape;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A file of pages: one JSON object a line, UTF-8, whole lines or none.
 *
 * <pre>{@code
 * {"url":"h","finalUrl":"http://h/","status":200,"characters":9,"bytes":12,"seconds":0.213412,"error":null}
 * }</pre>
 *
 * <p>What there is not is null: {@code finalUrl} and {@code status} without an answer, {@code characters} of a page
 * that failed. For one thread.
 */
final class JsonLines implements AutoCloseable {

    private final FileOutputStream file;
    private final StringWriter lines = new StringWriter();
    private long bytesWritten;

    /**
     * Creates the file, or empties it.
     *
     * @throws IOException if it cannot be written to; the message names it and says why
     */
    JsonLines(Path path) throws IOException {
        file = new FileOutputStream(path.toFile());
    }

    /** Adds a line, to be written by the next {@link #flush}. */
    void add(Page page) {
        write(page, lines);
    }

    /**
     * Writes the lines that have been added.
     *
     * @throws IOException if that is not possible; what was written of them is taken back, if the file can be shortened
     */
    void flush() throws IOException {
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
        lines.getBuffer().setLength(0);
        boolean written = false;
        try {
            file.write(bytes);
            bytesWritten += bytes.length;
            written = true;
        } finally {
            if (!written) {
                takeBackHalfLine();
            }
        }
    }

    private void takeBackHalfLine() {
        try {
            file.getChannel().truncate(bytesWritten);
        } catch (IOException notAFile) {
            // a pipe, or a disk that is past helping; the failure that led here is the one to tell
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static void write(Page page, StringWriter lines) {
        try (JsonGenerator json = Lazily.FACTORY.createGenerator(ObjectWriteContext.empty(), lines)) {
            json.writeStartObject();
            json.writeStringProperty("url", page.url());
            writeString(json, "finalUrl", page.finalUrl());
            writeNumber(json, "status", page.status() != 0, page.status());
            writeNumber(json, "characters", page.ok(), page.characters());
            json.writeNumberProperty("bytes", page.bytes());
            json.writeNumberProperty("seconds", BigDecimal.valueOf(Math.round(page.seconds() * 1e6), 6));
            writeString(json, "error", page.error());
            json.writeEndObject();
        }
        lines.write('\n');
    }

    private static void writeString(JsonGenerator json, String name, @Nullable String value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value);
        }
    }

    private static void writeNumber(JsonGenerator json, String name, boolean known, long value) {
        if (known) {
            json.writeNumberProperty(name, value);
        } else {
            json.writeNullProperty(name);
        }
    }

    /** The library is loaded with the first page, not while the first request waits for the file to open. */
    private static final class Lazily {
        static final JsonFactory FACTORY = new JsonFactory();
    }
}
