package dev.rondo.http.server;

import dev.rondo.Asyncio;
import dev.rondo.http.websocket.CloseCode;
import dev.rondo.http.websocket.ServerHandshake;
import dev.rondo.http.websocket.WebSocket;
import dev.rondo.http.websocket.WebSocketException;
import dev.rondo.http.websocket.WebSocketHandler;
import dev.rondo.net.ByteStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A connection that goes on as a WebSocket. */
final class WebSocketUpgrade implements Upgrade {

    private final ServerHandshake handshake;
    private final WebSocketHandler handler;
    private @Nullable WebSocket socket; // while the handler runs

    WebSocketUpgrade(ServerHandshake handshake, WebSocketHandler handler) {
        this.handshake = handshake;
        this.handler = handler;
    }

    @Override
    public void run(ByteStream stream, ByteBuffer begun) throws Exception {
        WebSocket opened = handshake.open(stream, begun);
        socket = opened;
        try {
            handler.handle(opened);
            opened.close();
        } catch (Exception e) {
            boolean broken = e instanceof WebSocketException || e.getCause() instanceof WebSocketException;
            if (!broken || !opened.closed()) { // else it is the client's fault, and known to it
                opened.close(CloseCode.INTERNAL_ERROR, "");
                throw e;
            }
        } finally {
            socket = null;
            opened.abort();
        }
    }

    @Override
    public void stop() {
        WebSocket open = socket;
        if (open != null) {
            Asyncio.createTask(() -> open.close(CloseCode.GOING_AWAY, "the server shuts down"));
        }
    }
}
