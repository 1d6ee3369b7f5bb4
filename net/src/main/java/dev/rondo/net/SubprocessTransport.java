package dev.rondo.net;

import dev.rondo.Signal;
import org.jspecify.annotations.Nullable;

/** A child process and its pipes, for a {@link SubprocessProtocol}. (asyncio: {@code SubprocessTransport}.) */
public interface SubprocessTransport extends BaseTransport {

    /** Returns the number that the system has for the child. (asyncio: {@code get_pid}.) */
    long getPid();

    /**
     * Returns how the child ended, null while it runs; the negative number of the signal that ended it. (asyncio:
     * {@code get_returncode}.)
     */
    @Nullable Integer getReturncode();

    /**
     * Returns the transport of one of the child's pipes, null where there is none.
     *
     * @param fd 0, 1 or 2
     */
    @Nullable Transport getPipeTransport(int fd);

    /**
     * Asks the child to end: SIGTERM. Does nothing if it has ended and {@link BaseProtocol#connectionLost} is yet to
     * come.
     *
     * @throws IllegalStateException if the child and its pipes are gone. (asyncio: {@code ProcessLookupError}.)
     */
    void terminate();

    /** Ends the child, by SIGKILL; otherwise as {@link #terminate}. */
    void kill();

    /**
     * Sends the child a signal; otherwise as {@link #terminate}. But for SIGTERM and SIGKILL it gets it a little later,
     * since the JDK cannot send signals and a shell is asked to; that it could not goes to the loop's exception
     * handler. (asyncio: {@code send_signal}.)
     */
    void sendSignal(Signal signal);

    /**
     * Closes the pipes, and kills the child if it runs. The protocol is told of everything that is still to come.
     * Idempotent.
     */
    @Override
    void close();

    /** Does what {@link #close} does, and drops what waits to be written to the child. */
    @Override
    void abort();

    @Override
    SubprocessProtocol getProtocol();
}
