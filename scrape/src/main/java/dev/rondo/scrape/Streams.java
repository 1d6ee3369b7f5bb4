package dev.rondo.scrape;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes.
 *
 * @param out unlike {@link System#out} this one says when its reader is gone
 * @param charset of {@code out} and {@code err}
 * @param terminal whether {@code err} may be looked at for a terminal
 */
record Streams(InputStream in, OutputStream out, OutputStream err, Charset charset, boolean terminal) {

    /** Returns those of the program. */
    static Streams system() {
        return new Streams(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                charsetOf(System.getProperty("stdout.encoding", "UTF-8")),
                true);
    }

    /** Where nobody set a locale, as in containers, Java says ASCII; as everybody else, we take that for UTF-8. */
    private static Charset charsetOf(String name) {
        Charset charset = Charset.forName(name, StandardCharsets.UTF_8);
        return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    }
}
