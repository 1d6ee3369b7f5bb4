package dev.rondo.http.h2;

import static dev.rondo.Asyncio.run;

import dev.rondo.Asyncio;
import dev.rondo.http.Headers;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A server with prior knowledge that h2spec can be pointed at. */
final class H2specServer {

    private H2specServer() {}

    static final StreamHandler HELLO = stream -> {
        while (stream.readContent() != null) {
            // the whole request first
        }
        stream.sendHead(new ResponseHead(200, "", true, Headers.of("Content-Type", "text/plain")), false);
        stream.write(ByteBuffer.wrap("hello, world".getBytes(java.nio.charset.StandardCharsets.US_ASCII)), true);
    };

    static void serve(Listener listener) throws IOException {
        for (; ; ) {
            var stream = listener.accept();
            Asyncio.createTask(() ->
                    Http2Connection.server(stream, Http2Options.SERVER, HELLO).awaitClosed());
        }
    }

    public static void main(String[] args) throws IOException {
        run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", Integer.parseInt(args[0]))) {
                serve(listener);
            }
        });
    }
}
