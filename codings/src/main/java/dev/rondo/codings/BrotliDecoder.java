package dev.rondo.codings;

import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.encoding.ContentDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Undoes br by Google's own library. The format's windows are of at most 16 MiB; those of its "large window" variant
 * are refused.
 */
final class BrotliDecoder implements ContentDecoder {

    private static final int INPUT_BYTES = 8 * 1024;

    private DecoderJNI.@Nullable Wrapper decoder; // null before the first byte, and once closed
    private boolean closed;

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        if (closed) {
            throw new IllegalStateException("this decoder is closed");
        }
        if (decoder == null) {
            if (!in.hasRemaining()) {
                return 0;
            }
            decoder = open();
        }
        int before = out.position();
        while (out.hasRemaining() && step(decoder, in, out)) {}
        return out.position() - before;
    }

    private static DecoderJNI.Wrapper open() {
        try {
            var opened = new DecoderJNI.Wrapper(INPUT_BYTES);
            OffHeap.held();
            return opened;
        } catch (IOException e) {
            throw new OutOfMemoryError("no memory for a brotli decoder: " + e.getMessage());
        }
    }

    /** Goes on by a step; returns false if it needs more bytes, or none any more. */
    private static boolean step(DecoderJNI.Wrapper decoder, ByteBuffer in, ByteBuffer out)
            throws ContentDecodingException {
        if (decoder.hasOutput()) {
            out.put(decoder.pull(out.remaining()));
            return true;
        }
        switch (decoder.getStatus()) {
            case NEEDS_MORE_INPUT -> {
                if (!in.hasRemaining()) {
                    return false;
                }
                decoder.push(OffHeap.move(in, decoder.getInputBuffer().clear()));
            }
            case OK, NEEDS_MORE_OUTPUT -> decoder.push(0);
            case DONE -> {
                if (in.hasRemaining()) {
                    throw new ContentDecodingException("bytes follow the end of the brotli body", null);
                }
                return false;
            }
            case ERROR ->
                throw new ContentDecodingException("the brotli body is damaged, or bytes follow its end", null);
        }
        return true;
    }

    @Override
    public void end() throws ContentDecodingException {
        if (decoder != null && decoder.getStatus() != DecoderJNI.Status.DONE) {
            throw new ContentDecodingException("the brotli body ends in the middle", null);
        }
    }

    @Override
    public void close() {
        closed = true;
        DecoderJNI.Wrapper freed = decoder;
        decoder = null;
        if (freed != null) {
            freed.destroy();
            OffHeap.freed();
        }
    }
}
