package dev.rondo.http.client;

/** A connection that can wait for the next request. Nothing here suspends. */
sealed interface KeptConnection permits PooledConnection, Http2Link {

    Origin origin();

    /** Returns since when it has been idle, on the loop's clock. */
    long idleSinceNanos();

    /** Returns whether the server, as far as one can tell, is still there. */
    boolean quiet();

    /** Closes it. Idempotent. */
    void close();
}
