package dev.rondo.http.encoding;

import dev.rondo.http.ContentDecodingException;
import java.nio.ByteBuffer;

/** Stands for what cannot be undone here: fails at the first byte, for an empty body is the same in every coding. */
final class UnknownCoding implements ContentDecoder {

    private final String message;

    UnknownCoding(String message) {
        this.message = message;
    }

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        if (in.hasRemaining()) {
            throw new ContentDecodingException(message, null);
        }
        return 0;
    }

    @Override
    public void end() {}

    @Override
    public void close() {}
}
