package dev.rondo.http;

/**
 * The server did not accept a connection in time; name resolution and the TLS handshake count, waiting for the pool
 * does not. Nothing was sent. In aiohttp: {@code SocketTimeoutError} of {@code sock_connect}.
 */
public final class ConnectTimeoutException extends HttpTimeoutException {

    /** Makes the failure with a message that says what was wrong. */
    public ConnectTimeoutException(String message) {
        super(message);
    }
}
