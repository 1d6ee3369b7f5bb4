/**
 * HTTP/2 (RFC 9113) on a byte stream; not exported.
 *
 * <pre>
 *   Http2Connection        one per byte stream: settings, windows, goodbyes; has a coroutine that reads and one that writes
 *     ├─ Http2Stream       one per request: what callers read from and write to
 *     ├─ Output            frames that wait to be written, always whole
 *     ├─ FrameSource       bytes to calls of the connection (over Jetty's frame parser, which holds HPACK's decoder)
 *     ├─ HeadEncoder       heads to frames (over Jetty's HPACK encoder)  ◀── Heads: ours to Jetty's and back
 *     ├─ Turns             coroutines that wait for the same thing, first come, first served
 *     └─ FloodGuard        how often a peer may do what costs it nothing
 * </pre>
 *
 * <p>Jetty's types do not leave this package.
 */
@NullMarked
package dev.rondo.http.h2;

import org.jspecify.annotations.NullMarked;
