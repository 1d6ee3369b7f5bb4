package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/** The connection ended in the middle of a body. In aiohttp: {@code ClientPayloadError}. */
public final class TruncatedBodyException extends HttpException {

    private final long expectedBytes;
    private final long receivedBytes;

    /**
     * Makes the failure.
     *
     * @param expectedBytes as in {@link #expectedBytes}
     * @param receivedBytes as in {@link #receivedBytes}
     */
    public TruncatedBodyException(long expectedBytes, long receivedBytes, @Nullable Throwable cause) {
        super(message(expectedBytes, receivedBytes), cause);
        this.expectedBytes = expectedBytes;
        this.receivedBytes = receivedBytes;
    }

    private static String message(long expectedBytes, long receivedBytes) {
        return expectedBytes < 0
                ? "connection closed mid-body: got %d bytes, the end is missing".formatted(receivedBytes)
                : "connection closed mid-body: expected %d bytes, got %d".formatted(expectedBytes, receivedBytes);
    }

    /** Returns the length that was announced, in bytes as sent, or -1 if it was not (chunked). */
    public long expectedBytes() {
        return expectedBytes;
    }

    /** Returns how many bytes of the body came, as sent. */
    public long receivedBytes() {
        return receivedBytes;
    }
}
