package dev.rondo.scrape.output;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Outputs by the ends of the names of their files. */
public final class Outputs {

    private Outputs() {}

    /**
     * Opens the output that the end of the file's name says, at a position: see {@link Output}.
     *
     * @throws IllegalArgumentException if the name's end says nothing
     * @throws IOException if the file cannot be written to
     */
    public static Output open(Path path, long position) throws IOException {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return new JsonLinesOutput(path, position);
        }
        throw new IllegalArgumentException("cannot tell the format of " + path + ": name it .jsonl");
    }
}
