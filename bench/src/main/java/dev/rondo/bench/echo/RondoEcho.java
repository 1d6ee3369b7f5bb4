package dev.rondo.bench.echo;

import dev.rondo.Asyncio;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import dev.rondo.net.Protocol;
import dev.rondo.net.Server;
import dev.rondo.net.StreamReader;
import dev.rondo.net.StreamWriter;
import dev.rondo.net.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Arguments: port, {@code bytes}, {@code streams} or {@code protocol}. */
final class RondoEcho {

    private RondoEcho() {}

    static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        Asyncio.run(() -> server(args[1], port).serveForever());
    }

    private static Server server(String kind, int port) throws IOException {
        return switch (kind) {
            case "bytes" -> Net.startServer(RondoEcho::bytes, "127.0.0.1", port);
            case "streams" -> Net.startServer(RondoEcho::streams, "127.0.0.1", port);
            case "protocol" -> Net.createServer(Echo::new, "127.0.0.1", port);
            default -> throw new IllegalArgumentException("bytes, streams or protocol, not " + kind);
        };
    }

    /** By callbacks. */
    private static final class Echo implements Protocol {

        private @Nullable Transport transport; // once there is a connection

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void dataReceived(byte[] data) {
            Objects.requireNonNull(transport).write(data);
        }
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
