package dev.rondo.http.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.ContentDecodingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDecoderTest {

    private static final byte[] TEXT = text();

    private static byte[] text() {
        var random = new Random(7);
        var text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("line ").append(random.nextInt(1000)).append(" of the page\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    // ------------------------------------------------------------------------------------------------------ gzip

    @ParameterizedTest
    @CsvSource({"1,1", "1,100000", "2,7", "3,3", "64,1", "1000,1000", "100000,100000"})
    void gzipComesOutTheSameHoweverItIsSliced(int inBytes, int outBytes) throws Exception {
        assertThat(decode("gzip", gzip(TEXT), inBytes, outBytes)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "5,9", "100000,100000"})
    void gzipMembersFollowOneAnother(int inBytes, int outBytes) throws Exception {
        byte[] members = concat(gzip(bytes("one ")), gzip(new byte[0]), gzip(bytes("two ")), gzip(TEXT));
        assertThat(decode("gzip", members, inBytes, outBytes)).isEqualTo(concat(bytes("one two "), TEXT));
    }

    @ParameterizedTest
    @CsvSource({"1", "4", "1000"})
    void gzipHeaderMayHaveAllItsOptionalParts(int inBytes) throws Exception {
        byte[] plain = gzip(bytes("hello"));
        byte[] header = {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3, /* extra */ 3, 0, 9, 9, 9};
        byte[] full = concat(
                header,
                bytes("name"),
                new byte[] {0},
                bytes("comment"),
                new byte[] {0}, /* crc16 */
                new byte[] {1, 2},
                Arrays.copyOfRange(plain, 10, plain.length));
        assertThat(decode("x-gzip", full, inBytes, 100)).isEqualTo(bytes("hello"));
    }

    @Test
    void whatFollowsTheLastGzipMemberIsNotLookedAt() throws Exception {
        assertThat(decode("gzip", concat(gzip(bytes("hello")), new byte[20]), 7, 100))
                .isEqualTo(bytes("hello"));
        assertThat(decode("gzip", concat(gzip(bytes("hello")), bytes("garbage")), 7, 100))
                .isEqualTo(bytes("hello"));
    }

    @Test
    void anEmptyBodyIsAnEmptyBodyInAnyCoding() throws Exception {
        assertThat(decode("gzip", new byte[0], 1, 1)).isEmpty();
        assertThat(decode("deflate", new byte[0], 1, 1)).isEmpty();
    }

    @Test
    void gzipCutShortIsAnErrorWhereverItIsCut() throws Exception {
        byte[] whole = gzip(bytes("hello, hello, hello"));
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> decode("gzip", cut, 100, 100))
                    .as("cut at %d", length)
                    .isInstanceOf(ContentDecodingException.class);
        }
    }

    @Test
    void damagedGzipIsAnError() throws Exception {
        byte[] whole = gzip(TEXT);
        for (int i : new int[] {0, 1, 2, whole.length / 2, whole.length - 5, whole.length - 1}) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x55;
            assertThatThrownBy(() -> decode("gzip", damaged, 1000, 1000))
                    .as("damaged at %d of %d", i, whole.length)
                    .isInstanceOf(ContentDecodingException.class);
        }
        assertThatThrownBy(() -> decode("gzip", bytes("<html>not gzip"), 1000, 1000))
                .hasMessageContaining("does not begin like it");
    }

    @Test
    void aBombComesOutNoFasterThanItIsAskedFor() throws Exception {
        byte[] bomb = gzip(new byte[5_000_000]);
        var decoder = ContentDecoder.forHeader("gzip", made -> {});
        ByteBuffer in = ByteBuffer.wrap(bomb);
        ByteBuffer out = ByteBuffer.allocate(1000);
        for (int i = 0; i < 10; i++) {
            assertThat(decoder.decode(in, out.clear())).isEqualTo(1000);
        }
        assertThat(in.position()).isLessThan(1000);
        decoder.close();
    }

    // --------------------------------------------------------------------------------------------------- deflate

    @ParameterizedTest
    @CsvSource({"1,1", "2,7", "1000,1000", "100000,100000"})
    void deflateMayBeInTheZlibFormatOrBare(int inBytes, int outBytes) throws Exception {
        assertThat(decode("deflate", deflate(TEXT, false), inBytes, outBytes)).isEqualTo(TEXT);
        assertThat(decode("deflate", deflate(TEXT, true), inBytes, outBytes)).isEqualTo(TEXT);
    }

    @Test
    void deflateOfVeryLittleIsRecognised() throws Exception {
        for (String text : new String[] {"", "a", "ab"}) {
            assertThat(decode("deflate", deflate(bytes(text), false), 1, 1)).isEqualTo(bytes(text));
            assertThat(decode("deflate", deflate(bytes(text), true), 1, 1)).isEqualTo(bytes(text));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deflateCutShortIsAnError(boolean bare) throws Exception {
        byte[] whole = deflate(bytes("hello, hello, hello"), bare);
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> decode("deflate", cut, 100, 100)).isInstanceOf(ContentDecodingException.class);
        }
    }

    @Test
    void damagedDeflateIsAnError() {
        assertThatThrownBy(() -> decode("deflate", bytes("<html>not deflate at all, really not"), 5, 100))
                .isInstanceOf(ContentDecodingException.class);
    }

    // --------------------------------------------------------------------------------------------------- choosing

    @Test
    void nothingIsUndoneWhereNothingWasDone() throws Exception {
        assertThat(ContentDecoder.forHeader(null, made -> {})).isNull();
        assertThat(ContentDecoder.forHeader("", made -> {})).isNull();
        assertThat(ContentDecoder.forHeader("Identity", made -> {})).isNull();
    }

    @Test
    void codingsAreNamedInAnyCase() throws Exception {
        assertThat(decode("GZip", gzip(TEXT), 100, 100)).isEqualTo(TEXT);
        assertThat(decode("identity, gzip", gzip(TEXT), 100, 100)).isEqualTo(TEXT);
    }

    @Test
    void anUnknownCodingIsNamedAtTheFirstByte() throws Exception {
        assertThat(decode("br", new byte[0], 100, 100)).isEmpty();
        assertThatThrownBy(() -> decode("br", TEXT, 100, 100))
                .isInstanceOf(ContentDecodingException.class)
                .hasMessageContaining("content coding br");
        assertThatThrownBy(() -> decode("gzip, gzip", TEXT, 100, 100)).isInstanceOf(ContentDecodingException.class);
    }

    // ---------------------------------------------------------------------------------------------------- helpers

    private static byte[] decode(String coding, byte[] bytes, int inBytes, int outBytes) throws Exception {
        var whole = new ByteArrayOutputStream();
        try (var decoder = ContentDecoder.forHeader(coding, made -> {})) {
            var out = ByteBuffer.allocate(outBytes);
            for (int i = 0; i < bytes.length; i += inBytes) {
                // As the connection does it: a read-only view of a direct buffer that is used again.
                ByteBuffer in = ByteBuffer.allocateDirect(inBytes);
                in.put(bytes, i, Math.min(inBytes, bytes.length - i)).flip();
                for (int count; (count = decoder.decode(in = in.asReadOnlyBuffer(), out.clear())) > 0; ) {
                    whole.write(out.array(), 0, count);
                }
                assertThat(in.hasRemaining()).isFalse();
            }
            decoder.end();
            for (int count; (count = decoder.decode(ByteBuffer.allocate(0), out.clear())) > 0; ) {
                whole.write(out.array(), 0, count);
            }
        }
        return whole.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] bytes, boolean bare) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var deflate = new DeflaterOutputStream(out, new Deflater(6, bare))) {
            deflate.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
