package dev.rondo.http;

/**
 * The server answered with a status of 400 or more. In aiohttp: {@code ClientResponseError} of
 * {@code raise_for_status}.
 */
public final class StatusException extends HttpException {

    private final int status;

    /**
     * Makes the failure.
     *
     * @param reason the words behind the status, or the empty string
     */
    public StatusException(int status, String reason) {
        super(reason.isEmpty() ? "status " + status : "status " + status + " " + reason);
        this.status = status;
    }

    /** Returns the status, such as 404. */
    public int status() {
        return status;
    }
}
