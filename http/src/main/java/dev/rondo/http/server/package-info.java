/**
 * A small HTTP server: {@link HttpServer} accepts, a {@link Handler} answers each {@link Request} with a
 * {@link Response}.
 *
 * <pre>
 *   HttpServer ── one coroutine per connection ──▶ ServerConnection ──▶ Handler
 *                                                    readRequest, dispatch, write, decide whether to go on
 * </pre>
 */
@NullMarked
package dev.rondo.http.server;

import org.jspecify.annotations.NullMarked;
