package dev.rondo.http.encoding;

import dev.rondo.http.ContentDecodingException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Undoes a content coding, piece by piece: it never makes more bytes than it is given room for. */
public interface ContentDecoder extends AutoCloseable {

    /**
     * Decodes bytes of {@code in} into {@code out}, until one is used up or full.
     *
     * @return how many bytes were put into {@code out}; 0 if {@code in} is used up and all of it has been put out
     * @throws ContentDecodingException if {@code in} is not in this coding
     */
    int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException;

    /**
     * Tells that no byte will follow.
     *
     * @throws ContentDecodingException if the coding's own end has not come
     */
    void end() throws ContentDecodingException;

    /** Frees memory outside the heap; idempotent. */
    @Override
    void close();

    /**
     * Returns a decoder for the value of a Content-Encoding header.
     *
     * @return null if nothing is to be undone. If it names a coding that is not known here, or several: a decoder that
     *     fails at the first byte, so that who needs only the head still gets it
     */
    static @Nullable ContentDecoder forHeader(@Nullable String contentEncoding) {
        if (contentEncoding == null) {
            return null;
        }
        ContentDecoder decoder = null;
        for (String coding : contentEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
            ContentDecoder next = switch (coding.strip()) {
                case "", "identity" -> null;
                case "gzip", "x-gzip" -> new GzipDecoder();
                case "deflate" -> new DeflateDecoder();
                default ->
                    new UnknownCoding("the content coding " + coding.strip() + " is not known here: ask for"
                            + " \"Accept-Encoding: gzip, deflate\"");
            };
            if (next != null && decoder != null) {
                next.close();
                decoder.close();
                return new UnknownCoding("more than one content coding: " + contentEncoding);
            }
            decoder = next != null ? next : decoder;
        }
        return decoder;
    }
}
