package dev.rondo.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The lines of a reader, for a {@code for} statement. */
final class ReaderLines implements Iterator<String> {

    private final StreamReader reader;
    private @Nullable String next; // read, and not given away

    ReaderLines(StreamReader reader) {
        this.reader = reader;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            next = read();
        }
        return next != null;
    }

    private @Nullable String read() {
        try {
            String line = reader.readLine(StandardCharsets.UTF_8);
            return line.isEmpty() ? null : withoutEnd(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String withoutEnd(String line) {
        if (!line.endsWith("\n")) {
            return line;
        }
        return line.substring(0, line.length() - (line.endsWith("\r\n") ? 2 : 1));
    }

    @Override
    public String next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("the stream has ended");
        }
        String line = next;
        next = null;
        return line;
    }
}
