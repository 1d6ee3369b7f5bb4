package dev.rondo.codings;

import dev.rondo.http.ContentDecodingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Collects the start of a frame (RFC 8878 §3.1.1), byte by byte: the window that it asks for is known before any memory
 * is set aside for it.
 */
final class ZstdFrameHeader {

    /** As browsers, and as RFC 9659 has it. */
    static final long MAX_WINDOW_BYTES = 8L * 1024 * 1024;

    private static final int MAGIC = 0xfd2fb528;
    private static final int SKIPPABLE_MAGIC = 0x184d2a50; // and the 15 behind it
    private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
    private static final int[] SIZE_BYTES = {0, 2, 4, 8};

    private final ByteBuffer bytes = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN); // the longest there is

    /**
     * Takes a byte more; returns whether the header is complete.
     *
     * @param first whether this is the body's first frame
     * @throws ContentDecodingException if this is no frame, or none that may be decoded
     */
    boolean add(byte b, boolean first) throws ContentDecodingException {
        bytes.put(b);
        if (bytes.position() == 4) {
            ensureFrame(first);
        }
        if (bytes.position() < 5) {
            return false;
        }
        if (skippable()) {
            return bytes.position() == 8;
        }
        if (bytes.position() < length()) {
            return false;
        }
        ensureDecodable();
        return true;
    }

    private void ensureFrame(boolean first) throws ContentDecodingException {
        if (bytes.getInt(0) != MAGIC && !skippable()) {
            throw new ContentDecodingException(
                    first
                            ? "the body says it is zstd, but does not begin like it"
                            : "bytes follow the zstd body that are no frame of it",
                    null);
        }
    }

    /** Returns whether it is a frame of which nothing comes out. */
    boolean skippable() {
        return (bytes.getInt(0) & ~0xf) == SKIPPABLE_MAGIC;
    }

    /** Returns how many bytes follow the header of a skippable frame. */
    long skippedBytes() {
        return Integer.toUnsignedLong(bytes.getInt(4));
    }

    private int descriptor() {
        return bytes.get(4) & 0xff;
    }

    private boolean singleSegment() {
        return (descriptor() & 0x20) != 0;
    }

    private int length() {
        return 5 + (singleSegment() ? 0 : 1) + DICTIONARY_BYTES[descriptor() & 3] + sizeBytes();
    }

    private int sizeBytes() {
        int flag = descriptor() >> 6;
        return flag == 0 && singleSegment() ? 1 : SIZE_BYTES[flag];
    }

    private void ensureDecodable() throws ContentDecodingException {
        if ((descriptor() & 8) != 0) {
            throw new ContentDecodingException("the zstd body is damaged: a reserved bit is set", null);
        }
        int dictionaryAt = singleSegment() ? 5 : 6;
        for (int i = 0; i < DICTIONARY_BYTES[descriptor() & 3]; i++) {
            if (bytes.get(dictionaryAt + i) != 0) {
                throw new ContentDecodingException("the zstd body needs a dictionary that nobody named", null);
            }
        }
        long window = singleSegment() ? contentBytes() : windowBytes();
        if (Long.compareUnsigned(window, MAX_WINDOW_BYTES) > 0) {
            throw new ContentDecodingException(
                    "the zstd body asks for a window of " + Long.toUnsignedString(window) + " bytes: "
                            + MAX_WINDOW_BYTES + " is the most on the web (RFC 9659)",
                    null);
        }
    }

    private long windowBytes() {
        int descriptor = bytes.get(5) & 0xff;
        long base = 1L << (10 + (descriptor >> 3));
        return base + base / 8 * (descriptor & 7);
    }

    private long contentBytes() {
        int at = bytes.position() - sizeBytes();
        return switch (sizeBytes()) {
            case 1 -> bytes.get(at) & 0xff;
            case 2 -> (bytes.getShort(at) & 0xffff) + 256;
            case 4 -> Integer.toUnsignedLong(bytes.getInt(at));
            default -> bytes.getLong(at);
        };
    }

    /** Returns whether no byte has been added. */
    boolean isEmpty() {
        return bytes.position() == 0;
    }

    /** Puts what has been collected into a buffer, and begins anew. */
    void moveTo(ByteBuffer target) {
        target.put(bytes.flip());
        bytes.clear();
    }

    /** Begins anew. */
    void clear() {
        bytes.clear();
    }
}
