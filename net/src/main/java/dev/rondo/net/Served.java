package dev.rondo.net;

import dev.rondo.Task;
import org.jspecify.annotations.Nullable;

/** A connection that a {@link Server} has accepted and looks after. */
interface Served {

    /** Closes in order: what waits to be sent is still sent. Idempotent. */
    void close();

    /** Closes at once. Idempotent. */
    void abort();

    /** Returns the task that serves it, null where there is none. */
    default @Nullable Task<?, ?> task() {
        return null;
    }
}
