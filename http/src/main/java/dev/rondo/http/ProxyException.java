package dev.rondo.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A proxy was reached, and would or could not lead to the server: it wants to know who asks, forbids it, or cannot
 * reach it itself. The request was not sent. In aiohttp: {@code ClientHttpProxyError}.
 */
public final class ProxyException extends HttpException {

    /** So much of the body is kept. */
    public static final int MAX_BODY_BYTES = 2048;

    private final int status;
    private final transient byte[] body;

    /** Makes the failure of a proxy that gave no status of HTTP. */
    public ProxyException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = 0;
        this.body = new byte[0];
    }

    /**
     * Makes the failure of a proxy that answered with another status than 2xx.
     *
     * @param body how its body begins; the caller must not change it any more
     */
    public ProxyException(String message, int status, byte[] body, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.body = body;
    }

    /** Returns the status that an HTTP proxy answered with, such as 407; 0 if there is none. */
    public int status() {
        return status;
    }

    /** Returns how its body begins, {@value #MAX_BODY_BYTES} bytes at most, read as UTF-8; empty if there is none. */
    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
