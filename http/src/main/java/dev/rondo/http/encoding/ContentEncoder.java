package dev.rondo.http.encoding;

import java.nio.ByteBuffer;

/**
 * Applies a content coding, piece by piece: it never makes more bytes than it is given room for. Each call is repeated
 * until it returns 0; {@code out} has room in each.
 */
public interface ContentEncoder extends AutoCloseable {

    /**
     * Encodes bytes of {@code in} into {@code out}, until one is used up or full.
     *
     * @return how many bytes were put into {@code out}; 0 if {@code in} is used up and nothing comes out before there
     *     is more
     */
    int encode(ByteBuffer in, ByteBuffer out);

    /**
     * Puts out what is held back, so that the other side can decode all that has been encoded.
     *
     * @return how many bytes were put into {@code out}; 0 if all of it is out
     */
    int flush(ByteBuffer out);

    /**
     * Puts out the rest and the coding's own end; nothing may be encoded after the first call.
     *
     * @return how many bytes were put into {@code out}; 0 if all of it is out
     */
    int finish(ByteBuffer out);

    /** Frees memory outside the heap; idempotent. */
    @Override
    void close();
}
