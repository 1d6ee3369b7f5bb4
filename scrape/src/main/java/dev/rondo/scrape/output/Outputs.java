package dev.rondo.scrape.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Outputs by the ends of the names of their files. */
public final class Outputs {

    private interface Format {
        Output open(Path path, long position) throws IOException;
    }

    private static final Map<String, Format> FORMATS = new LinkedHashMap<>();

    static {
        FORMATS.put(".jsonl", JsonLinesOutput::new);
        FORMATS.put(".ndjson", JsonLinesOutput::new);
        FORMATS.put(".csv", CsvOutput::new);
        FORMATS.put(".sqlite", Outputs::sqlite);
        FORMATS.put(".db", Outputs::sqlite);
        FORMATS.put(".warc.gz", WarcOutput::new);
        FORMATS.put(".graphml", (path, position) -> new ReportOutput(path, position, Graphs::graphMl));
        FORMATS.put(".dot", (path, position) -> new ReportOutput(path, position, Graphs::dot));
        FORMATS.put(".broken.txt", (path, position) -> new ReportOutput(path, position, BrokenLinks::write));
    }

    private Outputs() {}

    /**
     * Checks that the end of a file's name says a format.
     *
     * @throws IllegalArgumentException if it does not; the message names those that there are
     */
    public static void check(Path path) {
        format(path);
    }

    /**
     * Opens the output that the end of the file's name says, at a position: see {@link Output}. There are
     * {@code .jsonl}, {@code .csv}, {@code .sqlite}, {@code .warc.gz} with an index in {@code .cdxj} beside it, the
     * graph of links as {@code .graphml} and {@code .dot}, and the broken links as {@code .broken.txt}.
     *
     * @throws IllegalArgumentException if the name's end says nothing
     * @throws IOException if the file cannot be written to
     */
    public static Output open(Path path, long position) throws IOException {
        return format(path).open(path, position);
    }

    private static Format format(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        for (Map.Entry<String, Format> each : FORMATS.entrySet()) {
            if (name.endsWith(each.getKey())) {
                return each.getValue();
            }
        }
        throw new IllegalArgumentException("cannot tell the format of " + path + " from its name: there are "
                + String.join(", ", FORMATS.keySet()));
    }

    private static Output sqlite(Path path, long position) throws IOException {
        if (position == 0) {
            Files.deleteIfExists(path);
        }
        return new SqliteOutput(path, position);
    }
}
