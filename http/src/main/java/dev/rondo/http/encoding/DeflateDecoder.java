package dev.rondo.http.encoding;

import dev.rondo.http.ContentDecodingException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The deflate coding: the zlib format (RFC 1950), and the bare deflate format (RFC 1951) that many servers send in its
 * place. The first two bytes tell which, but for one chance in a thousand that bare data looks like zlib's header.
 */
final class DeflateDecoder implements ContentDecoder {

    private static final int NONE = -1;

    private @Nullable Inflater inflater; // null until the first two bytes have come
    private int firstByte = NONE;

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        if (inflater == null) {
            inflater = choose(in);
        }
        if (inflater == null || inflater.finished()) {
            in.position(in.limit()); // nothing yet, or what follows the end
            return 0;
        }
        int before = out.position();
        try {
            do {
                inflater.setInput(in);
                inflater.inflate(out);
                if (inflater.needsDictionary()) {
                    throw new ContentDecodingException("the deflate body needs a dictionary that nobody named", null);
                }
            } while (out.position() == before && in.hasRemaining() && !inflater.finished());
        } catch (DataFormatException e) {
            throw new ContentDecodingException("the deflate body is damaged: " + e.getMessage(), e);
        }
        return out.position() - before;
    }

    private @Nullable Inflater choose(ByteBuffer in) throws ContentDecodingException {
        if (firstByte == NONE && in.hasRemaining()) {
            firstByte = in.get() & 0xff;
        }
        if (!in.hasRemaining()) {
            return null;
        }
        int secondByte = in.get(in.position()) & 0xff;
        boolean zlib = (firstByte & 0x0f) == 8 && (firstByte << 8 | secondByte) % 31 == 0;
        var chosen = new Inflater(!zlib);
        chosen.setInput(new byte[] {(byte) firstByte});
        try {
            chosen.inflate(new byte[1]); // one byte is too little for anything to come out
        } catch (DataFormatException e) {
            chosen.end();
            throw new ContentDecodingException("the deflate body is damaged: " + e.getMessage(), e);
        }
        return chosen;
    }

    @Override
    public void end() throws ContentDecodingException {
        boolean nothing = inflater == null && firstByte == NONE;
        if (!nothing && (inflater == null || !inflater.finished())) {
            throw new ContentDecodingException("the deflate body ends in the middle", null);
        }
    }

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
