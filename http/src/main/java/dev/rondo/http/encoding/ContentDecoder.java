package dev.rondo.http.encoding;

import dev.rondo.http.HttpException;
import dev.rondo.http.TooLargeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Undoes a content coding, piece by piece: it never makes more bytes than it is given room for. */
public interface ContentDecoder extends AutoCloseable {

    /**
     * Decodes bytes of {@code in} into {@code out}, until one is used up or full.
     *
     * @return how many bytes were put into {@code out}; 0 if {@code in} is used up and all of it has been put out
     * @throws dev.rondo.http.ContentDecodingException if {@code in} is not in this coding
     * @throws TooLargeException if a {@link Meter} says so
     */
    int decode(ByteBuffer in, ByteBuffer out) throws HttpException;

    /**
     * Tells that no byte will follow. What has been held back comes out by {@link #decode} of an empty buffer, to be
     * called until it returns 0: only then all of it has been in order.
     *
     * @throws dev.rondo.http.ContentDecodingException if the coding's own end has not come
     */
    void end() throws HttpException;

    /** Frees memory outside the heap; idempotent. */
    @Override
    void close();

    /** How many codings a body may have. As in curl, nobody needs more than one. */
    int MAX_CODINGS = 5;

    /** Is told how much comes out between two codings, for the end may be small where the middle is a bomb. */
    @FunctionalInterface
    interface Meter {

        /**
         * Called each time that a coding which is not the last to be undone has put something out.
         *
         * @param bytes all that it has put out
         * @throws TooLargeException if that is too much; decoding ends there
         */
        void made(long bytes) throws TooLargeException;
    }

    /**
     * Returns a decoder for the value of a Content-Encoding header: of one coding or of several, which are undone from
     * the last to the first. Suspends as {@link Codings#initialise}.
     *
     * @param meter is told what is made between them
     * @return null if nothing is to be undone. If it names a coding that is not known here, or more than
     *     {@link #MAX_CODINGS}: a decoder that fails at the first byte, so that who needs only the head still gets it
     */
    static @Nullable ContentDecoder forHeader(@Nullable String contentEncoding, Meter meter) {
        if (contentEncoding == null) {
            return null;
        }
        var codings = new ArrayList<ContentCoding>();
        for (String item : contentEncoding.split(",", -1)) {
            String name = item.strip().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || name.equals("identity")) {
                continue;
            }
            ContentCoding coding = Codings.named(name);
            if (coding == null) {
                return new UnknownCoding("the content coding " + name + " is not known here: ask for"
                        + " \"Accept-Encoding: " + Codings.acceptEncoding() + "\"");
            }
            if (codings.size() == MAX_CODINGS) {
                return new UnknownCoding(
                        "more than " + MAX_CODINGS + " content codings one over the other: " + contentEncoding);
            }
            codings.add(coding);
        }
        List<ContentDecoder> decoders =
                codings.reversed().stream().map(ContentCoding::decoder).toList();
        return switch (decoders.size()) {
            case 0 -> null;
            case 1 -> decoders.getFirst();
            default -> new DecoderChain(decoders, meter);
        };
    }
}
