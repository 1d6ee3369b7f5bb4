/**
 * The HTTP client: {@link ClientSession} asks, {@link ClientResponse} is what came back. {@link EventSource} asks again
 * and again, for the events of a server.
 *
 * <pre>
 *   ClientSession ─▶ Middleware… ─▶ Redirects ─ hop by hop ─▶ Sender ─ attempt by attempt ─▶ ConnectionPool
 *        │                                                                                   ├─ Slots              who may go, who waits
 *        │                                                                                   ├─ IdleConnections    what can be used again
 *        │                                                                                   ├─ Http2Pool          who shares a connection
 *        │                                                                                   └─ Connector, Opening how new ones are made
 *        ▼
 *   ClientResponse ◀── BodyStream ◀── ContentDecoder ◀── ResponseBody ◀── Exchange: PooledConnection (HTTP/1.1)
 *                                                                                 or Http2Exchange on an Http2Link
 * </pre>
 *
 * <p>{@link Tracing} is told what becomes of a request; {@link DigestAuth} is a middleware.
 *
 * <p>Nothing is read ahead of who reads: a slow reader slows the server down. A connection goes back to the pool when
 * the body has been read to its end, and is closed if that can no longer be reached cheaply.
 */
@NullMarked
package dev.rondo.http.client;

import org.jspecify.annotations.NullMarked;
