package dev.rondo.bench.echo;

import dev.rondo.Asyncio;
import dev.rondo.net.ByteStream;
import dev.rondo.net.ClientHandler;
import dev.rondo.net.Net;
import dev.rondo.net.StreamReader;
import dev.rondo.net.StreamWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Arguments: port, {@code bytes} or {@code streams}. */
final class RondoEcho {

    private RondoEcho() {}

    static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        ClientHandler handler = switch (args[1]) {
            case "bytes" -> RondoEcho::bytes;
            case "streams" -> RondoEcho::streams;
            default -> throw new IllegalArgumentException("bytes or streams, not " + args[1]);
        };
        Asyncio.run(() -> Net.startServer(handler, "127.0.0.1", port).serveForever());
    }

    /** The stream under reader and writer, with one buffer for each connection. */
    private static void bytes(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            ByteStream stream = writer.stream();
            ByteBuffer buffer = ByteBuffer.allocateDirect(16 * 1024);
            while (stream.read(buffer) >= 0) {
                stream.write(buffer.flip());
                buffer.clear();
            }
        }
    }

    /** As one would write it in asyncio. */
    private static void streams(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            for (byte[] some; (some = reader.read(64 * 1024)).length > 0; ) {
                writer.write(some);
            }
        }
    }
}
