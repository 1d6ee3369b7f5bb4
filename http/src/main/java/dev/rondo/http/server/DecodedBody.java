package dev.rondo.http.server;

import dev.rondo.http.HttpException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.encoding.ContentDecoder;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A body that was sent compressed, as what it stands for. */
final class DecodedBody implements RequestBody {

    private static final int PIECE_BYTES = 16 * 1024;
    private static final int MOST_RATIO = 200;
    private static final int RATIO_FROM_BYTES = 1024 * 1024; // little is no bomb

    private final RequestBody coded;
    private final ContentDecoder decoder;
    private final ByteBuffer out = ByteBuffer.allocate(PIECE_BYTES);
    private ByteBuffer piece = ByteBuffer.allocate(0); // what is left of the last one received
    private long receivedBytes;
    private long decodedBytes;
    private boolean ended; // as sent
    private boolean drained; // as decoded; the decoder is closed

    private DecodedBody(RequestBody coded, String contentEncoding) {
        this.coded = coded;
        this.decoder = Objects.requireNonNull(ContentDecoder.forHeader(contentEncoding, this::ensureWithin));
    }

    /**
     * Returns the body decoded; as it is if nothing is to be undone. Suspends as {@link Codings#initialise}.
     *
     * @param contentEncoding the value of the header, or null
     * @throws HttpError with status 415 if it names a coding that is not known here, or too many
     */
    static RequestBody of(RequestBody coded, @Nullable String contentEncoding) {
        if (contentEncoding == null) {
            return coded;
        }
        int codings = 0;
        for (String item : contentEncoding.split(",")) {
            String name = item.strip().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || name.equals("identity")) {
                continue;
            }
            if (Codings.named(name) == null || ++codings > ContentDecoder.MAX_CODINGS) {
                throw new HttpError(Response.text("a body in the coding " + contentEncoding + "\n")
                        .withStatus(415)
                        .withHeader("Accept-Encoding", Codings.acceptEncoding()));
            }
        }
        return codings == 0 ? coded : new DecodedBody(coded, contentEncoding);
    }

    @Override
    public @Nullable ByteBuffer next() throws HttpException {
        boolean done = false;
        try {
            ByteBuffer decoded = decode();
            done = true;
            return decoded;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private @Nullable ByteBuffer decode() throws HttpException {
        while (!drained) {
            int count = decoder.decode(piece, out.clear());
            if (count > 0) {
                decodedBytes += count;
                ensureWithin(decodedBytes);
                return out.flip().asReadOnlyBuffer();
            }
            if (ended) {
                close();
            } else {
                receive();
            }
        }
        return null;
    }

    private void receive() throws HttpException {
        ByteBuffer next = coded.next();
        if (next == null) {
            ended = true;
            piece = ByteBuffer.allocate(0);
            decoder.end(); // what it has held back comes now
        } else {
            receivedBytes += next.remaining();
            piece = next;
        }
    }

    private void ensureWithin(long bytes) throws TooLargeException {
        if (bytes > RATIO_FROM_BYTES && bytes / MOST_RATIO > receivedBytes) {
            throw new TooLargeException("a compressed body that grows more than " + MOST_RATIO + " times");
        }
    }

    @Override
    public long announcedBytes() {
        return coded.announcedBytes();
    }

    @Override
    public int maxBytes() {
        return coded.maxBytes();
    }

    /** Frees the decoder; nothing more comes. */
    @Override
    public void close() {
        drained = true;
        decoder.close();
    }
}
