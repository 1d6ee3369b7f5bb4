package dev.rondo.http.server;

/** Answers requests. In aiohttp: a handler of {@code aiohttp.web}. */
@FunctionalInterface
public interface Handler {

    /**
     * Answers a request. Runs in the coroutine of the request's connection and may suspend; cancelled if the server is
     * closed meanwhile.
     *
     * @throws Exception which the client sees as status 500, and the loop's exception handler as it is
     */
    Response handle(Request request) throws Exception;
}
