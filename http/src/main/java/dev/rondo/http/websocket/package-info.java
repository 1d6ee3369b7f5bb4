/**
 * WebSockets (RFC 6455, deflated by RFC 7692), both ends.
 *
 * <pre>
 *   ClientHandshake, ServerHandshake ──▶ WebSocket
 *                                          ├─ receive ◀── Assembly ◀── pieces ── FrameParser ◀── the network
 *                                          │                 └─ PerMessageDeflate, Utf8Check
 *                                          ├─ send ──▶ FrameSender ── a frame at a time ───────▶ the network
 *                                          │                 └─ PerMessageDeflate, FrameWriter
 *                                          └─ Heartbeat
 * </pre>
 *
 * <p>Only {@code WebSocket} and {@code FrameSender} do I/O. Nothing grows with what a peer says but only with what it
 * sends, up to a limit.
 */
@NullMarked
package dev.rondo.http.websocket;

import org.jspecify.annotations.NullMarked;
