package dev.rondo.codings;

import dev.rondo.http.HttpException;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.encoding.ContentDecoder;
import dev.rondo.http.encoding.ContentEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.IntSupplier;

/** Encodes and decodes whole arrays, in slices. */
final class Coded {

    static final byte[] TEXT = text();

    private Coded() {}

    private static byte[] text() {
        var random = new Random(7);
        var text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("line ").append(random.nextInt(1000)).append(" of the page\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    static ContentDecoder decoder(String coding) {
        return coding.equals("plain br")
                ? new PlainBrotliDecoder()
                : Codings.named(coding).decoder();
    }

    static ContentEncoder encoder(String coding) {
        return Codings.named(coding.equals("plain br") ? "br" : coding).encoder();
    }

    static byte[] encode(String coding, byte[] bytes) {
        return encode(coding, bytes, () -> 8000, () -> 8000);
    }

    static byte[] encode(String coding, byte[] bytes, IntSupplier inBytes, IntSupplier outBytes) {
        var whole = new ByteArrayOutputStream();
        try (ContentEncoder encoder = encoder(coding)) {
            for (int i = 0; i < bytes.length; ) {
                ByteBuffer in = ByteBuffer.wrap(bytes, i, Math.min(inBytes.getAsInt(), bytes.length - i));
                i = in.limit();
                ByteBuffer out = ByteBuffer.allocate(outBytes.getAsInt());
                while (encoder.encode(in, out) > 0) {
                    out = taken(out, whole, outBytes);
                }
                if (in.hasRemaining()) {
                    throw new AssertionError("not used up: " + in);
                }
            }
            ByteBuffer out = ByteBuffer.allocate(outBytes.getAsInt());
            while (encoder.finish(out) > 0) {
                out = taken(out, whole, outBytes);
            }
        }
        return whole.toByteArray();
    }

    private static ByteBuffer taken(ByteBuffer out, ByteArrayOutputStream whole, IntSupplier nextBytes) {
        whole.write(out.array(), 0, out.position());
        return ByteBuffer.allocate(nextBytes.getAsInt());
    }

    static byte[] decode(String coding, byte[] bytes) throws HttpException {
        return decode(coding, bytes, () -> 8000, () -> 8000);
    }

    static byte[] decode(String coding, byte[] bytes, IntSupplier inBytes, IntSupplier outBytes) throws HttpException {
        try (ContentDecoder decoder = decoder(coding)) {
            return decode(decoder, bytes, inBytes, outBytes);
        }
    }

    static byte[] decode(ContentDecoder decoder, byte[] bytes, IntSupplier inBytes, IntSupplier outBytes)
            throws HttpException {
        var whole = new ByteArrayOutputStream();
        for (int i = 0; i < bytes.length; ) {
            int count = Math.min(inBytes.getAsInt(), bytes.length - i);
            // As the connection does it: a read-only view of a direct buffer that is used again.
            ByteBuffer used =
                    ByteBuffer.allocateDirect(count).put(bytes, i, count).flip();
            ByteBuffer in = used.asReadOnlyBuffer();
            i += count;
            drain(decoder, in, whole, outBytes);
            if (in.hasRemaining()) {
                throw new AssertionError("not used up: " + in);
            }
            used.clear();
            while (used.hasRemaining()) {
                used.put((byte) 0x55);
            }
        }
        decoder.end();
        drain(decoder, ByteBuffer.allocate(0), whole, outBytes);
        return whole.toByteArray();
    }

    private static void drain(ContentDecoder decoder, ByteBuffer in, ByteArrayOutputStream whole, IntSupplier outBytes)
            throws HttpException {
        ByteBuffer out = ByteBuffer.allocate(outBytes.getAsInt());
        while (decoder.decode(in, out) > 0) {
            out = taken(out, whole, outBytes);
        }
    }

    static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
