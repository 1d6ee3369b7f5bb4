/**
 * An HTTP server: {@link HttpServer} accepts, a {@link Handler} answers each {@link Request} with a {@link Response};
 * an {@link Application} is a handler made of many.
 *
 * <pre>
 *                     one coroutine for each
 *   HttpServer ──┬── connection ──▶ ServerConnection ───────┐                  ┌─▶ Middleware … ─▶ Route ─▶ Handler
 *                │   of HTTP/1.1     awaitRequest, readHead │                  │
 *                │                   …, write, linger       ├─▶ Dispatcher ─▶ Application
 *                └── request of ──▶ Http2ServerConnection ──┘                  │
 *                    HTTP/2                                                    └─▶ what is mounted
 * </pre>
 *
 * <p>{@code Watchdog} and {@code BodyRate} end what takes too long; {@link ServerOptions} has all the limits.
 */
@NullMarked
package dev.rondo.http.server;

import org.jspecify.annotations.NullMarked;
