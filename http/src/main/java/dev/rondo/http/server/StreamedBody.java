package dev.rondo.http.server;

import dev.rondo.http.HttpException;

/** Writes the body of a response piece by piece. */
@FunctionalInterface
public interface StreamedBody {

    /**
     * Writes all of the body to {@code out}. Runs in the coroutine of the connection and may suspend.
     *
     * @throws Exception in which case the connection is closed, so that the client sees that something is missing
     */
    void writeTo(Sink out) throws Exception;

    /** Takes the pieces of a body. */
    interface Sink {

        /**
         * Writes a piece. Suspends until the system has taken it, so that a slow client slows the writer down.
         *
         * @throws HttpException if the client is gone
         */
        void write(byte[] piece) throws HttpException;
    }
}
