package dev.rondo.scrape;

import dev.rondo.scrape.text.Human;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * Standard output and standard error, which may be the same terminal: lines come out in the order in which they are
 * printed, and the progress bar is always the last line, or the last few, taken away before anything else is printed
 * and drawn again after it. What is printed is seen after the next {@link #flush}. For one thread, except where it says
 * so.
 */
final class Console {

    private static final String ERASE_LINE = "\033[K";
    private static final String ERASE_BELOW = "\033[J";
    private static final String ERASE_REST = "\033[K";
    private static final String NO_WRAP = "\033[?7l"; // or a bar on a terminal made narrower would fill it line by line
    private static final String WRAP = "\033[?7h";

    private final Sink out;
    private final Sink err;
    private String bar = ""; // as it is to be shown; empty for none
    private int linesShown; // of the bar; 0 if it is not on the screen
    private @Nullable String failure;
    private volatile int writes; // odd during a write

    Console(Streams streams) {
        out = new Sink(streams.out(), streams.charset());
        err = new Sink(streams.err(), streams.charset());
    }

    /** Prints a line to standard output. */
    void out(String line) {
        print(out, err, line);
    }

    /** Prints a line to standard error. */
    void err(String line) {
        print(err, out, line);
    }

    private void print(Sink sink, Sink other, String line) {
        eraseBar();
        other.write();
        sink.text.append(Human.printable(line)).append('\n');
    }

    /**
     * Shows this progress bar, of one or more lines, from the next flush on; an empty one is none. Only for terminals.
     */
    void bar(String lines) {
        bar = lines;
    }

    /** Hands all over to the system. Blocks while that does not take it. */
    void flush() {
        if (bar.isEmpty()) {
            eraseBar();
        } else {
            out.write();
            String[] lines = bar.split("\n");
            if (linesShown > lines.length) {
                eraseBar();
            }
            toFirstLine();
            err.text
                    .append(NO_WRAP)
                    .append(String.join(ERASE_REST + "\n", lines))
                    .append(ERASE_REST)
                    .append(WRAP);
            linesShown = lines.length;
        }
        out.write();
        err.write();
    }

    private void eraseBar() {
        if (linesShown > 0) {
            toFirstLine();
            err.text.append(linesShown == 1 ? ERASE_LINE : ERASE_BELOW);
            linesShown = 0;
        }
    }

    private void toFirstLine() {
        if (linesShown > 1) {
            err.text.append("\033[").append(linesShown - 1).append('A');
        }
        err.text.append('\r');
    }

    /**
     * Returns why standard output takes no more; null if it does. If standard error does not, there is nobody to tell.
     */
    @Nullable String failure() {
        return failure;
    }

    /**
     * Returns a number that is odd while the system takes what it was handed, and another one each time. From any
     * thread.
     */
    int writes() {
        return writes;
    }

    /** One of the two, and what is to be written to it. */
    private final class Sink {

        private final OutputStream stream;
        private final Charset charset;
        private final StringBuilder text = new StringBuilder();
        private boolean broken;

        Sink(OutputStream stream, Charset charset) {
            this.stream = stream;
            this.charset = charset;
        }

        void write() {
            byte[] bytes = text.toString().getBytes(charset);
            text.setLength(0);
            if (bytes.length == 0 || broken) {
                return;
            }
            countWrite();
            try {
                stream.write(bytes);
                stream.flush();
            } catch (IOException e) {
                broken = true;
                if (this == out) {
                    failure = "cannot write to standard output: " + e.getMessage();
                }
            } finally {
                countWrite();
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread
    private void countWrite() {
        writes++;
    }
}
