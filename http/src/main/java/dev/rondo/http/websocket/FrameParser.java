package dev.rondo.http.websocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Turns bytes into frames (RFC 6455 §5), and watches that they follow each other as they may; does no I/O. Payload is
 * handed on as it comes, so this holds no more than the 125 bytes of a control frame.
 *
 * <pre>
 *   HEADER ── 2 to 14 bytes ──▶ PAYLOAD ── PIECE, PIECE … ──▶ HEADER      text, binary and what continues them
 *                                  └─────── CONTROL ────────▶ HEADER      close, ping, pong: all at once
 * </pre>
 */
final class FrameParser {

    enum Event {
        /** All bytes given are used up. */
        NEED_BYTES,
        /** A piece of a message: {@link #content()}, empty at times. */
        PIECE,
        /** A whole close, ping or pong: {@link #opcode()} and {@link #content()}. */
        CONTROL
    }

    private static final int MAX_CONTROL_BYTES = 125;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final boolean fromClient; // then, and only then, frames are masked
    private final boolean mayCompress;
    private final long maxMessageBytes;

    private final ByteBuffer header = ByteBuffer.allocate(14);
    private final ByteBuffer control = ByteBuffer.allocate(MAX_CONTROL_BYTES);
    private int headerBytes = 2; // as far as known
    private ByteBuffer content = NOTHING;

    // Of the present frame.
    private boolean inPayload;
    private boolean fin;
    private int opcode;
    private long left; // of the payload, not yet come
    private int mask;

    // Of the present message, across its frames.
    private boolean inMessage;
    private boolean text;
    private boolean compressed;
    private long messageBytes; // as announced by the frames so far, deflated if they are

    /**
     * Makes a parser for one connection.
     *
     * @param maxMessageBytes for the frames of a message together; 0 for no limit
     */
    FrameParser(boolean fromClient, boolean mayCompress, long maxMessageBytes) {
        this.fromClient = fromClient;
        this.mayCompress = mayCompress;
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * Takes bytes up to the next event.
     *
     * @param in has an array that may be written to: payload is unmasked where it is
     * @throws WebSocketException if the bytes are no frames, or of a message that is too large
     */
    Event next(ByteBuffer in) throws WebSocketException {
        if (!inPayload && !readHeader(in)) {
            return Event.NEED_BYTES;
        }
        if (left > 0 && !in.hasRemaining()) {
            return Event.NEED_BYTES;
        }
        ByteBuffer piece = take(in);
        if (Opcode.isControl(opcode)) {
            control.put(piece);
            if (left > 0) {
                return Event.NEED_BYTES;
            }
            content = control.flip();
            inPayload = false;
            return Event.CONTROL;
        }
        content = piece;
        inPayload = left > 0;
        inMessage = inPayload || !fin;
        return Event.PIECE;
    }

    // ----------------------------------------------------------------------------------------------------- header

    private boolean readHeader(ByteBuffer in) throws WebSocketException {
        while (header.position() < headerBytes) {
            if (!in.hasRemaining()) {
                return false;
            }
            header.put(in.get());
            if (header.position() == 2) {
                checkFirstTwo(header.get(0), header.get(1)); // at once: a bad frame's payload may never come
            }
        }
        int length = header.get(1) & 0x7f;
        left = length < 126 ? length : length == 126 ? header.getShort(2) & 0xffff : header.getLong(2);
        checkLength(length);
        mask = fromClient ? header.getInt(headerBytes - 4) : 0;
        if (!Opcode.isControl(opcode)) {
            beginFrameOfMessage();
        } else {
            control.clear();
        }
        header.clear();
        headerBytes = 2;
        inPayload = true;
        return true;
    }

    private void checkFirstTwo(int first, int second) throws WebSocketException {
        fin = (first & 0x80) != 0;
        opcode = first & 0x0f;
        boolean rsv1 = (first & 0x40) != 0;
        boolean masked = (second & 0x80) != 0;
        int length = second & 0x7f;
        if (!Opcode.isKnown(opcode)) {
            throw violation("unknown opcode " + opcode);
        }
        if ((first & 0x30) != 0 || rsv1 && !mayCompress) {
            throw violation("a reserved bit is set, and no extension was agreed on that gives it a meaning");
        }
        if (rsv1 && opcode != Opcode.TEXT && opcode != Opcode.BINARY) {
            throw violation("only the first frame of a message may be marked as compressed");
        }
        if (masked != fromClient) {
            throw violation(masked ? "a server's frame is masked" : "a client's frame is not masked");
        }
        if (Opcode.isControl(opcode)) {
            if (!fin) {
                throw violation("a control frame in fragments");
            }
            if (length > MAX_CONTROL_BYTES) {
                throw violation("a control frame of more than " + MAX_CONTROL_BYTES + " bytes");
            }
        } else if (opcode == Opcode.CONTINUATION ? !inMessage : inMessage) {
            throw violation(
                    inMessage ? "a message begins inside another one" : "a continuation without a message before it");
        } else if (opcode != Opcode.CONTINUATION) {
            text = opcode == Opcode.TEXT;
            compressed = rsv1;
        }
        headerBytes = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (masked ? 4 : 0);
    }

    private void checkLength(int shortLength) throws WebSocketException {
        if (left < 0) {
            throw violation("a frame of more than 2^63 bytes");
        }
        if (shortLength == 126 && left < 126 || shortLength == 127 && left < 0x10000) {
            throw violation("the length of a frame takes more bytes than it needs");
        }
    }

    private void beginFrameOfMessage() throws WebSocketException {
        if (!inMessage) {
            messageBytes = 0;
            inMessage = true;
        }
        if (maxMessageBytes > 0 && left > maxMessageBytes - messageBytes) {
            throw new WebSocketException(
                    CloseCode.MESSAGE_TOO_BIG,
                    "a message of more than " + maxMessageBytes
                            + " bytes: raise WebSocketOptions.maxMessageBytes if that is wanted");
        }
        messageBytes += left;
    }

    private static WebSocketException violation(String what) {
        return new WebSocketException(CloseCode.PROTOCOL_ERROR, "the peer broke the WebSocket protocol: " + what);
    }

    // ---------------------------------------------------------------------------------------------------- payload

    private ByteBuffer take(ByteBuffer in) {
        int count = (int) Math.min(left, in.remaining());
        ByteBuffer piece = in.slice(in.position(), count);
        in.position(in.position() + count);
        left -= count;
        if (fromClient) {
            applyMask(piece, mask);
            mask = Integer.rotateLeft(mask, 8 * (count & 3)); // the next piece begins at that byte of the mask
        }
        return piece;
    }

    /** Changes the bytes from position to limit; the first goes with the mask's highest byte. */
    static void applyMask(ByteBuffer bytes, int mask) {
        bytes.order(ByteOrder.BIG_ENDIAN);
        long twice = (long) mask << 32 | mask & 0xffffffffL;
        int i = bytes.position();
        int end = bytes.limit();
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            bytes.putLong(i, bytes.getLong(i) ^ twice);
        }
        for (int shift = 24; i < end; i++, shift = shift - 8 & 31) {
            bytes.put(i, (byte) (bytes.get(i) ^ mask >>> shift));
        }
    }

    // --------------------------------------------------------------------------------------- of the last event

    /** Returns the payload; good until the bytes it came from are overwritten, or the next call. */
    ByteBuffer content() {
        return content;
    }

    int opcode() {
        return opcode;
    }

    /** Returns whether the message is a text, not binary. */
    boolean text() {
        return text;
    }

    /** Returns whether the message is deflated. */
    boolean compressed() {
        return compressed;
    }

    /** Returns whether the last piece ended its message. */
    boolean endOfMessage() {
        return !inMessage;
    }
}
