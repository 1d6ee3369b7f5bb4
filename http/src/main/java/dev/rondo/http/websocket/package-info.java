/**
 * WebSockets (RFC 6455, deflated by RFC 7692), both ends.
 *
 * <pre>
 *   the network ──▶ FrameParser ── pieces ──▶ Assembly ── messages ──▶ who receives
 *                                                └─ PerMessageDeflate, Utf8Check
 * </pre>
 *
 * <p>Nothing here does I/O, and nothing grows with what a peer says but only with what it sends, up to a limit.
 */
@NullMarked
package dev.rondo.http.websocket;

import org.jspecify.annotations.NullMarked;
