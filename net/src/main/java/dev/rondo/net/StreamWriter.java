package dev.rondo.net;

import dev.rondo.AsyncLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Whole messages into a {@link ByteStream}. Belongs to one loop; many coroutines may write: each message goes out in
 * one piece, in the order of the calls. (asyncio: {@code StreamWriter}.)
 *
 * <p>{@code write} is asyncio's {@code write} and {@code drain} in one: it suspends until the bytes have been handed
 * over to the system, so that a program cannot send faster than its peer reads. If a write is cancelled when a part of
 * its message is gone, the peer could not tell where the next begins: later writes then fail.
 */
public final class StreamWriter implements AutoCloseable {

    private ByteStream stream; // another one once TLS has begun
    private final Runnable onClose;
    private final @Nullable TlsUpgrade upgrade; // null without a reader
    private final AsyncLock turn = new AsyncLock(); // one message at a time, first come first served
    private boolean cutShort; // a message was begun and not ended
    private boolean closed; // the stream may be closed without it

    /** Makes a writer. */
    public StreamWriter(ByteStream stream) {
        this(stream, () -> {}, null);
    }

    /** Makes a writer that calls {@code onClose} after it was closed for the first time, and knows how to begin TLS. */
    StreamWriter(ByteStream stream, Runnable onClose, @Nullable TlsUpgrade upgrade) {
        this.stream = stream;
        this.onClose = onClose;
        this.upgrade = upgrade;
    }

    /**
     * Writes all bytes. Suspends until they have been handed over to the system. On cancel some, all or none of them
     * were written.
     *
     * @param data not to be changed until this returns
     * @throws java.nio.channels.ClosedChannelException if the stream is closed, or its output was shut down
     * @throws IOException if the connection broke, or an earlier write was cut short by a cancel
     */
    public void write(byte[] data) throws IOException {
        write(ByteBuffer.wrap(data));
    }

    /** Writes text. Suspends and fails as {@link #write(byte[])}. */
    public void write(String text, Charset charset) throws IOException {
        write(text.getBytes(charset));
    }

    /**
     * Writes all that remains in the buffers, in order. Suspends and fails as {@link #write(byte[])}. (asyncio:
     * {@code writelines}.)
     */
    public void write(ByteBuffer... data) throws IOException {
        try (var _ = turn.hold()) {
            ensureWhole();
            writeWhole(data);
        }
    }

    private void writeWhole(ByteBuffer[] data) throws IOException {
        long before = remaining(data);
        try {
            stream.write(data);
        } finally {
            long after = remaining(data);
            cutShort |= after != 0 && after != before;
        }
    }

    private void ensureWhole() throws IOException {
        if (cutShort) {
            throw new IOException("an earlier write was cancelled in the middle of its message, so that nothing can be"
                    + " written after it: close the connection");
        }
    }

    private static long remaining(ByteBuffer[] buffers) {
        long bytes = 0;
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        return bytes;
    }

    /**
     * Ends the sending direction once what is being written is written: the peer reads the end of the stream. Suspends
     * while others write; a cancel leaves it undone. (asyncio: {@code write_eof}.)
     *
     * @throws IOException if the connection broke, or is closed
     */
    public void writeEof() throws IOException {
        try (var _ = turn.hold()) {
            stream.shutdownOutput();
        }
    }

    // ---- TLS

    /** Begins TLS on a connection that a server has accepted: as {@link #startTls(SSLContext, TlsOptions)}. */
    public TlsStream startTls(SSLContext context) throws IOException {
        return startTls(context, TlsOptions.DEFAULT);
    }

    /**
     * Begins TLS on the connection: as the server if a {@link Server} has accepted it, else as the client. This writer
     * and its reader go on over TLS. Suspends until what is being written is written, and then for the handshake;
     * writes wait meanwhile, and nobody may read. What the reader has buffered is the beginning of the peer's TLS, and
     * is taken as that. The connection is closed if this fails or is cancelled. Stands for
     * {@code StreamWriter.start_tls}.
     *
     * @param options a client must say which host the certificate has to be valid for:
     *     {@link TlsOptions#withServerName}
     * @return what reader and writer use from now on, to look at; also {@link #stream}
     * @throws javax.net.ssl.SSLException if the handshake fails, or takes too long
     * @throws IllegalArgumentException if a client does not say who the server is; nothing has happened then
     * @throws IllegalStateException if a coroutine is reading, or if this writer was made without a reader; nothing has
     *     happened then
     * @throws IOException as {@link #write(byte[])}
     */
    public TlsStream startTls(SSLContext context, TlsOptions options) throws IOException {
        if (upgrade == null) {
            throw new IllegalStateException("this writer has no reader that would have to go on over TLS as well: begin"
                    + " TLS with Net.startTls, and make a Connection of the result");
        }
        try (var _ = turn.hold()) {
            ensureWhole();
            TlsStream tls = upgrade.start(stream, context, options);
            stream = tls;
            return tls;
        } finally {
            if (!stream.isOpen()) {
                close(); // the handshake has closed the stream, and those who wait for that must hear of it
            }
        }
    }

    // ---- closing

    /** Returns the stream under this. */
    public ByteStream stream() {
        return stream;
    }

    /** Returns whether {@link #close} was called. */
    public boolean isClosing() {
        return !stream.isOpen();
    }

    /**
     * Closes the stream. Never suspends, never throws, idempotent. Coroutines that write get an {@link IOException}.
     */
    @Override
    public void close() {
        stream.close();
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }

    @Override
    public String toString() {
        return "StreamWriter[" + stream + "]";
    }
}
