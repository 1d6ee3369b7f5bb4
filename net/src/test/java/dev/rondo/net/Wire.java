package dev.rondo.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Two ends of a connection over loopback, and short ways to move text. */
record Wire(ByteStream client, ByteStream server) implements AutoCloseable {

    static Wire open() throws IOException {
        try (Listener listener = Net.listen("127.0.0.1", 0)) {
            ByteStream client = Net.connectTcp("127.0.0.1", listener.port());
            return new Wire(client, listener.accept());
        }
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    static void send(ByteStream stream, String text) throws IOException {
        stream.write(bytes(text));
    }

    /** Reads until {@code length} characters or the end have come. */
    static String receive(ByteStream stream, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && stream.read(buffer) >= 0) {
            // more
        }
        return text(buffer);
    }

    /** Returns what was read into a buffer. */
    static String text(ByteBuffer buffer) {
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    /** Returns {@code length} bytes of no simple pattern. */
    static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new java.util.Random(length).nextBytes(noise);
        return noise;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
