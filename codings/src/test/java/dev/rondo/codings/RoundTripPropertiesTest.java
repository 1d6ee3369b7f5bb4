package dev.rondo.codings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.encoding.ContentDecoder;
import dev.rondo.http.encoding.ContentEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.IntSupplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class RoundTripPropertiesTest {

    @Provide
    Arbitrary<String> codings() {
        return Arbitraries.of("gzip", "deflate", "br", "zstd", "plain br");
    }

    private static byte[] content(Random random, int length) {
        var bytes = new byte[length];
        int alphabet = 1 + random.nextInt(256); // from all the same to what cannot be compressed
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(alphabet);
        }
        return bytes;
    }

    private static IntSupplier slices(Random random, int max) {
        return () -> 1 + random.nextInt(max);
    }

    @Property(tries = 300)
    void whatIsEncodedComesBackHoweverBothAreSliced(
            @ForAll("codings") String coding,
            @ForAll @IntRange(max = 100_000) int length,
            @ForAll @IntRange(min = 1, max = 40_000) int slice,
            @ForAll long seed)
            throws Exception {
        var random = new Random(seed);
        byte[] content = content(random, length);
        int least = Math.max(slice, length / 2000);
        byte[] encoded = Coded.encode(coding, content, slices(random, least), slices(random, least));
        assertThat(Coded.decode(coding, encoded, slices(random, least), slices(random, least)))
                .isEqualTo(content);
    }

    @Property(tries = 100)
    void whatIsFlushedIsThereForTheDecoder(
            @ForAll @IntRange(max = 3) int which,
            @ForAll @IntRange(min = 1, max = 20) int pieces,
            @ForAll @IntRange(max = 40_000) int length,
            @ForAll long seed)
            throws Exception {
        String coding = new String[] {"gzip", "deflate", "br", "zstd"}[which];
        var random = new Random(seed);
        try (ContentEncoder encoder = Coded.encoder(coding);
                ContentDecoder decoder = Coded.decoder(coding)) {
            for (int i = 0; i < pieces; i++) {
                byte[] content = content(random, random.nextInt(length + 1));
                var encoded = new ByteArrayOutputStream();
                ByteBuffer in = ByteBuffer.wrap(content);
                ByteBuffer out = ByteBuffer.allocate(1 + random.nextInt(5000));
                while (encoder.encode(in, out) > 0) {
                    encoded.write(out.array(), 0, out.position());
                    out.clear();
                }
                while (encoder.flush(out) > 0) {
                    encoded.write(out.array(), 0, out.position());
                    out.clear();
                }
                ByteBuffer decoded = ByteBuffer.allocate(content.length + 1);
                ByteBuffer sent = ByteBuffer.wrap(encoded.toByteArray());
                while (decoder.decode(sent, decoded) > 0) {}
                assertThat(decoded.flip()).isEqualTo(ByteBuffer.wrap(content));
            }
        }
    }
}
