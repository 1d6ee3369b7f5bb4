package dev.rondo.http.websocket;

import dev.rondo.http.encoding.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Puts a message together out of its pieces: inflates, checks UTF-8, and counts. Grows with what has come only. */
final class Assembly {

    private static final int FIRST_BYTES = 1024;
    private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8;

    private final @Nullable PerMessageDeflate deflate;
    private final int maxBytes;
    private final Utf8Check utf8 = new Utf8Check();
    private byte[] bytes = new byte[0];
    private int length;

    /**
     * Makes one for one connection.
     *
     * @param maxBytes of a message, inflated; 0 for no limit
     */
    Assembly(@Nullable PerMessageDeflate deflate, int maxBytes) {
        this.deflate = deflate;
        this.maxBytes = maxBytes == 0 ? MAX_ARRAY_BYTES : maxBytes;
    }

    /** Adds the piece that the parser has found; returns the message if that was all. */
    @Nullable WebSocketMessage add(FrameParser frame) throws WebSocketException {
        boolean last = frame.endOfMessage();
        int checked = length;
        if (frame.compressed() && deflate != null) {
            deflate.inflate(frame.content(), last, this);
        } else {
            append(frame.content());
        }
        if (frame.text() && (!utf8.accepts(bytes, checked, length) || last && !utf8.end())) {
            throw new WebSocketException(CloseCode.INVALID_TEXT, "a text that is not UTF-8");
        }
        return last ? take(frame.text()) : null;
    }

    private void append(ByteBuffer piece) throws WebSocketException {
        int count = piece.remaining();
        ensureRoom(count);
        piece.get(bytes, length, count);
        length += count;
    }

    /** Returns the array to put more bytes into, behind {@link #length()}: it has room for one byte at least. */
    byte[] room() throws WebSocketException {
        ensureRoom(1);
        return bytes;
    }

    int length() {
        return length;
    }

    /** Tells that so many bytes were put behind the others. */
    void added(int count) {
        length += count;
    }

    /** Returns whether the message is as large as it may be. */
    boolean full() {
        return length == maxBytes;
    }

    WebSocketException tooLarge() {
        return new WebSocketException(
                CloseCode.MESSAGE_TOO_BIG,
                "a message of more than " + maxBytes
                        + " bytes: raise WebSocketOptions.maxMessageBytes if that is wanted");
    }

    private void ensureRoom(int count) throws WebSocketException {
        if (count > maxBytes - length) {
            throw tooLarge();
        }
        if (count > bytes.length - length) {
            long wanted = Math.max(Math.max(bytes.length * 2L, length + (long) count), FIRST_BYTES);
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, maxBytes));
        }
    }

    private WebSocketMessage take(boolean text) {
        WebSocketMessage message;
        if (text) {
            message = new WebSocketMessage.Text(Utf8.decode(bytes, 0, length));
        } else {
            message = new WebSocketMessage.Binary(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        }
        bytes = new byte[0];
        length = 0;
        return message;
    }
}
