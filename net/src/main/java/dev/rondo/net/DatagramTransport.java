package dev.rondo.net;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Moves datagrams between the system and a {@link DatagramProtocol}. (asyncio: {@code DatagramTransport}.) */
public interface DatagramTransport extends BaseTransport {

    /**
     * Sends a datagram: at once if the system takes it, otherwise as soon as it does. Never suspends; a failure goes to
     * {@link DatagramProtocol#errorReceived}. After the endpoint is closed nothing happens.
     *
     * @param data copied; may be empty, but not through a connected endpoint, where Java cannot send that
     * @param target to whom; null for the address that the endpoint was made for
     * @throws IllegalArgumentException if there is no target, or the endpoint was made for another; or the target's
     *     name has not been looked up
     */
    void sendTo(byte[] data, @Nullable SocketAddress target);

    /** Sends a datagram to the address that the endpoint was made for, as {@link #sendTo(byte[], SocketAddress)}. */
    default void sendTo(byte[] data) {
        sendTo(data, null);
    }

    // ------------------------------------------------------------------------------------------------ how much waits

    /**
     * Sets how much may wait to be sent before the protocol is asked to pause, and how little before it is asked to go
     * on. A datagram counts its bytes and eight more. Takes effect at once. (asyncio: {@code set_write_buffer_limits}.)
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

    /**
     * Returns how many bytes wait to be sent, eight more for each datagram. (asyncio: {@code get_write_buffer_size}.)
     */
    int getWriteBufferSize();

    /** Returns the marks. (asyncio: {@code get_write_buffer_limits}.) */
    Transport.WriteBufferLimits getWriteBufferLimits();

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    DatagramProtocol getProtocol();

    /** Returns the address of this side, after {@link #close} as well. */
    SocketAddress localAddress();

    /** Returns the address that the endpoint is connected to, after {@link #close} as well; null if it is not. */
    @Nullable SocketAddress remoteAddress();
}
