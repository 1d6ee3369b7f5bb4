package dev.rondo.reactor;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import org.jspecify.annotations.Nullable;

/**
 * An open socket or file of a driver. Only the driver opens and closes what stands behind it, so a number that the
 * system has given to somebody else is never touched by mistake. Loop thread only.
 */
public interface Fd {

    /** Returns the local address, or null for a file or an unbound socket. */
    @Nullable SocketAddress localAddress();

    /** Returns the peer's address, or null for a file, a listener or an unconnected socket. */
    @Nullable SocketAddress remoteAddress();

    /** Sets a socket option. */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /** Ends the sending direction of a socket: the peer reads the end of the stream. */
    void shutdownOutput() throws IOException;

    /** Returns whether {@link #close} has not been called. */
    boolean isOpen();

    /**
     * Closes. Never blocks. Operations in flight end with {@link java.nio.channels.AsynchronousCloseException}; what
     * the system holds is let go once none is in flight. Idempotent.
     */
    void close();
}
