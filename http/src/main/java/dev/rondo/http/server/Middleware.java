package dev.rondo.http.server;

/**
 * Stands around handlers: sees each request first, and each response last. In aiohttp: {@code web.middleware}.
 *
 * <pre>{@code
 * app.middleware((request, next) -> {
 *     if (request.header("Authorization") == null) {
 *         throw new HttpError(401, "who are you?");
 *     }
 *     return next.handle(request).withHeader("X-Served-By", "rondo");
 * });
 * }</pre>
 */
@FunctionalInterface
public interface Middleware {

    /**
     * Answers a request, by {@code next} as a rule. Runs in the request's coroutine and may suspend.
     *
     * @throws Exception what {@code next} throws passes through: an {@link HttpError} for an address that is not there,
     *     for instance
     */
    Response handle(Request request, Handler next) throws Exception;
}
