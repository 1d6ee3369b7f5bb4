package dev.rondo.http.server;

import dev.rondo.net.ByteStream;
import java.nio.ByteBuffer;

/** Another protocol that a connection goes on with: {@link Response#upgrade}. */
@FunctionalInterface
public interface Upgrade {

    /**
     * Speaks it. Runs in the coroutine of the connection and may suspend; cancelled if the server is closed meanwhile.
     *
     * @param stream is closed behind this
     * @param begun what has come behind the request; the callee's own
     * @throws Exception which the loop's exception handler sees
     */
    void run(ByteStream stream, ByteBuffer begun) throws Exception;

    /** Is told that the server shuts down: to come to an end soon. Must not suspend. */
    default void stop() {}
}
