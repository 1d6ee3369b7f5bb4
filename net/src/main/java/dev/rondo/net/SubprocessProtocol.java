package dev.rondo.net;

import org.jspecify.annotations.Nullable;

/**
 * A protocol over the pipes of a child process. (asyncio: {@code SubprocessProtocol}.)
 *
 * <p>{@link #processExited} and the ends of the pipes come in any order; {@link #connectionLost} comes after all of
 * them.
 */
public interface SubprocessProtocol extends BaseProtocol<SubprocessTransport> {

    /**
     * Called with what the child has written.
     *
     * @param fd 1 for its standard output, 2 for its standard error
     * @param data at least one byte; the receiver's to keep
     * @throws Exception goes to the loop's exception handler; the pipe lives on
     */
    default void pipeDataReceived(int fd, byte[] data) throws Exception {}

    /**
     * Called once for each pipe, when it is closed.
     *
     * @param fd 0, 1 or 2
     * @param failure what broke it; null if it ended in order
     * @throws Exception goes to the loop's exception handler
     */
    default void pipeConnectionLost(int fd, @Nullable Throwable failure) throws Exception {}

    /**
     * Called once, when the child has ended.
     *
     * @throws Exception goes to the loop's exception handler
     */
    default void processExited() throws Exception {}
}
