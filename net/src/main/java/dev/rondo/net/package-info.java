/**
 * The network as coroutines see it: plain calls that suspend until bytes have moved.
 *
 * <pre>
 *   StreamReader  StreamWriter        lines, exact lengths, text                what most programs hold (a Connection)
 *        └────┬────────┘
 *         ByteStream ◀── TlsStream ◀── SSLEngine                                 bytes in, bytes out
 *             ▲                                            Net: connect, listen, serve
 *         SocketStream   Listener   Server                 Resolver: names to addresses
 *             │             │                              AsyncFile: whole files
 *             ▼             ▼
 *         EventLoop.perform(Op) ── IoDriver                                      the seam to the operating system
 * </pre>
 *
 * <p>Everything here belongs to one loop: it is made by a coroutine of that loop and used by coroutines of that loop
 * only. There are no locks, because nothing else runs between two suspension points. What is marked "suspends" must be
 * called from a coroutine; what is not may be called from a callback as well.
 *
 * <p>What a cancel leaves behind is part of each method's contract. The rule behind all of them: <em>what has arrived
 * is never lost.</em> Bytes stay in a buffer, an accepted connection in the listener's queue.
 */
@NullMarked
package dev.rondo.net;

import org.jspecify.annotations.NullMarked;
