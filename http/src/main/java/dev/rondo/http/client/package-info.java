/**
 * The HTTP client: {@link ClientSession} asks, {@link ClientResponse} is what came back.
 *
 * <pre>
 *   ClientSession ── request ──▶ Redirects ── hop by hop ──▶ ConnectionPool ──▶ Http1Connection ──▶ the network
 *        │                                                    ├─ Slots             who may go, who waits
 *        │                                                    └─ IdleConnections   what can be used again
 *        ▼
 *   ClientResponse ◀── BodyStream ◀── ContentDecoder ◀── ResponseBody ◀── Http1Connection
 * </pre>
 *
 * <p>Nothing is read ahead of who reads: a slow reader slows the server down. A connection goes back to the pool when
 * the body has been read to its end, and is closed if that can no longer be reached cheaply.
 */
@NullMarked
package dev.rondo.http.client;

import org.jspecify.annotations.NullMarked;
