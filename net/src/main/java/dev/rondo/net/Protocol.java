package dev.rondo.net;

/**
 * A protocol over a stream of bytes. (asyncio: {@code Protocol}.)
 *
 * <pre>
 *   connectionMade ─▶ dataReceived* ─▶ eofReceived? ─▶ connectionLost
 * </pre>
 */
public non-sealed interface Protocol extends StreamProtocol {

    /**
     * Called with what has come, as often as something comes. How the bytes are cut says nothing about how they were
     * sent.
     *
     * @param data at least one byte; the receiver's to keep
     * @throws Exception ends the connection, after it was reported to the loop's exception handler
     */
    default void dataReceived(byte[] data) throws Exception {}
}
