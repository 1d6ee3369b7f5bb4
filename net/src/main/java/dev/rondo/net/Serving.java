package dev.rondo.net;

import dev.rondo.reactor.Fd;
import org.jspecify.annotations.Nullable;

/** What a {@link Server} does with the connections that it accepts. */
interface Serving {

    /** Who is told once, when a connection is closed. */
    interface Gone {
        void run(Served connection);
    }

    /**
     * Begins to serve a connection, which belongs to this from now on. Does not suspend.
     *
     * @return null if it could not be set up, and is closed
     */
    @Nullable Served begin(Fd socket, Gone gone);
}
