package dev.rondo.net;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A named pipe, opened by the first read or write: that waits for somebody at the other end, on a thread that has
 * nothing else to do. Any thread.
 *
 * <pre>
 *   NEW ──first read, write──▶ OPENING ──somebody at the other end──▶ OPEN ──close──▶ CLOSED
 *    └──────────close──────────────┴── close: we are that somebody for a moment ────────▲
 * </pre>
 */
final class Fifo {

    private final Path path;

    // Guarded by this.
    private boolean opening;
    private boolean closed;
    private @Nullable Closeable end;
    private @Nullable Closeable helper; // both ends, held until whoever is opening has gone on

    private Fifo(Path path) {
        this.path = path;
    }

    /** Returns a FIFO's name if it is one, or a device that is read and written like one. */
    static Path checked(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isOther()) {
            throw new IllegalArgumentException(
                    path + " is " + (attributes.isDirectory() ? "a directory" : "a regular file")
                            + ", and a pipe needs a FIFO or a character device. Files are read by AsyncFile");
        }
        return path;
    }

    static InputStream toRead(Path path) {
        Fifo fifo = new Fifo(path);
        return new InputStream() {
            private @Nullable FileInputStream in;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] dst, int offset, int length) throws IOException {
                if (in == null) {
                    in = fifo.open(() -> new FileInputStream(path.toFile()));
                }
                return in.read(dst, offset, length);
            }

            @Override
            public void close() throws IOException {
                fifo.close();
            }
        };
    }

    static OutputStream toWrite(Path path) {
        Fifo fifo = new Fifo(path);
        return new OutputStream() {
            private @Nullable FileOutputStream out;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (out == null) {
                    out = fifo.open(() -> new FileOutputStream(path.toFile()));
                }
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                fifo.close();
            }
        };
    }

    private interface Opening<T> {
        T open() throws IOException;
    }

    private <T extends Closeable> T open(Opening<T> how) throws IOException {
        synchronized (this) {
            if (closed) {
                throw new ClosedChannelException();
            }
            opening = true;
        }
        T opened = null;
        try {
            opened = how.open();
        } finally {
            if (!keep(opened) && opened != null) {
                opened.close();
            }
        }
        if (opened == null || isClosed()) {
            throw new ClosedChannelException();
        }
        return opened;
    }

    private synchronized boolean keep(@Nullable Closeable opened) throws IOException {
        opening = false;
        if (helper != null) {
            helper.close();
        }
        end = closed ? null : opened;
        return !closed;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void close() throws IOException {
        Closeable end;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            end = this.end;
            if (opening) {
                helper = new RandomAccessFile(path.toFile(), "rw");
            }
        }
        if (end != null) {
            end.close();
        }
    }
}
