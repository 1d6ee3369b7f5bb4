package dev.rondo.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The server answered with a status that is a failure to who asked: 400 or more, unless the session says otherwise. It
 * carries what is needed to tell why. In aiohttp: {@code ClientResponseError} of {@code raise_for_status}.
 */
public final class StatusException extends HttpException {

    /** So much of the body is kept: enough for what an API says is wrong. */
    public static final int MAX_BODY_BYTES = 2048;

    private final int status;
    private final transient @Nullable Url url;
    private final transient Headers headers;
    private final transient byte[] body;

    /**
     * Makes the failure of an answer that nothing else is known of.
     *
     * @param reason the words behind the status, or the empty string
     */
    public StatusException(int status, String reason) {
        this(status, reason, null, Headers.EMPTY, new byte[0]);
    }

    /**
     * Makes the failure.
     *
     * @param reason the words behind the status, or the empty string
     * @param url what answered, or null
     * @param body how the body begins, decoded; the caller must not change it any more
     */
    public StatusException(int status, String reason, @Nullable Url url, Headers headers, byte[] body) {
        super(reason.isEmpty() ? "status " + status : "status " + status + " " + reason);
        this.status = status;
        this.url = url;
        this.headers = headers;
        this.body = body;
    }

    /** Returns the status, such as 404. */
    public int status() {
        return status;
    }

    /** Returns what answered, behind all redirects, or null if that is not known. */
    public @Nullable Url url() {
        return url;
    }

    /** Returns the headers of the answer. */
    public Headers headers() {
        return headers;
    }

    /** Returns how the body begins, {@value #MAX_BODY_BYTES} bytes at most, read as UTF-8; empty if it did not come. */
    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
