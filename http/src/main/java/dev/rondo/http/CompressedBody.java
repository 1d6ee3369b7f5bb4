package dev.rondo.http;

import dev.rondo.Asyncio;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.encoding.ContentCoding;
import dev.rondo.http.encoding.ContentEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A body that is compressed while it is sent. */
record CompressedBody(Body body, ContentCoding coding) implements Body {

    private static final int PIECE_BYTES = 16 * 1024;

    /** Compressed in one go; then other coroutines have their turn. Takes about a millisecond. */
    private static final int SLICE_BYTES = 64 * 1024;

    static CompressedBody of(Body body, String name) {
        ContentCoding coding = Codings.named(name);
        if (coding == null) {
            throw new IllegalArgumentException(
                    "no content coding \"" + name + "\" here, but " + Codings.acceptEncoding());
        }
        if (!coding.encodes()) {
            throw new IllegalArgumentException(
                    "the content coding " + coding.name() + " can only be decoded on this machine");
        }
        return new CompressedBody(body, coding);
    }

    @Override
    public @Nullable String contentType() {
        return body.contentType();
    }

    @Override
    public String contentEncoding() {
        String before = body.contentEncoding();
        return before == null ? coding.name() : before + ", " + coding.name();
    }

    @Override
    public long length() {
        return -1;
    }

    @Override
    public boolean repeatable() {
        return body.repeatable();
    }

    @Override
    public void writeTo(Sink out) throws Exception {
        try (ContentEncoder encoder = coding.encoder()) {
            var encoding = new Encoding(encoder, out, body.length() < 0);
            body.writeTo(encoding);
            encoding.finish();
        }
    }

    @Override
    public String toString() {
        return body + " in " + coding.name();
    }

    /** Fills a piece before it is sent. */
    private static final class Encoding implements Sink {

        private final ContentEncoder encoder;
        private final Sink out;
        private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        private final boolean flushes; // what somebody writes bit by bit, somebody waits for
        private int sinceYield;

        Encoding(ContentEncoder encoder, Sink out, boolean flushes) {
            this.encoder = encoder;
            this.out = out;
            this.flushes = flushes;
        }

        @Override
        public void write(ByteBuffer from) throws HttpException {
            while (from.hasRemaining()) {
                int count = Math.min(from.remaining(), SLICE_BYTES - sinceYield);
                ByteBuffer slice = from.slice(from.position(), count);
                while (encoder.encode(slice, piece) > 0) {
                    sendIfFull();
                }
                from.position(from.position() + count);
                sinceYield += count;
                if (sinceYield == SLICE_BYTES) {
                    sinceYield = 0;
                    Asyncio.yieldNow();
                }
            }
            if (flushes) {
                while (encoder.flush(piece) > 0) {
                    sendIfFull();
                }
                send();
            }
        }

        void finish() throws HttpException {
            while (encoder.finish(piece) > 0) {
                sendIfFull();
            }
            send();
        }

        private void sendIfFull() throws HttpException {
            if (!piece.hasRemaining()) {
                send();
            }
        }

        private void send() throws HttpException {
            if (piece.flip().hasRemaining()) {
                out.write(piece);
            }
            piece.clear();
        }
    }
}
