package dev.rondo.reactor;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open socket, pipe, stream or file of a driver. Only the driver opens and closes what stands behind it, so a number
 * that the system has given to somebody else is never touched by mistake. Loop thread only.
 */
public interface Fd {

    /**
     * Returns the local address; null for what is no socket and for an unbound one. A Unix socket without a name, such
     * as a client's, gives null or an address with an empty path.
     */
    @Nullable SocketAddress localAddress();

    /**
     * Returns the peer's address; null for what is no socket, for a listener and for an unconnected one. A peer without
     * a name, such as the client of a Unix listener, gives null or an address with an empty path.
     */
    @Nullable SocketAddress remoteAddress();

    /** Returns the options that this socket has; none for what is no socket. */
    Set<SocketOption<?>> supportedOptions();

    /**
     * Sets a socket option.
     *
     * @throws IllegalArgumentException for {@link java.net.StandardSocketOptions#SO_LINGER} above 0: {@link #close}
     *     would block
     * @throws UnsupportedOperationException if the socket does not have it
     */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /** Refuses the value of an option with which {@link #close} would block. For drivers. */
    static void ensureClosesAtOnce(SocketOption<?> option, @Nullable Object value) {
        if (option == StandardSocketOptions.SO_LINGER && value instanceof Integer seconds && seconds > 0) {
            throw new IllegalArgumentException("SO_LINGER of " + seconds
                    + " s would stop the loop for so long in close(): set 0 to reset the connection, or end it with"
                    + " shutdownOutput and wait for the peer's end");
        }
    }

    /**
     * Returns the value of a socket option, null where it has none.
     *
     * @throws UnsupportedOperationException if the socket does not have it
     */
    <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

    /**
     * Gives a socket its local address. A listener listens from then on.
     *
     * @param backlog how many connections may wait to be accepted, for a listener; 0 for the system's choice
     */
    void bind(SocketAddress address, int backlog) throws IOException;

    /**
     * Ends the sending direction of a stream socket: the peer reads the end of the stream.
     *
     * @throws IllegalStateException if a {@link Op.Transfer} is in flight
     */
    void shutdownOutput() throws IOException;

    /** Returns whether neither {@link #close} nor {@link #release} has been called. */
    boolean isOpen();

    /**
     * Closes. Never blocks. Operations in flight end with {@link java.nio.channels.AsynchronousCloseException}, or with
     * the result that was quicker; what the system holds is let go once none is in flight. Idempotent.
     */
    void close();

    /**
     * Gives a channel or stream back to whom it was {@linkplain IoDriver#adopt adopted} from: operations in flight end
     * as by {@link #close}, and it stays open. Of a file and a stream, a thread may be busy with it still. Of a stream,
     * what a read in progress brings is lost, and a write in progress goes on. Does nothing if closed or released
     * already.
     *
     * @throws IllegalStateException if the driver opened this itself, or a {@link Op.Transfer} is in flight
     */
    void release();
}
