package dev.rondo.http.websocket;

/** What came over a {@link WebSocket}. In aiohttp: {@code WSMessage}. */
public sealed interface WebSocketMessage {

    /** A text. In aiohttp: {@code WSMessageText}. */
    record Text(String text) implements WebSocketMessage {}

    /**
     * Bytes. In aiohttp: {@code WSMessageBinary}.
     *
     * @param bytes the receiver's own
     */
    record Binary(byte[] bytes) implements WebSocketMessage {
        @Override
        public String toString() {
            return "Binary[" + bytes.length + " bytes]";
        }
    }
}
