package dev.rondo.net;

import java.io.IOException;
import java.net.SocketAddress;

/** A protocol over datagrams. (asyncio: {@code DatagramProtocol}.) */
public interface DatagramProtocol extends BaseProtocol<DatagramTransport> {

    /**
     * Called with each datagram that comes, an empty one too.
     *
     * @param data the receiver's to keep
     * @param source who sent it
     * @throws Exception goes to the loop's exception handler; the endpoint lives on
     */
    default void datagramReceived(byte[] data, SocketAddress source) throws Exception {}

    /**
     * Called when sending or receiving has failed: nobody listens where a datagram was sent, say. The endpoint stays
     * open. Comes from within {@link DatagramTransport#sendTo} if that fails at once.
     *
     * @throws Exception goes to the loop's exception handler; the endpoint lives on
     */
    default void errorReceived(IOException failure) throws Exception {}
}
