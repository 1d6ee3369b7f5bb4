package dev.rondo.net;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Whole messages into a {@link ByteStream}. Belongs to one loop; many may write: each message goes out in one piece, in
 * the order of the calls. Stands for {@code asyncio.StreamWriter}.
 *
 * <p>There are two ways to write, and they can be mixed:
 *
 * <ul>
 *   <li>{@link #write(byte[])} suspends until the bytes have been handed over to the system, so that a program cannot
 *       send faster than its peer reads. asyncio's {@code write} and {@code drain} in one, and the one to use.
 *   <li>{@link #writeNow(byte[])} is asyncio's {@code write}: it never suspends, and what the system does not take at
 *       once is kept in memory. It is for callbacks, and for code that asks {@link #drain} or {@link #tryWrite} whether
 *       there is too much of it.
 * </ul>
 *
 * <p>Once the connection is broken, {@code write}, {@link #drain} and {@link #waitClosed} say by what.
 */
public final class StreamWriter implements AutoCloseable {

    private final Outbox outbox;
    private final @Nullable StreamReader reader; // of the same connection
    private final @Nullable Leash leash; // null if somebody else looks after the stream
    private final boolean server; // of the connection, as TLS asks

    /** Makes a writer, in a coroutine or callback of the stream's loop. */
    public StreamWriter(ByteStream stream) {
        this(stream, null, false, () -> {}, false);
    }

    /**
     * Makes a writer.
     *
     * @param reader of the same connection, whose failures are this one's too
     * @param server whether this side is the server, if TLS begins
     * @param onClosed called when the stream was closed; must not lead to this writer
     * @param leashed whether the stream is closed if this writer is dropped
     */
    StreamWriter(ByteStream stream, @Nullable StreamReader reader, boolean server, Runnable onClosed, boolean leashed) {
        this.reader = reader;
        this.server = server;
        if (leashed) {
            Leash leash = new Leash();
            this.leash = leash;
            this.outbox = new Outbox(stream, () -> {
                leash.release();
                onClosed.run();
            });
            leash.attach(this, outbox);
        } else {
            this.leash = null;
            this.outbox = new Outbox(stream, onClosed);
        }
    }

    // ------------------------------------------------------------------------------------------------ suspending

    /**
     * Writes all bytes. Suspends until they, and all that was written before, have been handed over to the system.
     *
     * <p>A cancel never leaves half a message behind: if nothing of it was sent, nothing is; if a part was, the rest is
     * copied and follows in the background, before any other message. Who gives a peer up that does not read calls
     * {@link #abort}: {@link #close} would still wait for it.
     *
     * @param data not copied, and so not to be changed until this returns
     * @throws java.nio.channels.ClosedChannelException if the writer is closed, or is while this waits, or
     *     {@link #writeEof} was called
     * @throws IOException what broke the connection, now or earlier
     */
    public void write(byte[] data) throws IOException {
        write(ByteBuffer.wrap(data));
    }

    /** Writes text. Suspends and fails as {@link #write(byte[])}. */
    public void write(String text, Charset charset) throws IOException {
        write(text.getBytes(charset));
    }

    /**
     * Writes all that remains in the buffers, in order, as one message. Suspends and fails as {@link #write(byte[])}.
     * Stands for {@code writelines} with {@code drain}.
     */
    public void write(ByteBuffer... data) throws IOException {
        try {
            outbox.write(data);
        } finally {
            Reference.reachabilityFence(this); // who still writes has not dropped it
        }
    }

    // ------------------------------------------------------------------------------------------------ at once

    /**
     * Has all bytes sent, after all that was written before: as far as the system takes them, at once if nothing else
     * waits, the rest in the background. Never suspends; may be called by callbacks. Stands for {@code write}.
     *
     * <p>Nothing is thrown where the connection is broken or the writer closed, and nothing is written: {@link #drain}
     * tells. Nothing limits the memory that this takes but {@link #drain} and {@link #tryWrite}.
     *
     * @param data copied
     * @throws IllegalStateException after {@link #writeEof}
     */
    public void writeNow(byte[] data) {
        writeNow(ByteBuffer.wrap(data));
    }

    /** Has text sent as {@link #writeNow(byte[])}. */
    public void writeNow(String text, Charset charset) {
        writeNow(text.getBytes(charset));
    }

    /**
     * Has all that remains in the buffers sent, in order, as {@link #writeNow(byte[])}; moves their positions. Stands
     * for {@code writelines}.
     */
    public void writeNow(ByteBuffer... data) {
        outbox.writeNow(data);
    }

    /**
     * Does what {@link #writeNow(byte[])} does, unless more than the high-water mark waits already, or the connection
     * is lost or closing.
     *
     * @return whether the bytes were taken: all, or none
     */
    public boolean tryWrite(byte[] data) {
        return tryWrite(ByteBuffer.wrap(data));
    }

    /** Does what {@link #tryWrite(byte[])} does, with all that remains in the buffers; moves their positions. */
    public boolean tryWrite(ByteBuffer... data) {
        return outbox.tryWrite(data);
    }

    /**
     * Suspends while more waits to be sent than is good: from when it was above the high-water mark until it is at or
     * below the low one. Returns at once otherwise. Many may call it at the same time; a cancel ends the waiting and
     * nothing else. Stands for {@code drain}.
     *
     * @throws IOException what broke the connection, be it that its reader failed; "Connection lost", after a turn of
     *     the loop, if this writer was closed
     */
    public void drain() throws IOException {
        ensureReaderHasNotFailed();
        try {
            outbox.drain();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Sets how many bytes may wait to be sent: above {@code high} {@link #drain} waits and {@link #tryWrite} refuses,
     * at or below {@code low} they do no more. Takes effect at once. 64 KiB and 16 KiB by default. What a
     * {@link #write(byte[])} holds does not count. Stands for {@code transport.set_write_buffer_limits}.
     *
     * @param high in bytes; 0 to have {@link #drain} wait until all is sent
     * @param low in bytes
     * @throws IllegalArgumentException unless {@code high >= low >= 0}
     */
    public void setWriteBufferLimits(int high, int low) {
        outbox.marks().limits(high, low);
    }

    /** Sets the high-water mark, and a quarter of it as the low one. */
    public void setWriteBufferLimits(int high) {
        setWriteBufferLimits(high, high / 4);
    }

    /**
     * Returns how many bytes have been copied and wait to be sent. Those that the system is being given count until it
     * has taken them, 64 KiB at a time. Stands for {@code transport.get_write_buffer_size}.
     */
    public int writeBufferSize() {
        return (int) Math.min(Integer.MAX_VALUE, outbox.marks().size());
    }

    // ------------------------------------------------------------------------------------------------ the end

    /**
     * Ends the sending direction once all that was written is sent: the peer reads the end of the stream, and this side
     * can still read. Suspends while others write and while bytes wait to be sent; a cancel leaves it undone. Does
     * nothing a second time, nor on a closed writer. Stands for {@code write_eof}.
     *
     * @throws IOException if the connection broke
     */
    public void writeEof() throws IOException {
        try {
            outbox.writeEof();
        } finally {
            Reference.reachabilityFence(this);
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
        if (reader == null) {
            throw new IllegalStateException("this writer has no reader that would have to go on over TLS as well: begin"
                    + " TLS with Net.startTls, and make a Connection of the result");
        }
        var upgrade = new TlsUpgrade(reader, server);
        TlsStream tls = outbox.replace(plain -> upgrade.start(plain, context, options));
        if (leash != null) {
            leash.release(); // somebody else has the stream now
        }
        return tls;
    }

    // ---- closing

    /**
     * Returns whether {@link #writeEof} works: it does on sockets, pipes and, other than in asyncio, TLS. Stands for
     * {@code can_write_eof}.
     */
    public boolean canWriteEof() {
        return true;
    }

    /** Returns whether {@link #close} or {@link #abort} was called, or the connection is broken. */
    public boolean isClosing() {
        return outbox.isClosing();
    }

    /**
     * Closes. What {@link #writeNow(byte[])} was given, or a cancelled write has left, is still sent in the background,
     * and the stream is closed then; at once if there is none. Coroutines that suspend in {@link #write(byte[])} get a
     * {@link java.nio.channels.ClosedChannelException}; only a message that such bytes wait behind, and that is being
     * sent, goes out before.
     *
     * <p>Never suspends, never throws, idempotent. A peer that takes nothing for 30 seconds is not waited for any
     * longer: the rest is dropped and the stream closed. (asyncio waits for ever.) The loop's own end drops it too; to
     * be sure that all was sent, call {@link #waitClosed}. Stands for {@code close}.
     */
    @Override
    public void close() {
        outbox.close();
    }

    /**
     * Closes at once, and drops what waits to be sent. Never suspends, never throws, idempotent, also after
     * {@link #close}. Stands for {@code transport.abort}.
     */
    public void abort() {
        outbox.closeNow();
    }

    /**
     * Suspends until this writer is closed all the way, by {@link #close} or {@link #abort}, which this does not call.
     * Many may wait; a cancel ends the waiting and nothing else. Stands for {@code wait_closed}.
     *
     * @throws IOException what broke the connection, be it that its reader failed; also before it is closed, for then
     *     it is lost already
     */
    public void waitClosed() throws IOException {
        if (!outbox.isClosing()) {
            ensureReaderHasNotFailed();
        }
        outbox.awaitClosed();
        ensureReaderHasNotFailed();
    }

    private void ensureReaderHasNotFailed() throws IOException {
        IOException failure = reader == null ? null : reader.exception();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Returns the stream under this. Who has asked for it looks after it: it is no longer closed when reader and writer
     * are dropped. Stands for {@code transport} and {@code get_extra_info}.
     */
    public ByteStream stream() {
        if (leash != null) {
            leash.release();
        }
        return outbox.stream();
    }

    /** Returns what a server keeps of this, so that it can close it and does not hold it. */
    Outbox outbox() {
        return outbox;
    }

    @Override
    public String toString() {
        return "StreamWriter[" + outbox + "]";
    }
}
