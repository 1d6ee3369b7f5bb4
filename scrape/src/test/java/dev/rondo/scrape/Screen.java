package dev.rondo.scrape;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A terminal that is wide enough, with standard output and standard error on it: shows what a user would see. */
final class Screen {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream() {
        @Override
        public synchronized void write(byte[] b, int offset, int length) {
            super.write(b, offset, length);
            notifyAll();
        }
    };

    OutputStream stream() {
        return bytes;
    }

    String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Waits until this has been written, be it gone again. */
    void await(String text) throws InterruptedException {
        synchronized (bytes) {
            while (!written().contains(text)) {
                bytes.wait();
            }
        }
    }

    /** Returns the lines as they stand there in the end. */
    List<String> lines() {
        String written = written().replace("\033[?7l", "").replace("\033[?7h", "");
        List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
        int column = 0;
        for (int i = 0; i < written.length(); i++) {
            StringBuilder line = lines.getLast();
            if (written.startsWith("\033[K", i)) {
                line.setLength(column);
                i += 2;
            } else if (written.charAt(i) == '\r') {
                column = 0;
            } else if (written.charAt(i) == '\n') {
                lines.add(new StringBuilder());
                column = 0;
            } else {
                line.replace(column, Math.min(column + 1, line.length()), written.substring(i, i + 1));
                column++;
            }
        }
        return lines.stream().map(StringBuilder::toString).toList();
    }
}
