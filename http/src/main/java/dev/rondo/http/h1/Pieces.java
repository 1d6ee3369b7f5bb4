package dev.rondo.http.h1;

import java.nio.ByteBuffer;

/**
 * A large body is written in pieces, so that the limit on a write is one on the other side's silence, and not on the
 * body's length.
 */
public final class Pieces {

    /** How large a piece is, at most. */
    public static final int BYTES = 64 * 1024;

    private Pieces() {}

    /** Takes the next piece off the bytes that remain; an empty one if none do. */
    public static ByteBuffer take(ByteBuffer bytes) {
        int length = Math.min(bytes.remaining(), BYTES);
        ByteBuffer piece = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return piece;
    }
}
