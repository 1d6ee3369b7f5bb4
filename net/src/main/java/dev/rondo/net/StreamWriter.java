package dev.rondo.net;

import dev.rondo.AsyncLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;

/**
 * Whole messages into a {@link ByteStream}. Belongs to one loop; many coroutines may write: each message goes out in
 * one piece, in the order of the calls. (asyncio: {@code StreamWriter}.)
 *
 * <p>{@code write} is asyncio's {@code write} and {@code drain} in one: it suspends until the bytes have been handed
 * over to the system, so that a program cannot send faster than its peer reads. If a write is cancelled when a part of
 * its message is gone, the peer could not tell where the next begins: later writes then fail.
 */
public final class StreamWriter implements AutoCloseable {

    private final ByteStream stream;
    private final Runnable onClose;
    private final AsyncLock turn = new AsyncLock(); // one message at a time, first come first served
    private boolean cutShort; // a message was begun and not ended

    /** Makes a writer. */
    public StreamWriter(ByteStream stream) {
        this(stream, () -> {});
    }

    /** Makes a writer that calls {@code onClose} after it was closed for the first time. */
    StreamWriter(ByteStream stream, Runnable onClose) {
        this.stream = stream;
        this.onClose = onClose;
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
        if (stream.isOpen()) {
            stream.close();
            onClose.run();
        }
    }

    @Override
    public String toString() {
        return "StreamWriter[" + stream + "]";
    }
}
