package dev.rondo.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A named pipe, opened by the first read or write: that waits for somebody at the other end, on a thread that has
 * nothing else to do. A channel, since to close one ends the read or write that a thread is in. Any thread.
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
            private @Nullable FileChannel in;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] dst, int offset, int length) throws IOException {
                if (in == null) {
                    in = fifo.open(StandardOpenOption.READ);
                }
                return in.read(ByteBuffer.wrap(dst, offset, length));
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
            private @Nullable FileChannel out;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (out == null) {
                    out = fifo.open(StandardOpenOption.WRITE);
                }
                for (ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length); rest.hasRemaining(); ) {
                    out.write(rest);
                }
            }

            @Override
            public void close() throws IOException {
                fifo.close();
            }
        };
    }

    private FileChannel open(OpenOption direction) throws IOException {
        synchronized (this) {
            if (closed) {
                throw new ClosedChannelException();
            }
            opening = true;
        }
        FileChannel opened = null;
        try {
            opened = FileChannel.open(path, direction);
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
                helper = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            }
        }
        if (end != null) {
            end.close();
        }
    }
}
