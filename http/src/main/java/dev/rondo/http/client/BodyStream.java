package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.encoding.ContentDecoder;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response, decoded, piece by piece: nothing is read from the network before somebody asks for it. In
 * aiohttp: {@code response.content}, a {@code StreamReader}.
 *
 * <p>For the coroutines of the session's loop, one at a time.
 */
public final class BodyStream {

    private static final int CHUNK_BYTES = 16 * 1024;
    private static final int FIRST_GUESS_BYTES = 16 * 1024;

    /** What a server may make us set aside on its word alone. */
    private static final int MAX_TRUSTED_BYTES = 1024 * 1024;

    private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8;

    /** So much may come out before the ratio is looked at: little is no bomb. */
    private static final int RATIO_FROM_BYTES = 1024 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ResponseBody body;
    private final @Nullable ContentDecoder decoder; // null: the bytes are as sent
    private final int ratioBetween; // of what comes out between two codings; is not lifted
    private Limits limits;
    private ByteBuffer piece = NOTHING; // what is left of the last one received
    private long decodedBytes;
    private boolean ended; // as sent
    private boolean drained; // as decoded; the decoder is closed
    private boolean closed;

    /**
     * Makes it at the start of the body. Suspends as {@link dev.rondo.http.encoding.Codings#initialise}.
     *
     * @param contentEncoding the codings that it comes in, or null for none
     */
    BodyStream(ResponseBody body, @Nullable String contentEncoding, Limits limits) {
        this.body = body;
        this.limits = limits;
        this.ratioBetween = limits.ratio();
        this.decoder = ContentDecoder.forHeader(contentEncoding, this::ensureBetweenWithinLimits);
    }

    /** Gives out the exchange: {@link ResponseBody#takeUpgraded}. */
    Exchange takeUpgraded() {
        return body.takeUpgraded();
    }

    /**
     * Reads what is there, at least one byte, into {@code dst}. Suspends while nothing is there.
     *
     * <p>On a cancel or a failure the connection is closed, and the body cannot be read any further.
     *
     * @return the number of bytes read, at least 1; or -1 at the end of the body
     * @throws IllegalArgumentException if {@code dst} has no room
     * @throws IllegalStateException if the response has been closed
     * @throws dev.rondo.http.TruncatedBodyException if the connection ends before the body does
     * @throws dev.rondo.http.ConnectionClosedException if the response is closed while this waits
     * @throws TooLargeException if the decoded body is larger than {@link Limits} allow
     * @throws dev.rondo.http.ContentDecodingException if it is not in the coding it claims, or in one not known here
     * @throws dev.rondo.http.HttpTimeoutException if it comes too slowly
     */
    public int read(ByteBuffer dst) throws HttpException {
        if (!dst.hasRemaining()) {
            throw new IllegalArgumentException("no room in " + dst);
        }
        if (closed) {
            throw new IllegalStateException("the response is closed: read its body before that");
        }
        boolean done = false;
        try {
            int count = transfer(dst);
            done = true;
            return count;
        } finally {
            if (!done) {
                body.abandon();
                close();
            }
        }
    }

    /**
     * Reads what is there, at least one byte. Suspends while nothing is there; cancel and failures as {@link #read}. In
     * aiohttp: {@code readany}, and a step of {@code iter_any}.
     *
     * @return at most 16 KiB, or null at the end of the body
     */
    public byte @Nullable [] readChunk() throws HttpException {
        var chunk = new byte[CHUNK_BYTES];
        int count = read(ByteBuffer.wrap(chunk));
        return count < 0 ? null : Arrays.copyOf(chunk, count);
    }

    /**
     * Returns the pieces that are still to come, for a plain {@code for}: each as {@link #readChunk} returns it, and
     * each step suspends until one is there. To leave the loop early loses nothing. In aiohttp: {@code iter_any}.
     *
     * @throws UncheckedIOException from each step, for what {@link #read} throws
     */
    public Iterable<byte[]> chunks() {
        return () -> new Iterator<>() {
            private byte @Nullable [] next; // read, and not given away

            @Override
            public boolean hasNext() {
                try {
                    next = next == null ? readChunk() : next;
                } catch (HttpException e) {
                    throw new UncheckedIOException(e);
                }
                return next != null;
            }

            @Override
            public byte[] next() {
                byte[] given = hasNext() ? next : null;
                if (given == null) {
                    throw new NoSuchElementException("the body has ended");
                }
                next = null;
                return given;
            }
        };
    }

    /** Returns the length that the head announced, in bytes as sent, or -1. */
    long announcedBytes() {
        return body.announcedBytes();
    }

    /** Returns how many bytes of the body have come, as sent; from any state. */
    public long receivedBytes() {
        return body.receivedBytes();
    }

    // ------------------------------------------------------------------------------------------------------ pieces

    private int transfer(ByteBuffer dst) throws HttpException {
        for (; ; ) {
            int count = decode(dst);
            if (count > 0) {
                decodedBytes += count;
                ensureWithinLimits();
                return count;
            }
            if (!nextPiece()) {
                return -1;
            }
        }
    }

    private int decode(ByteBuffer dst) throws HttpException {
        if (decoder != null) {
            return drained ? 0 : decoder.decode(piece, dst);
        }
        int count = Math.min(piece.remaining(), dst.remaining());
        dst.put(dst.position(), piece, piece.position(), count);
        dst.position(dst.position() + count);
        piece.position(piece.position() + count);
        return count;
    }

    /** Gets the next piece, the last one having been used up; returns false if there is nothing more to decode. */
    private boolean nextPiece() throws HttpException {
        if (ended) {
            drained = true;
            if (decoder != null) {
                decoder.close();
            }
            return false;
        }
        ByteBuffer next = body.next();
        piece = next == null ? NOTHING : next;
        if (next == null) {
            ended = true;
            if (decoder != null) {
                decoder.end();
                return true; // what it has held back
            }
        }
        return next != null;
    }

    private void ensureWithinLimits() throws TooLargeException {
        ensureWithin(limits.bodyBytes(), decoder == null ? 0 : limits.ratio(), decodedBytes);
    }

    /** Between two codings as much may come out as at the end: what is small there may have been large here. */
    private void ensureBetweenWithinLimits(long bytes) throws TooLargeException {
        ensureWithin(limits.bodyBytes(), ratioBetween, bytes);
    }

    private void ensureWithin(long maxBytes, int maxRatio, long bytes) throws TooLargeException {
        if (maxBytes > 0 && bytes > maxBytes) {
            throw new TooLargeException(
                    "a body of more than " + maxBytes + " bytes decoded: raise Limits.bodyBytes if that is wanted");
        }
        if (maxRatio > 0 && bytes > RATIO_FROM_BYTES && bytes / maxRatio > body.receivedBytes()) {
            throw new TooLargeException("a compressed body that grows more than " + maxRatio
                    + " times: raise Limits.ratio if that is wanted");
        }
    }

    /** Returns whether anything has been read. */
    boolean begun() {
        return decodedBytes > 0 || ended;
    }

    /** Takes the limits on the whole away: for a stream that has no end, and a reader that bounds its parts. */
    void liftLimits() {
        limits = limits.withBodyBytes(0).withRatio(0);
    }

    boolean closed() {
        return closed;
    }

    /** Gives the connection up or back, and frees the decoder. */
    void close() {
        closed = true;
        piece = NOTHING;
        if (decoder != null) {
            decoder.close();
        }
        body.close();
    }

    // ------------------------------------------------------------------------------------------------- all of it

    /** The whole body: {@code length} bytes of an array that may be longer. */
    record Whole(byte[] bytes, int length) {}

    /** Reads the rest. Suspends. */
    Whole readAll() throws HttpException {
        var bytes = new byte[guessBytes()];
        int length = 0;
        for (; ; ) {
            if (length == bytes.length) {
                if (decoder == null && !piece.hasRemaining() && !nextPiece()) {
                    return new Whole(bytes, length);
                }
                bytes = grown(bytes);
            }
            int count = read(ByteBuffer.wrap(bytes, length, bytes.length - length));
            if (count < 0) {
                return new Whole(bytes, length);
            }
            length += count;
        }
    }

    private static byte[] grown(byte[] bytes) throws TooLargeException {
        if (bytes.length == MAX_ARRAY_BYTES) {
            throw new TooLargeException("a body of more than " + MAX_ARRAY_BYTES + " bytes: read it by content()");
        }
        return Arrays.copyOf(bytes, (int) Math.min(bytes.length * 2L, MAX_ARRAY_BYTES));
    }

    private int guessBytes() {
        long announced = body.announcedBytes();
        if (announced < 0) {
            return FIRST_GUESS_BYTES;
        }
        long guess = decoder == null ? announced : announced * 4; // what text usually comes to
        return Math.clamp(guess, 1, MAX_TRUSTED_BYTES);
    }
}
