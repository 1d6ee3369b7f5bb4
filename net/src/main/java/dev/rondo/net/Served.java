package dev.rondo.net;

/** A connection that a {@link Server} has accepted and looks after. */
interface Served {

    /** Closes in order: what waits to be sent is still sent. Idempotent. */
    void close();

    /** Closes at once. Idempotent. */
    void abort();
}
