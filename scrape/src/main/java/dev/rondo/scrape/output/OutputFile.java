package dev.rondo.scrape.output;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that grows at its end, and was cut off where it was committed last. For one thread at a time. */
final class OutputFile implements Closeable {

    private static final int BUFFER_BYTES = 256 * 1024;

    private final Path path;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long written;

    /**
     * Opens the file, made if need be, and cuts off what is behind {@code position}.
     *
     * @throws IOException if that is not possible, or if the file is shorter: then it is not the one that was written
     */
    OutputFile(Path path, long position) throws IOException {
        this.path = path;
        try {
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot write to " + path + ": " + e, e);
        }
        try {
            if (channel.size() < position) {
                throw new IOException(path + " has " + channel.size() + " bytes, but an earlier crawl has written "
                        + position + ": put it back, or begin anew");
            }
            channel.truncate(position).position(position);
            written = position;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Returns whether nothing has been written yet. */
    boolean isEmpty() {
        return position() == 0;
    }

    /** Returns how long it is, with what is still to be written. */
    long position() {
        return written + buffer.position();
    }

    void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > buffer.remaining()) {
            flush();
        }
        if (length > buffer.remaining()) {
            drain(ByteBuffer.wrap(bytes, offset, length));
        } else {
            buffer.put(bytes, offset, length);
        }
    }

    /** Hands all to the operating system, and to the disk if wanted; returns how long the file is. */
    long commit(boolean toDisk) throws IOException {
        flush();
        if (toDisk) {
            channel.force(false);
        }
        return written;
    }

    private void flush() throws IOException {
        drain(buffer.flip());
        buffer.clear();
    }

    private void drain(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                written += channel.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(
                    "cannot write to " + path + ": " + e.getMessage()
                            + "; what was written before can be read, and the crawl can go on from there",
                    e);
        }
    }

    /** Returns a stream to its end; closing that changes nothing. */
    OutputStream stream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                OutputFile.this.write(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                OutputFile.this.write(bytes, offset, length);
            }
        };
    }

    /** Closes it. What was not committed is lost in part or in whole. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
