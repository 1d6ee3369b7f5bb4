package dev.rondo.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A two-way stream of bytes: a TCP connection, or TLS over one. (asyncio: {@code Transport}, {@code sock_recv_into},
 * {@code sock_sendall}.)
 *
 * <p>Belongs to one loop. One coroutine may read while another writes; a second reader, or a second writer, gets an
 * {@link IllegalStateException}. {@link StreamReader} and {@link StreamWriter} add lines, exact lengths and turns for
 * writers.
 */
public interface ByteStream extends AutoCloseable {

    /**
     * Reads what is there, at least one byte, into {@code dst} from its position on. Suspends while nothing is there.
     *
     * <p>On cancel, {@code dst} is untouched or holds what arrived before the cancel took effect; its position tells,
     * and no byte is lost.
     *
     * @param dst where to; it must not be touched by others until this returns
     * @return the number of bytes read, at least 1; or -1 at the end of the stream
     * @throws IllegalArgumentException if {@code dst} has no room or is read-only
     * @throws IllegalStateException if another coroutine is reading from this stream
     * @throws java.nio.channels.ClosedChannelException if the stream is closed, or is closed while this waits
     * @throws TlsTruncationException if a TLS peer hung up without saying goodbye
     * @throws IOException if the connection broke
     */
    int read(ByteBuffer dst) throws IOException;

    /**
     * Writes all that remains in the buffers, in order, and moves their positions. Suspends until the last byte has
     * been handed over to the system, which is not yet delivery to the peer.
     *
     * <p>On cancel some, all or none of it has been written; the positions tell. The stream can still be written to:
     * who wants to go on writes the rest first.
     *
     * @param src what to write; it must not be touched by others until this returns
     * @throws IllegalStateException if another coroutine is writing to this stream
     * @throws java.nio.channels.ClosedChannelException if the stream is closed, its output was shut down, or it is
     *     closed while this waits
     * @throws IOException if the connection broke
     */
    void write(ByteBuffer... src) throws IOException;

    /**
     * Ends the sending direction: the peer reads the end of the stream, and this side can still read. Idempotent. Does
     * not suspend on TCP; on TLS it writes a few bytes and may suspend; after a cancel it can be called again.
     * (asyncio: {@code write_eof}.)
     *
     * @throws IllegalStateException on TLS, if another coroutine is writing to this stream
     * @throws IOException if the connection broke
     */
    void shutdownOutput() throws IOException;

    /**
     * Returns whether nothing has come since the last read, so that a read would have to wait: no byte, no end of the
     * stream, no failure. For pools: a connection that idles between two requests and is not quiet has been closed by
     * the peer, or has been sent something nobody asked for; either way it is good for nothing but {@link #close}.
     *
     * <p>Never suspends and loses no byte: what this finds is given by the next read. The first call after a read looks
     * at once and leaves a small look-ahead read in flight; later calls tell what has come since, as far as the loop
     * has polled. So call it when the connection goes into the pool and again when it comes out.
     *
     * @return false also if this stream is closed
     * @throws IllegalStateException if another coroutine is reading from this stream
     */
    boolean quiet();

    /** Returns the address of this side, after {@link #close} as well. */
    SocketAddress localAddress();

    /** Returns the address of the peer, after {@link #close} as well. */
    SocketAddress remoteAddress();

    /** Returns whether {@link #close} has not been called. */
    boolean isOpen();

    /**
     * Closes. Never suspends, never throws, idempotent. What was not read is lost. What was written is still sent,
     * unless bytes have come that were not read, or come later: TCP then resets the connection, and the peer may lose
     * the end of what was written. To be sure, call {@link #shutdownOutput} and read to the end first. Coroutines that
     * read or write here get an {@link java.nio.channels.AsynchronousCloseException}. TLS says goodbye first if that
     * needs no waiting.
     */
    @Override
    void close();
}
