package dev.rondo.net;

import java.net.SocketAddress;

/**
 * A datagram that was received.
 *
 * @param data what was in it, which may be nothing; the receiver's own
 * @param source who sent it
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares datagrams, and a list of bytes would be slow
public record Datagram(byte[] data, SocketAddress source) {

    @Override
    public String toString() {
        return "Datagram[" + data.length + " bytes from " + source + "]";
    }
}
