package dev.rondo.net;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Moves datagrams between the system and a {@link DatagramProtocol}. (asyncio: {@code DatagramTransport}.) */
public interface DatagramTransport extends BaseTransport {

    /**
     * Sends a datagram: at once if the system takes it, otherwise as soon as it does. Never suspends; a failure goes to
     * {@link DatagramProtocol#errorReceived}.
     *
     * @param data copied if it cannot be sent at once; may be empty
     * @param target to whom; null for the address that the endpoint is connected to
     * @throws IllegalArgumentException if there is neither target nor connection, or the endpoint is connected to
     *     somebody else
     */
    void sendTo(byte[] data, @Nullable SocketAddress target);

    @Override
    DatagramProtocol getProtocol();
}
