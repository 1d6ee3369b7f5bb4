package dev.rondo.http.websocket;

import dev.rondo.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket can go on no more: the peer broke the protocol or sent more than a limit allows, the connection broke, or
 * it had been closed before the call. {@link #closeCode} tells which. In aiohttp: {@code WebSocketError}.
 */
public final class WebSocketException extends HttpException {

    private final int closeCode;

    /** Makes the failure with a message that says what was wrong. */
    public WebSocketException(int closeCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.closeCode = closeCode;
    }

    WebSocketException(int closeCode, String message) {
        this(closeCode, message, null);
    }

    /** Returns the code of {@link CloseCode} that stands for what happened. */
    public int closeCode() {
        return closeCode;
    }
}
