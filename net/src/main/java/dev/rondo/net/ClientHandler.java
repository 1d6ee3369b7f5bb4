package dev.rondo.net;

/**
 * What a {@link Server} runs for each connection, as a coroutine of its own. (asyncio: {@code client_connected_cb}.)
 */
@FunctionalInterface
public interface ClientHandler {

    /**
     * Serves one client. May suspend; returning does not close the connection, failing does.
     *
     * @throws Exception goes to the loop's exception handler, after the connection was closed
     */
    void handle(StreamReader reader, StreamWriter writer) throws Exception;
}
