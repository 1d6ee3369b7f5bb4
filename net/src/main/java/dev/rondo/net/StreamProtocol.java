package dev.rondo.net;

/** What is told about a stream of bytes: either as fresh arrays, or in a buffer of the protocol's own. */
public sealed interface StreamProtocol extends BaseProtocol<Transport> permits Protocol, BufferedProtocol {

    /**
     * Called at most once, when the peer has ended its sending direction, after the last byte.
     *
     * @return whether this side goes on writing; otherwise the transport closes itself. Over TLS it does in any case
     * @throws Exception ends the connection, after it was reported to the loop's exception handler
     */
    default boolean eofReceived() throws Exception {
        return false;
    }
}
