package dev.rondo.net;

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

    /** Asks the child to end. */
    void terminate();

    /** Ends the child. */
    void kill();

    @Override
    SubprocessProtocol getProtocol();
}
