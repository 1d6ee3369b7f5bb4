package dev.rondo.net;

/**
 * A connection with a reader and a writer. Belongs to one loop. (asyncio: the pair that {@code open_connection}
 * returns.)
 */
public final class Connection implements AutoCloseable {

    private final ByteStream stream;
    private final StreamReader reader;
    private final StreamWriter writer;

    /** Puts reader and writer over a stream, which belongs to this from now on. */
    public Connection(ByteStream stream) {
        this(stream, () -> {});
    }

    /** Does the same, and calls {@code onClose} when the connection is closed from this side. */
    Connection(ByteStream stream, Runnable onClose) {
        this.stream = stream;
        this.reader = new StreamReader(stream);
        this.writer = new StreamWriter(stream, onClose);
    }

    /** Returns the reader. */
    public StreamReader reader() {
        return reader;
    }

    /** Returns the writer. */
    public StreamWriter writer() {
        return writer;
    }

    /** Returns the stream under both. Bytes that the reader has buffered are not there any more. */
    public ByteStream stream() {
        return stream;
    }

    /** Closes the stream. Never suspends, never throws, idempotent. */
    @Override
    public void close() {
        writer.close();
    }

    @Override
    public String toString() {
        return "Connection[" + stream + "]";
    }
}
