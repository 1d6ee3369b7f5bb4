package dev.rondo.http.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import dev.rondo.http.TooLargeException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodingsTest {

    private static final byte[] TEXT = text();

    private static byte[] text() {
        var random = new Random(7);
        var text = new StringBuilder();
        for (int i = 0; i < 4000; i++) {
            text.append("line ").append(random.nextInt(1000)).append(" of the page\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    // ------------------------------------------------------------------------------------------------------ encoders

    @ParameterizedTest
    @CsvSource({"gzip,1,1", "gzip,7,3", "gzip,100000,100000", "deflate,1,1", "deflate,7,3", "deflate,100000,100000"})
    void whatIsEncodedIsDecodedHoweverItIsSliced(String coding, int inBytes, int outBytes) throws Exception {
        assertThat(decode(coding, encode(coding, TEXT, inBytes, outBytes))).isEqualTo(TEXT);
        assertThat(decode(coding, encode(coding, new byte[0], inBytes, outBytes)))
                .isEmpty();
    }

    @Test
    void gzipIsWhatTheJdkReads() throws Exception {
        byte[] encoded = encode("gzip", TEXT, 1000, 1000);
        try (var in = new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(encoded))) {
            assertThat(in.readAllBytes()).isEqualTo(TEXT);
        }
        assertThat(encoded.length).isLessThan(TEXT.length / 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void whatIsFlushedCanBeDecodedAtOnce(String coding) throws Exception {
        try (var encoder = Codings.named(coding).encoder();
                var decoder = Codings.named(coding).decoder()) {
            for (String text : new String[] {"one", "two", "three"}) {
                var piece = ByteBuffer.allocate(100);
                ByteBuffer in = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (encoder.encode(in, piece) > 0) {}
                while (encoder.flush(piece) > 0) {}
                var out = ByteBuffer.allocate(100);
                piece.flip();
                while (decoder.decode(piece, out) > 0) {}
                assertThat(new String(out.array(), 0, out.position(), StandardCharsets.UTF_8))
                        .isEqualTo(text);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void aFlushEndsHoweverLittleRoomThereIs(String coding) {
        try (var encoder = Codings.named(coding).encoder()) {
            var out = ByteBuffer.allocate(1);
            int flushed = 0;
            ByteBuffer in = ByteBuffer.wrap(TEXT, 0, 10);
            while (encoder.encode(in, out.clear()) > 0) {}
            for (; flushed < 100 && encoder.flush(out.clear()) > 0; flushed++) {}
            assertThat(flushed).isBetween(5, 50);
        }
    }

    @Test
    void aBodyIsCompressedWhileItIsSent() throws Exception {
        var sent = new ByteArrayOutputStream();
        Body body = Body.of("text/plain", TEXT).compressed("GZIP");
        assertThat(body.contentType()).isEqualTo("text/plain");
        assertThat(body.contentEncoding()).isEqualTo("gzip");
        assertThat(body.length()).isEqualTo(-1);
        assertThat(body.repeatable()).isTrue();
        for (int i = 0; i < 2; i++) {
            sent.reset();
            Asyncio.run(() -> body.writeTo(piece -> {
                var bytes = new byte[piece.remaining()];
                piece.get(bytes);
                sent.writeBytes(bytes);
            }));
            assertThat(decode("gzip", sent.toByteArray())).isEqualTo(TEXT);
        }
    }

    @Test
    void aBodyMayBeCompressedTwice() throws Exception {
        Body body = Body.of(TEXT).compressed("deflate").compressed("gzip");
        var sent = new ByteArrayOutputStream();
        Asyncio.run(() -> body.writeTo(piece -> {
            var bytes = new byte[piece.remaining()];
            piece.get(bytes);
            sent.writeBytes(bytes);
        }));
        assertThat(body.contentEncoding()).isEqualTo("deflate, gzip");
        assertThat(decode("deflate, gzip", sent.toByteArray())).isEqualTo(TEXT);
    }

    @Test
    void whoAsksForACodingThatIsNotThereIsToldWhichAre() {
        assertThatThrownBy(() -> Body.text("a").compressed("lzma"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gzip, deflate");
    }

    // ------------------------------------------------------------------------------------------------- one over
    // another

    @ParameterizedTest
    @CsvSource({"1,1", "7,3", "100000,100000"})
    void codingsAreUndoneFromTheLastToTheFirst(int inBytes, int outBytes) throws Exception {
        byte[] encoded = TEXT;
        for (String coding : new String[] {"deflate", "gzip", "gzip", "deflate", "gzip"}) {
            encoded = encode(coding, encoded, 1000, 1000);
        }
        assertThat(decode("deflate, gzip,gzip , deflate, identity, gzip", encoded, inBytes, outBytes))
                .isEqualTo(TEXT);
        assertThat(decode("gzip, gzip", new byte[0])).isEmpty();
    }

    @Test
    void theOrderMatters() {
        byte[] encoded = encode("gzip", encode("deflate", TEXT, 1000, 1000), 1000, 1000);
        assertThatThrownBy(() -> decode("gzip, deflate", encoded)).isInstanceOf(HttpException.class);
    }

    @Test
    void sixCodingsAreTooMany() throws Exception {
        assertThat(decode("gzip, gzip, gzip, gzip, gzip, gzip", new byte[0])).isEmpty();
        assertThatThrownBy(() -> decode("gzip, gzip, gzip, gzip, gzip, gzip", new byte[1]))
                .hasMessageContaining("more than 5 content codings");
    }

    @Test
    void anInnerEndThatIsMissingIsAnError() {
        byte[] inner = encode("gzip", TEXT, 1000, 1000);
        byte[] cut = encode("gzip", Arrays.copyOf(inner, inner.length - 1), 1000, 1000);
        assertThatThrownBy(() -> decode("gzip, gzip", cut)).hasMessageContaining("ends in the middle");
    }

    @Test
    void aBombInTheMiddleIsMeteredThoughNothingComesOutAtTheEnd() throws Exception {
        byte[] bomb = encode("gzip", endlessName(50_000_000), 100_000, 1000);
        long[] made = {0};
        try (var decoder = ContentDecoder.forHeader("gzip, gzip", bytes -> {
            made[0] = bytes;
            if (bytes > 1_000_000) {
                throw new TooLargeException("metered");
            }
        })) {
            assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(bomb), ByteBuffer.allocate(100)))
                    .isInstanceOf(TooLargeException.class)
                    .hasMessage("metered");
        }
        assertThat(made[0]).isBetween(1_000_000L, 1_010_000L);
    }

    /** The start of a gzip member whose name does not end: nothing comes out of it. */
    private static byte[] endlessName(int length) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) 'a');
        byte[] header = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};
        System.arraycopy(header, 0, bytes, 0, header.length);
        return bytes;
    }

    // --------------------------------------------------------------------------------------------------- to choose

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "null, null",
                "'', null",
                "identity, null",
                "'gzip', gzip",
                "'x-gzip', gzip",
                "'GZip;q=0.5', gzip",
                "'gzip, deflate', gzip",
                "'gzip;q=0.5, deflate;q=0.8', deflate",
                "'gzip;q=0', null",
                "'gzip;q=0, *', deflate",
                "'*', gzip",
                "'*;q=0', null",
                "'gzip;q=0.2, identity;q=0.5', null",
                "'gzip;q=abc', null",
                "'snappy, ;, ;q=1', null"
            })
    void aServerTakesWhatTheClientLikesBest(String acceptEncoding, String chosen) {
        ContentCoding coding = Codings.preferred(acceptEncoding);
        assertThat(coding == null ? null : coding.name()).isEqualTo(chosen);
    }

    @Test
    void codingsAreLookedForOnce() {
        assertThat(Codings.all()).isSameAs(Codings.all());
        assertThat(Codings.acceptEncoding()).startsWith("gzip, deflate");
        assertThat(Asyncio.run(() -> Codings.named("X-GZIP"))).isSameAs(Codings.named("gzip"));
    }

    // ------------------------------------------------------------------------------------------------------ helpers

    private static byte[] encode(String coding, byte[] bytes, int inBytes, int outBytes) {
        var whole = new ByteArrayOutputStream();
        try (ContentEncoder encoder = Codings.named(coding).encoder()) {
            var out = ByteBuffer.allocate(outBytes);
            for (int i = 0; i < bytes.length; i += inBytes) {
                ByteBuffer in = ByteBuffer.wrap(bytes, i, Math.min(inBytes, bytes.length - i));
                for (int count; (count = encoder.encode(in, out.clear())) > 0; ) {
                    whole.write(out.array(), 0, count);
                }
                assertThat(in.hasRemaining()).isFalse();
            }
            for (int count; (count = encoder.finish(out.clear())) > 0; ) {
                whole.write(out.array(), 0, count);
            }
        }
        return whole.toByteArray();
    }

    private static byte[] decode(String header, byte[] bytes) throws HttpException {
        return decode(header, bytes, 1000, 1000);
    }

    private static byte[] decode(String header, byte[] bytes, int inBytes, int outBytes) throws HttpException {
        var whole = new ByteArrayOutputStream();
        try (var decoder = ContentDecoder.forHeader(header, made -> {})) {
            var out = ByteBuffer.allocate(outBytes);
            for (int i = 0; i < bytes.length; i += inBytes) {
                ByteBuffer in = ByteBuffer.wrap(bytes, i, Math.min(inBytes, bytes.length - i));
                for (int count; (count = decoder.decode(in, out.clear())) > 0; ) {
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
}
