package dev.rondo.net;

import dev.rondo.Task;
import dev.rondo.reactor.Fd;

/** What a {@link Server} does with the connections that it accepts. */
interface Serving {

    /** Who is told of the connections: the server. */
    interface Owner {

        /** There is a connection; told before any code of the program runs for it. */
        void came(Served connection);

        /** It is closed. Idempotent, since a connection can end in more than one way. */
        void gone(Served connection);

        /** A task serves it, which may outlive it. */
        void servedBy(Task<?, ?> handler);
    }

    /**
     * Begins to serve a connection, which belongs to this from now on, and is closed if this throws. Does not suspend.
     */
    void begin(Fd socket, Owner owner);
}
