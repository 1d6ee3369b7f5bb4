package dev.rondo.http.websocket;

import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** One end of a WebSocket that a test writes and reads byte by byte. */
final class Wire implements AutoCloseable {

    private static final String ASKING = """
            GET / HTTP/1.1\r
            Host: x\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            %s\r
            """;

    final ByteStream stream;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 20).limit(0);

    Wire(ByteStream stream) {
        this.stream = stream;
    }

    /** Opens a socket with a server. */
    static Wire to(int port) throws IOException {
        return to(port, "");
    }

    /** Does so with more headers, each with its end of line, or with bytes right behind them. */
    static Wire to(int port, String headers) throws IOException {
        var wire = new Wire(Net.connectTcp("127.0.0.1", port));
        wire.stream.write(ByteBuffer.wrap(ASKING.formatted(headers).getBytes(StandardCharsets.ISO_8859_1)));
        wire.readHead();
        return wire;
    }

    private void readHead() throws IOException {
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) readByte());
        }
        if (!head.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException(head.toString());
        }
    }

    private int readByte() throws IOException {
        while (!in.hasRemaining()) {
            in.clear();
            int count = stream.read(in);
            in.flip();
            if (count < 0) {
                return -1;
            }
        }
        return in.get() & 0xff;
    }

    /** Writes bytes given in hex. */
    Wire send(String hex) throws IOException {
        stream.write(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
        return this;
    }

    /** Writes a frame, masked with zeroes. */
    Wire sendMasked(int firstByte, String payload) throws IOException {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        ByteBuffer header = FrameWriter.header(firstByte & 0xf, false, bytes.length, true, 0);
        header.put(0, (byte) firstByte);
        stream.write(header, ByteBuffer.wrap(bytes));
        return this;
    }

    /** Reads a frame: {@code "81:hello"}, unmasked; a close is {@code "88:1000"}; null at the end. */
    String read() throws IOException {
        int first = readByte();
        if (first < 0) {
            return null;
        }
        int second = readByte();
        long length = second & 0x7f;
        int more = length == 126 ? 2 : length == 127 ? 8 : 0;
        for (int i = 0; i < more; i++) {
            length = (i == 0 ? 0 : length << 8) | readByte();
        }
        int mask = 0;
        for (int i = 0; second >= 0x80 && i < 4; i++) {
            mask = mask << 8 | readByte();
        }
        var payload = ByteBuffer.allocate((int) length);
        while (payload.hasRemaining()) {
            int next = readByte();
            if (next < 0) {
                throw new IOException("half a frame: " + payload);
            }
            payload.put((byte) next);
        }
        FrameParser.applyMask(payload.flip(), mask);
        String name = Integer.toHexString(first) + ":";
        if (first == 0x88 && length >= 2) {
            return name + (payload.getShort() & 0xffff) + StandardCharsets.UTF_8.decode(payload);
        }
        return name + StandardCharsets.UTF_8.decode(payload);
    }

    /** Reads all frames up to the end. */
    List<String> readAll() throws IOException {
        var all = new ArrayList<String>();
        for (String frame; (frame = read()) != null; ) {
            all.add(frame);
        }
        return all;
    }

    @Override
    public void close() {
        stream.close();
    }
}
