package dev.rondo.http.websocket;

import java.nio.ByteBuffer;

/** Turns frames into bytes (RFC 6455 §5.2); does no I/O. */
final class FrameWriter {

    static final int MAX_CONTROL_BYTES = 125;
    private static final int MAX_HEADER_BYTES = 14;

    private FrameWriter() {}

    /**
     * Returns the header of a frame that is a whole message.
     *
     * @param masked whether this is a client
     * @param mask for the payload, if so
     */
    static ByteBuffer header(int opcode, boolean compressed, int length, boolean masked, int mask) {
        ByteBuffer out = ByteBuffer.allocate(MAX_HEADER_BYTES);
        out.put((byte) (0x80 | (compressed ? 0x40 : 0) | opcode));
        int maskBit = masked ? 0x80 : 0;
        if (length < 126) {
            out.put((byte) (maskBit | length));
        } else if (length < 0x10000) {
            out.put((byte) (maskBit | 126)).putShort((short) length);
        } else {
            out.put((byte) (maskBit | 127)).putLong(length);
        }
        if (masked) {
            out.putInt(mask);
        }
        return out.flip();
    }

    /** Returns a whole close, ping or pong, to which {@code payload} is copied. */
    static ByteBuffer control(int opcode, byte[] payload, boolean masked, int mask) {
        ByteBuffer header = header(opcode, false, payload.length, masked, mask);
        ByteBuffer out = ByteBuffer.allocate(header.remaining() + payload.length);
        out.put(header);
        int begin = out.position();
        out.put(payload).position(begin);
        if (masked) {
            FrameParser.applyMask(out, mask);
        }
        return out.rewind();
    }
}
