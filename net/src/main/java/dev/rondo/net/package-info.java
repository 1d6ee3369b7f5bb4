/**
 * The network: for coroutines, plain calls that suspend until bytes have moved; for protocols, calls back.
 *
 * <pre>
 *        coroutines                                           callbacks
 *
 *   StreamReader  StreamWriter   lines, messages         Protocol  BufferedProtocol   what the program says
 *        └────┬────────┘                                     └────┬────────┘
 *        ByteStream ◀── TlsStream ──▶ TlsCodec ◀── TlsTransport ──▶ Transport         bytes
 *             ▲                     an SSLEngine                      ▲
 *        SocketStream  PipeStream                        SocketTransport  PipeTransport
 *        UdpSocket  Subprocess  Sockets  AsyncFile       DatagramTransport  SubprocessTransport
 *             │                                                   │
 *             │              Net: connect, listen, start          │
 *             │              Server: a task or a protocol each    │
 *             ▼                                                   ▼
 *        EventLoop.perform(Op) ───────▶ IoDriver ◀──────── IoDriver.submit(Op)        the seam to the system
 * </pre>
 *
 * <p>Neither side stands on the other. The left one is for most programs; the right one for those that have protocols
 * written for asyncio, or want no stack for each connection.
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
