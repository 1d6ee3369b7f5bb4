package dev.rondo.net;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** {@code System.out} or {@code System.err}, told of its failures, and not closed. */
final class StandardOutput extends OutputStream {

    private final String name;
    private final PrintStream out;

    StandardOutput(String name, PrintStream out) {
        this.name = name;
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        check();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        check();
    }

    @Override
    public void flush() throws IOException {
        check();
    }

    /** A print stream keeps its failures to itself until asked, which flushes it. */
    private void check() throws IOException {
        if (out.checkError()) {
            throw new IOException(name + " cannot be written to any more");
        }
    }

    @Override
    public void close() {
        out.flush();
    }
}
