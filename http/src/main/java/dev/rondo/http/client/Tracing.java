package dev.rondo.http.client;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Is told what becomes of one request, as it happens: a session makes one for each
 * ({@link ClientSession.Builder#tracing}), so that what it remembers is of that request alone. In aiohttp:
 * {@code TraceConfig} and its context.
 *
 * <pre>
 *   begin ─▶ attempt…  ──▶ redirected ─▶ attempt… ──▶ ended | failed ─▶ received…
 *            │     └──▶ retried ─▶ attempt…
 *            └─ queued, dequeued, connecting, connected | reused, headersSent, sent…
 * </pre>
 *
 * <p>All are called in the coroutine that asks or reads, and must not suspend. What one throws goes to the loop's
 * exception handler; the request goes on.
 */
public interface Tracing {

    /**
     * All connections that the request may use are in use: it stands in line from here on. In aiohttp:
     * {@code on_connection_queued_start}.
     */
    default void queued() {}

    /** It waits no more: its turn has come, or it failed meanwhile. aiohttp: {@code on_connection_queued_end}. */
    default void dequeued() {}

    /**
     * It gets a connection that was kept, or shares one that others use. In aiohttp: {@code on_connection_reuseconn}.
     */
    default void reused() {}

    /**
     * A connection is being made; if none comes of it, {@code failed} or {@code retried} follows. aiohttp:
     * create_start.
     */
    default void connecting() {}

    /** It has been made, TLS included. In aiohttp: {@code on_connection_create_end}. */
    default void connected() {}

    /** The head of the request has gone, as {@code sent} says. In aiohttp: {@code on_request_headers_sent}. */
    default void headersSent(ClientRequest sent) {}

    /**
     * A piece of the request's body has gone. The view is good during this call. aiohttp:
     * {@code on_request_chunk_sent}.
     */
    default void sent(ByteBuffer piece) {}

    /**
     * A piece of the answer's body has come, as sent. The view is good during this call. Comes after {@link #ended}. In
     * aiohttp: {@code on_response_chunk_received}.
     */
    default void received(ByteBuffer piece) {}

    /** The answer is a redirect, which is being followed. In aiohttp: {@code on_request_redirect}. */
    default void redirected(Hop from, ClientRequest next) {}

    /** An attempt has failed, and another follows after the pause. aiohttp has no retries. */
    default void retried(int attempt, Duration pause) {}

    /** The head of the answer is here. In aiohttp: {@code on_request_end}. */
    default void ended(ClientResponse response) {}

    /** There is no answer; a cancel counts. In aiohttp: {@code on_request_exception}. */
    default void failed(Throwable failure) {}
}
