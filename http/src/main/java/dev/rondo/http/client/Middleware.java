package dev.rondo.http.client;

import dev.rondo.http.HttpException;

/**
 * Stands between who asks and the session: may change the request, answer it, ask again, look at the answer. In
 * aiohttp: a client middleware.
 *
 * <pre>{@code
 * Middleware bearer = (request, next) -> next.send(request.withHeader("Authorization", "Bearer " + token()));
 * }</pre>
 *
 * <p>The first one given to the session is the outermost. Redirects, retries and cookies are inside of all of them; the
 * session's {@code raiseForStatus} and the total time limit outside.
 */
@FunctionalInterface
public interface Middleware {

    /**
     * Answers a request. Runs in the coroutine that asks, and may suspend. A response of {@code next} that is not
     * returned is to be closed.
     */
    ClientResponse handle(ClientRequest request, Next next) throws HttpException;

    /** What is inside. */
    @FunctionalInterface
    interface Next {

        /** Asks; any number of times. Suspends; fails as {@link ClientSession#request(ClientRequest)}. */
        ClientResponse send(ClientRequest request) throws HttpException;
    }
}
