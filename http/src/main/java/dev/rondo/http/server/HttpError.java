package dev.rondo.http.server;

/**
 * Thrown by a handler, or by what it calls, to answer something else than it was about to. Not a failure of the server:
 * nobody but the client hears of it. In aiohttp: {@code web.HTTPException}.
 *
 * <pre>{@code
 * throw new HttpError(404, "no user " + id);
 * }</pre>
 */
public final class HttpError extends RuntimeException {

    private final transient Response response;

    /** Answers with a status, and a message as plain text. */
    public HttpError(int status, String message) {
        this(message, Response.text(message + "\n").withStatus(status));
    }

    /** Answers with a response of any kind. */
    public HttpError(Response response) {
        this("status " + response.status(), response);
    }

    private HttpError(String message, Response response) {
        super(message, null, false, false); // no stack: it is an answer
        this.response = response;
    }

    /** Returns the answer. */
    public Response response() {
        return response;
    }

    /** Returns the answer's status. */
    public int status() {
        return response.status();
    }
}
