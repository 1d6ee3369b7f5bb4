package dev.rondo.net;

import org.jspecify.annotations.Nullable;

/**
 * What a program is told about a transport, as plain calls on the loop: {@link Protocol}, {@link BufferedProtocol},
 * {@link DatagramProtocol} and {@link SubprocessProtocol} say what comes in between. (asyncio: {@code BaseProtocol}.)
 *
 * <p>All calls come as callbacks of the transport's loop, one at a time, in the context in which the transport was
 * made. They cannot suspend; {@link dev.rondo.Asyncio#createTask createTask} starts what has to.
 *
 * @param <T> the kind of transport
 */
public interface BaseProtocol<T extends BaseTransport> {

    /**
     * Called once, before all else.
     *
     * @throws Exception goes to the loop's exception handler; the transport lives on
     */
    default void connectionMade(T transport) throws Exception {}

    /**
     * Called once, after all else: the transport is closed.
     *
     * @param failure what broke the connection; null if this side closed it, or the peer ended it in order
     * @throws Exception goes to the loop's exception handler
     */
    default void connectionLost(@Nullable Throwable failure) throws Exception {}

    /**
     * Called when more waits to be sent than the high-water mark of the transport, from within the call that writes.
     * Always followed by {@link #resumeWriting}, unless the connection is lost before.
     *
     * @throws Exception goes to the loop's exception handler
     */
    default void pauseWriting() throws Exception {}

    /**
     * Called when what waits to be sent has come down to the low-water mark.
     *
     * @throws Exception goes to the loop's exception handler
     */
    default void resumeWriting() throws Exception {}
}
