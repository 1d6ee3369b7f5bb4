package dev.rondo.net;

import java.io.IOException;
import javax.net.ssl.SSLContext;

/**
 * A connection with a reader and a writer. Belongs to one loop. (asyncio: the pair that {@code open_connection}
 * returns.)
 */
public final class Connection implements AutoCloseable {

    private final StreamReader reader;
    private final StreamWriter writer;

    /** Puts reader and writer over a stream, which belongs to this from now on. */
    public Connection(ByteStream stream) {
        this(stream, StreamReader.DEFAULT_LIMIT, () -> {}, false);
    }

    /** Does the same for a server, and calls {@code onClose} when the connection is closed from this side. */
    Connection(ByteStream stream, int limit, Runnable onClose) {
        this(stream, limit, onClose, true);
    }

    private Connection(ByteStream stream, int limit, Runnable onClose, boolean server) {
        this.reader = new StreamReader(stream, limit);
        this.writer = new StreamWriter(stream, onClose, new TlsUpgrade(reader, server));
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
        return writer.stream();
    }

    /** Begins TLS: see {@link StreamWriter#startTls(SSLContext, TlsOptions)}. */
    public TlsStream startTls(SSLContext context, TlsOptions options) throws IOException {
        return writer.startTls(context, options);
    }

    /** Closes the stream. Never suspends, never throws, idempotent. */
    @Override
    public void close() {
        writer.close();
    }

    @Override
    public String toString() {
        return "Connection[" + stream() + "]";
    }
}
