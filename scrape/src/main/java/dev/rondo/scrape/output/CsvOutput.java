package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A table of the addresses that were asked for, with a line of names (RFC 4180): the columns of JSON Lines, without
 * items. A cell that a spreadsheet would take for a formula begins with an apostrophe.
 */
final class CsvOutput implements Output {

    private static final String FORMULA = "=+-@\t\r";

    private final OutputFile file;

    CsvOutput(Path path, long position) throws IOException {
        file = new OutputFile(path, position);
    }

    @Override
    public void write(CrawledPage page) throws IOException {
        if (file.isEmpty()) {
            file.write(String.join(",", PageRow.NAMES) + "\r\n");
        }
        var line = new StringBuilder();
        for (Object value : PageRow.of(page).values()) {
            line.append(line.isEmpty() ? "" : ",").append(cell(value));
        }
        file.write(line.append("\r\n").toString());
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (!(value instanceof String text)) {
            return value.toString();
        }
        String harmless = !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        boolean plain = harmless.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return plain ? harmless : '"' + harmless.replace("\"", "\"\"") + '"';
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
