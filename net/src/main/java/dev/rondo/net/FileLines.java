package dev.rondo.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.charset.Charset;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file, for a {@code for} statement. It reads ahead on its own account, and moves the file's position by
 * what it gives away; where somebody else has moved that, it begins anew there.
 */
final class FileLines implements Iterator<String> {

    private final AsyncFile file;
    private final Charset charset;
    private StreamReader reader;
    private long position; // the file's, when this was last used
    private byte @Nullable [] next; // read, and not given away; empty at the end

    FileLines(AsyncFile file, Charset charset) {
        this.file = file;
        this.charset = charset;
        this.position = file.position();
        this.reader = readerFrom(position);
    }

    static void ensureFit(Charset charset) {
        if (!charset.canEncode()) {
            return;
        }
        byte[] lineFeed = "\n".getBytes(charset);
        if (lineFeed.length != 1 || lineFeed[0] != '\n') {
            throw new IllegalArgumentException(
                    "a line feed is more than the byte 10 in " + charset + ": use readString(path, charset).lines()");
        }
    }

    private StreamReader readerFrom(long position) {
        return new StreamReader(new FileStream(file, position), Integer.MAX_VALUE);
    }

    /** Returns the next line, or null at the end. */
    @Nullable String readLine() throws IOException {
        byte[] line = peek();
        next = null;
        position += line.length;
        file.position(position);
        return line.length == 0 ? null : ReaderLines.withoutEnd(new String(line, charset));
    }

    private byte[] peek() throws IOException {
        if (file.position() != position) {
            position = file.position();
            reader = readerFrom(position);
            next = null;
        }
        byte[] line = next;
        if (line == null || line.length == 0) { // a file may have grown since its end was met
            if (reader.atEof()) {
                reader = readerFrom(position);
            }
            line = reader.readLine();
            next = line;
        }
        return line;
    }

    @Override
    public boolean hasNext() {
        try {
            return peek().length > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String next() {
        try {
            String line = readLine();
            if (line == null) {
                throw new NoSuchElementException("the file has ended");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file from some place on, as a stream to read. */
    private static final class FileStream implements ByteStream {

        private static final SocketAddress NOWHERE = UnixDomainSocketAddress.of("");

        private final AsyncFile file;
        private final ByteBuffer ahead = ByteBuffer.allocate(64 * 1024).limit(0);
        private long position; // behind what was read ahead

        FileStream(AsyncFile file, long position) {
            this.file = file;
            this.position = position;
        }

        @Override
        public int read(ByteBuffer dst) throws IOException {
            if (!ahead.hasRemaining() && !readAhead()) {
                return -1;
            }
            int count = Math.min(dst.remaining(), ahead.remaining());
            dst.put(ahead.slice(ahead.position(), count));
            ahead.position(ahead.position() + count);
            return count;
        }

        private boolean readAhead() throws IOException {
            ahead.clear();
            try {
                return file.readAhead(position, ahead) >= 0;
            } finally {
                ahead.flip(); // after a cancel too: what came is here
                position += ahead.remaining();
            }
        }

        @Override
        public void write(ByteBuffer... src) {
            throw new NonWritableChannelException();
        }

        @Override
        public void shutdownOutput() {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean quiet() {
            return false;
        }

        @Override
        public SocketAddress localAddress() {
            return NOWHERE;
        }

        @Override
        public SocketAddress remoteAddress() {
            return NOWHERE;
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() {
            // The file is its opener's to close.
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }
}
