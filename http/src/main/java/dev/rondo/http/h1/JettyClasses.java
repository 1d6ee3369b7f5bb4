package dev.rondo.http.h1;

import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.encoding.FirstUse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Has Jetty's classes initialised off the loop. Their static initialisers write to the log; a coroutine that has to
 * wait for a lock inside an initialiser cannot be suspended, so it would stop the loop, and with it whoever holds that
 * lock, if that is a coroutine too. It takes a tenth of a second besides.
 */
public final class JettyClasses {

    private static volatile boolean initialised; // true once and for all; any thread

    private JettyClasses() {}

    /** Returns when they are initialised; suspends as {@link FirstUse#run}. */
    public static void initialise() {
        if (!initialised) {
            FirstUse.run(Once::run);
        }
    }

    /** The JVM initialises a class once, and has other threads wait meanwhile. */
    private static final class Once {

        private static final HeadLimits LIMITS = new HeadLimits(1024, 10);

        static {
            try {
                exchange();
                initialised = true;
            } catch (IOException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        static void run() {}

        private static void exchange() throws IOException {
            parse(new RequestParser(LIMITS), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            parse(new ResponseParser(LIMITS), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
            ResponseHead head = new ResponseHead(200, "OK", true, Headers.of("Content-Type", "text/plain"));
            new MessageWriter().response(head, false, true, ByteBuffer.allocate(1));
        }

        private static void parse(MessageParser<?> parser, String message) throws HttpException {
            ByteBuffer bytes = ByteBuffer.wrap(message.getBytes(StandardCharsets.ISO_8859_1));
            MessageParser.Event event;
            do {
                event = parser.next(bytes);
            } while (event != MessageParser.Event.END);
        }
    }
}
