package dev.rondo.http.websocket;

/** What a server does with a {@link WebSocket}. */
@FunctionalInterface
public interface WebSocketHandler {

    /**
     * Speaks with the client. Runs in the coroutine of the connection and may suspend; the socket is closed behind it:
     * with {@link CloseCode#OK}, or with {@link CloseCode#INTERNAL_ERROR} if it throws. Cancelled if the server is
     * closed meanwhile.
     *
     * @throws WebSocketException which counts as no failure if the client broke the socket
     * @throws Exception which the loop's exception handler sees
     */
    void handle(WebSocket socket) throws Exception;
}
