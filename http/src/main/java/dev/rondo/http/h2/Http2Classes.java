package dev.rondo.http.h2;

import dev.rondo.http.Headers;
import dev.rondo.http.encoding.FirstUse;
import dev.rondo.http.h1.RequestHead;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.eclipse.jetty.http2.parser.Parser;
import org.eclipse.jetty.io.ByteBufferPool;

/** Has Jetty's classes for HTTP/2 initialised off the loop, as {@code JettyClasses} of h1 has its. */
final class Http2Classes {

    private static volatile boolean initialised; // true once and for all; any thread

    private Http2Classes() {}

    /** Returns when they are initialised; suspends as {@link FirstUse#run}. */
    static void initialise() {
        if (!initialised) {
            FirstUse.run(Once::run);
        }
    }

    /** The JVM initialises a class once, and has other threads wait meanwhile. */
    private static final class Once {

        static {
            try {
                RequestHead head = new RequestHead("GET", "/", true, Headers.of("Host", "localhost", "X-A", "b"));
                var block = new HeadEncoder().encode(HeadEncoder.fields(head, "http"));
                new HpackDecoder(1024, () -> 0).decode(block);
                new Parser(ByteBufferPool.NON_POOLING, 1024).init(new Parser.Listener() {});
                initialised = true;
            } catch (Exception e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        static void run() {}
    }
}
