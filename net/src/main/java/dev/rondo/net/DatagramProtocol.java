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
     * @throws Exception ends the endpoint, after it was reported to the loop's exception handler
     */
    default void datagramReceived(byte[] data, SocketAddress source) throws Exception {}

    /**
     * Called when sending or receiving has failed: nobody listens where a datagram was sent, say. The endpoint stays
     * open.
     *
     * @throws Exception ends the endpoint, after it was reported to the loop's exception handler
     */
    default void errorReceived(IOException failure) throws Exception {}
}
