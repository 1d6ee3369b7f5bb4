/**
 * HTTP/1.1 on a byte stream; not exported.
 *
 * <pre>
 *   Http1Connection        one per stream: reads heads and bodies, writes them, knows whether it can be used again
 *     ├─ MessageParser     bytes to events   ◀── RequestParser, ResponseParser (over Jetty's HttpParser)
 *     ├─ MessageWriter     messages to bytes (over Jetty's HttpGenerator)
 *     ├─ BodyWriter        a body, held to the length that its head announced
 *     └─ BufferPool        read buffers of the connections that are at work
 * </pre>
 *
 * <p>Parser and writer never touch a stream, so that every way to slice the bytes can be tried. Jetty's types do not
 * leave this package.
 */
@NullMarked
package dev.rondo.http.h1;

import org.jspecify.annotations.NullMarked;
