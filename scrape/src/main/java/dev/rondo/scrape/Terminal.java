package dev.rondo.scrape;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The terminal that standard error goes to. Java does not tell, so a program does that inherits it: {@code stty size},
 * which prints rows and columns. Where there is none (Windows), there is no progress bar.
 *
 * @param columns its width
 */
record Terminal(int columns) {

    private static final int USUAL_COLUMNS = 80; // where the terminal does not know, as on a serial line

    /**
     * Returns the terminal of standard error, or null if there is none that a progress bar may be drawn on. Blocks for
     * some milliseconds.
     */
    static @Nullable Terminal forProgressBar() {
        String kind = System.getenv("TERM");
        if (kind == null || kind.equals("dumb") || isNoDevice() || isPipe(Path.of("/proc/self/fd/1"))) {
            return null;
        }
        try {
            Process stty = new ProcessBuilder("sh", "-c", "test -t 2 && stty size <&2")
                    .redirectInput(Redirect.INHERIT)
                    .redirectError(Redirect.INHERIT)
                    .start();
            try (InputStream answer = stty.getInputStream()) {
                return parse(new String(answer.readAllBytes(), StandardCharsets.US_ASCII));
            }
        } catch (IOException noShell) {
            return null;
        }
    }

    /** Linux can say at once that it is a file or a pipe, which saves starting a program to find out. */
    private static boolean isNoDevice() {
        try {
            return !Files.readSymbolicLink(Path.of("/proc/self/fd/2")).startsWith("/dev");
        } catch (IOException notLinux) {
            return false;
        }
    }

    /**
     * Linux says of this stream that it is a pipe. Who reads our lines behind one, as {@code head} does, may print them
     * to the same terminal at any moment: to the right of the bar.
     */
    static boolean isPipe(Path stream) {
        try {
            String target = Files.readSymbolicLink(stream).toString();
            return !target.startsWith("/"); // but "pipe:[123]", in some shells "socket:[123]"
        } catch (IOException notLinux) {
            return false;
        }
    }

    /** Returns the terminal of which {@code stty size} said this, or null if it said nothing. */
    static @Nullable Terminal parse(String rowsAndColumns) {
        String[] numbers = rowsAndColumns.strip().split(" ");
        if (numbers.length != 2) {
            return null;
        }
        try {
            int columns = Integer.parseInt(numbers[1]);
            return new Terminal(columns > 0 ? columns : USUAL_COLUMNS);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
