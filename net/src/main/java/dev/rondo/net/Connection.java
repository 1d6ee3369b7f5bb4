package dev.rondo.net;

import java.io.IOException;
import javax.net.ssl.SSLContext;

/**
 * A connection with a reader and a writer. Belongs to one loop. (asyncio: the pair that {@code open_connection}
 * returns.)
 *
 * <p>One that {@link Net#openConnection} or a {@link Server} has made, and that the program drops, reader and writer
 * and all, is closed some time later; in debug mode the loop's exception handler is told. It is better to close it:
 * {@code try (connection) { … }}.
 */
public final class Connection implements AutoCloseable {

    private final StreamReader reader;
    private final StreamWriter writer;

    /** Puts reader and writer over a stream, which belongs to this from now on. */
    public Connection(ByteStream stream) {
        this(stream, StreamReader.DEFAULT_LIMIT);
    }

    /**
     * Puts reader and writer over a stream, which belongs to this from now on.
     *
     * @param limit of the reader, as {@link StreamReader#StreamReader(ByteStream, int)} has it
     */
    public Connection(ByteStream stream, int limit) {
        reader = new StreamReader(stream, limit);
        writer = new StreamWriter(stream, reader, false, () -> {}, false);
    }

    /**
     * Does the same with a stream that nobody else has: it is closed if reader and writer are dropped.
     *
     * @param server whether this side is the server, if TLS begins
     * @param onClosed called when the stream was closed from this side; must not lead to reader or writer
     */
    Connection(ByteStream stream, int limit, boolean server, Runnable onClosed) {
        reader = new StreamReader(stream, limit);
        writer = new StreamWriter(stream, reader, server, onClosed, true);
        reader.keep(writer);
    }

    /** Returns the reader. */
    public StreamReader reader() {
        return reader;
    }

    /** Returns the writer. */
    public StreamWriter writer() {
        return writer;
    }

    /** Returns the stream under both: see {@link StreamWriter#stream}. What the reader has buffered is not there. */
    public ByteStream stream() {
        return writer.stream();
    }

    /** Begins TLS: see {@link StreamWriter#startTls(SSLContext, TlsOptions)}. */
    public TlsStream startTls(SSLContext context, TlsOptions options) throws IOException {
        return writer.startTls(context, options);
    }

    /**
     * Closes as {@link StreamWriter#close} does: what waits to be sent is still sent. Never suspends, never throws,
     * idempotent.
     */
    @Override
    public void close() {
        writer.close();
    }

    @Override
    public String toString() {
        return "Connection[" + writer.outbox() + "]";
    }
}
