package dev.rondo.net;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Moves a stream of bytes between the system and a {@link Protocol} or {@link BufferedProtocol}. One end of a pipe is a
 * transport too; the way it does not go, is refused by {@link UnsupportedOperationException}. (asyncio:
 * {@code Transport}, {@code ReadTransport}, {@code WriteTransport}.)
 */
public interface Transport extends BaseTransport {

    /** How much may wait to be sent before a protocol is asked to pause: 64 KiB; asyncio's figure. */
    int DEFAULT_HIGH_WATER = 64 * 1024;

    // ------------------------------------------------------------------------------------------------ writing

    /**
     * Sends all bytes: at once as far as the system takes them, the rest as soon as it does. Never suspends, and never
     * fails because of the connection: {@link BaseProtocol#connectionLost} tells. After the connection was lost nothing
     * happens.
     *
     * @param data not copied, and so not to be changed any more
     * @throws IllegalStateException after {@link #writeEof}, and while a file is being sent
     */
    default void write(byte[] data) {
        write(ByteBuffer.wrap(data));
    }

    /** Sends what remains in a buffer, as {@link #write(byte[])} does; its content must not be changed any more. */
    void write(ByteBuffer data);

    /** Sends several buffers in one go, as {@link #write(byte[])} does. (asyncio: {@code writelines}.) */
    void writeLines(List<ByteBuffer> data);

    /**
     * Ends the sending direction once all is sent: the peer reads the end of the stream. Idempotent; nothing happens on
     * a transport that is closing. (asyncio: {@code write_eof}.)
     *
     * @throws UnsupportedOperationException over TLS
     */
    void writeEof();

    /** Returns whether {@link #writeEof} can be called. (asyncio: {@code can_write_eof}.) */
    boolean canWriteEof();

    /**
     * Sets how many bytes may wait to be sent before the protocol is asked to pause, and how few before it is asked to
     * go on. Takes effect at once. (asyncio: {@code set_write_buffer_limits}.)
     *
     * @param high in bytes; 0 to pause whenever something waits
     * @param low in bytes
     * @throws IllegalArgumentException unless {@code high >= low >= 0}
     */
    void setWriteBufferLimits(int high, int low);

    /** Sets the high-water mark, and a quarter of it as the low one. */
    default void setWriteBufferLimits(int high) {
        setWriteBufferLimits(high, high / 4);
    }

    /** Returns how many bytes wait to be sent. (asyncio: {@code get_write_buffer_size}.) */
    int getWriteBufferSize();

    /** Returns the marks. (asyncio: {@code get_write_buffer_limits}.) */
    WriteBufferLimits getWriteBufferLimits();

    /**
     * How much may wait to be sent.
     *
     * @param low when the protocol may go on, in bytes
     * @param high above which it is asked to pause, in bytes
     */
    record WriteBufferLimits(int low, int high) {}

    // ------------------------------------------------------------------------------------------------ reading

    /** Stops giving bytes to the protocol. Idempotent, also while closing. (asyncio: {@code pause_reading}.) */
    void pauseReading();

    /** Gives bytes to the protocol again. Idempotent, also while closing. (asyncio: {@code resume_reading}.) */
    void resumeReading();

    /** Returns whether bytes are given to the protocol. (asyncio: {@code is_reading}.) */
    boolean isReading();

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    StreamProtocol getProtocol();

    /**
     * Has another protocol told from now on; it is told neither of the connection nor of what came before. (asyncio:
     * {@code set_protocol}.)
     */
    void setProtocol(StreamProtocol protocol);

    /** Returns the address of this side, after {@link #close} as well; an unnamed one for a pipe. */
    SocketAddress localAddress();

    /** Returns the address of the peer, after {@link #close} as well; an unnamed one for a pipe. */
    SocketAddress remoteAddress();
}
