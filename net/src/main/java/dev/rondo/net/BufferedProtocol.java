package dev.rondo.net;

import java.nio.ByteBuffer;

/**
 * A protocol over a stream of bytes that are put where the protocol wants them. (asyncio: {@code BufferedProtocol}.)
 *
 * <pre>
 *   connectionMade ─▶ (getBuffer ─▶ bufferUpdated)* ─▶ eofReceived? ─▶ connectionLost
 * </pre>
 */
public non-sealed interface BufferedProtocol extends StreamProtocol {

    /**
     * Called for a place to put what has come. The buffer must not be touched until {@link #bufferUpdated}.
     *
     * @param sizeHint how much room would be good; -1 if nobody knows
     * @return a buffer with room, which is filled from its position on
     * @throws Exception ends the connection, after it was reported to the loop's exception handler
     */
    ByteBuffer getBuffer(int sizeHint) throws Exception;

    /**
     * Called when bytes were put into the buffer, whose position has moved behind them.
     *
     * @param count how many, at least one
     * @throws Exception ends the connection, after it was reported to the loop's exception handler
     */
    void bufferUpdated(int count) throws Exception;
}
