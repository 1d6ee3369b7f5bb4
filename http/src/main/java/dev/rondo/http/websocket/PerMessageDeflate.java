package dev.rondo.http.websocket;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The extension permessage-deflate (RFC 7692) as agreed on for one connection. What it needs of memory outside the heap
 * (about 256 KiB to deflate, 40 KiB to inflate) it takes at the first message, and gives back in {@link #close}; or
 * after each message in the direction whose context is not kept.
 */
final class PerMessageDeflate {

    /** What a sync flush ends with; it is not sent. */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final boolean keepOwn;
    private final boolean keepPeers;
    private @Nullable Deflater deflater;
    private @Nullable Inflater inflater;
    private boolean closed;

    /**
     * Makes what was agreed on.
     *
     * @param keepOwn whether this side's messages may refer to those before
     * @param keepPeers whether the peer's may
     */
    PerMessageDeflate(boolean keepOwn, boolean keepPeers) {
        this.keepOwn = keepOwn;
        this.keepPeers = keepPeers;
    }

    // --------------------------------------------------------------------------------------------------- receiving

    /**
     * Inflates a piece of a message into {@code out}, which says when it is too much.
     *
     * @param last whether the message ends with it
     */
    void inflate(ByteBuffer piece, boolean last, Assembly out) throws WebSocketException {
        if (inflater == null) {
            inflater = new Inflater(true);
        }
        try {
            inflate(inflater, piece, out);
            if (last) {
                inflate(inflater, ByteBuffer.wrap(TAIL), out);
            }
        } catch (DataFormatException e) {
            throw new WebSocketException(
                    CloseCode.INVALID_TEXT, "a compressed message is damaged: " + e.getMessage(), e);
        }
        if (last && !keepPeers) {
            inflater.end();
            inflater = null;
        }
    }

    private static void inflate(Inflater inflater, ByteBuffer piece, Assembly out)
            throws DataFormatException, WebSocketException {
        inflater.setInput(piece);
        for (; ; ) {
            int count;
            if (out.full()) { // no fault yet: what is left to inflate may come to nothing
                count = inflater.inflate(new byte[1]);
                if (count > 0) {
                    throw out.tooLarge();
                }
            } else {
                byte[] room = out.room();
                count = inflater.inflate(room, out.length(), room.length - out.length());
            }
            out.added(count);
            if (inflater.needsDictionary()) {
                throw new DataFormatException("it needs a dictionary");
            }
            if (inflater.finished()) { // a final block may stand inside a message (RFC 7692 §7.2.3.4)
                inflater.reset();
                inflater.setInput(piece);
            } else if (count == 0 && !piece.hasRemaining()) {
                return;
            }
        }
    }

    // ----------------------------------------------------------------------------------------------------- sending

    /** Deflates messages slice by slice, so that a large one need not hold the loop up. */
    final class Deflating {

        private ByteBuffer payload;
        private byte[] out;
        private int length;

        Deflating(ByteBuffer payload) {
            this.payload = payload;
            this.out = new byte[Math.min(payload.remaining() / 2, 1 << 20) + 64];
        }

        /** Deflates at most so many bytes more; returns the whole message deflated, or null if there is more to do. */
        @Nullable ByteBuffer step(int maxBytes) {
            if (closed) {
                throw new IllegalStateException("the socket is closed");
            }
            if (deflater == null) {
                deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
            }
            int count = Math.min(maxBytes, payload.remaining());
            deflater.setInput(payload.slice(payload.position(), count));
            payload.position(payload.position() + count);
            boolean last = !payload.hasRemaining();
            int mode = last ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
            for (; ; ) {
                if (length == out.length) {
                    out = Arrays.copyOf(out, out.length * 2);
                }
                int written = deflater.deflate(out, length, out.length - length, mode);
                length += written;
                if (length < out.length) { // else there may be more
                    break;
                }
            }
            return last ? end(deflater) : null;
        }

        /** Copies what is still to be deflated, so that the array it came in may be changed. */
        void keepRest() {
            payload = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
        }

        private ByteBuffer end(Deflater used) {
            if (length >= TAIL.length && Arrays.equals(out, length - TAIL.length, length, TAIL, 0, TAIL.length)) {
                length -= TAIL.length;
            }
            if (length == 0) {
                out[length++] = 0; // RFC 7692 §7.2.3.6: an empty message is a byte of zeroes
            }
            if (!keepOwn) {
                used.end();
                deflater = null;
            }
            return ByteBuffer.wrap(out, 0, length);
        }
    }

    /** Frees the memory. Idempotent. */
    void close() {
        closed = true;
        if (deflater != null) {
            deflater.end();
            deflater = null;
        }
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }
}
