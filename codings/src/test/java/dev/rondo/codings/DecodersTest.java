package dev.rondo.codings;

import static dev.rondo.codings.Coded.TEXT;
import static dev.rondo.codings.Coded.concat;
import static dev.rondo.codings.Coded.decode;
import static dev.rondo.codings.Coded.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.HttpException;
import dev.rondo.http.encoding.ContentDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodersTest {

    private static byte[] hex(String text) {
        return HexFormat.ofDelimiter(" ").parseHex(text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---------------------------------------------------------------------------------------------- all the same

    @ParameterizedTest
    @CsvSource({
        "br,1,1",
        "br,7,100000",
        "br,100000,7",
        "zstd,1,1",
        "zstd,7,100000",
        "zstd,100000,7",
        "plain br,1,100",
        "plain br,7,100000",
        "plain br,100000,7"
    })
    void aTextComesOutTheSameHoweverItIsSliced(String coding, int inBytes, int outBytes) throws Exception {
        assertThat(decode(coding, encode(coding, TEXT), () -> inBytes, () -> outBytes))
                .isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "plain br"})
    void anEmptyBodyIsAnEmptyBodyInAnyCoding(String coding) throws Exception {
        assertThat(decode(coding, new byte[0])).isEmpty();
        assertThat(decode(coding, encode(coding, new byte[0]))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "plain br"})
    void aBodyCutShortIsAnErrorWhereverItIsCut(String coding) {
        byte[] whole = encode(coding, bytes("hello, hello, what a world of hellos this is, world"));
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> decode(coding, cut))
                    .as("cut at %d of %d", length, whole.length)
                    .isInstanceOf(ContentDecodingException.class)
                    .hasMessageContaining("ends in the middle");
        }
        byte[] large = encode(coding, TEXT);
        assertThatThrownBy(() -> decode(coding, Arrays.copyOf(large, large.length / 2)))
                .isInstanceOf(ContentDecodingException.class)
                .hasMessageContaining("ends in the middle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void bytesBehindTheEndAreAnError(String coding) {
        byte[] whole = concat(encode(coding, TEXT), bytes("garbage"));
        for (int inBytes : new int[] {1, 7, whole.length - 7, 100_000}) {
            assertThatThrownBy(() -> decode(coding, whole, () -> inBytes, () -> 1000))
                    .as("slices of %d", inBytes)
                    .isInstanceOf(ContentDecodingException.class)
                    .hasMessageContaining("bytes follow");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "plain br"})
    void whatIsInAnotherCodingIsAnError(String coding) {
        for (String text :
                new String[] {"<html>plain text in the place of what the header says</html>", "{\"a\": 1}"}) {
            assertThatThrownBy(() -> decode(coding, bytes(text))).isInstanceOf(ContentDecodingException.class);
        }
        assertThatThrownBy(() -> decode(coding, encode("gzip", TEXT))).isInstanceOf(ContentDecodingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "plain br"})
    void damageIsAnErrorOrAnotherTextAndNothingElse(String coding) {
        var random = new Random(11);
        byte[] whole = encode(coding, Arrays.copyOf(TEXT, 5000));
        int errors = 0;
        for (int i = 0; i < 500; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                decode(coding, damaged, () -> 100, () -> 1000);
            } catch (ContentDecodingException e) {
                errors++;
            } catch (HttpException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(errors).isGreaterThan(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void aBombComesOutNoFasterThanItIsAskedFor(String coding) throws Exception {
        byte[] bomb = encode(coding, new byte[50_000_000]);
        assertThat(bomb.length).isLessThan(10_000);
        try (ContentDecoder decoder = Coded.decoder(coding)) {
            ByteBuffer in = ByteBuffer.wrap(bomb);
            ByteBuffer out = ByteBuffer.allocate(1000);
            for (int i = 0; i < 10; i++) {
                assertThat(decoder.decode(in, out.clear())).isEqualTo(1000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "plain br"})
    void aClosedDecoderSaysSo(String coding) {
        ContentDecoder decoder = Coded.decoder(coding);
        decoder.close();
        decoder.close();
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(TEXT), ByteBuffer.allocate(10)))
                .isInstanceOf(IllegalStateException.class);
    }

    // ---------------------------------------------------------------------------------------------------------- br

    @Test
    void brotlisLargeWindowsAreRefused() {
        // 0x11: the window is not one of RFC 7932, but of the variant with up to 1 GiB.
        assertThatThrownBy(() -> decode("br", hex("11 1e 0b 02 80 61 03")))
                .isInstanceOf(ContentDecodingException.class);
    }

    // -------------------------------------------------------------------------------------------------------- zstd

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100_000})
    void zstdFramesFollowOneAnotherAndSomeAreSkipped(int inBytes) throws Exception {
        byte[] skipped = hex("53 2a 4d 18 05 00 00 00 01 02 03 04 05");
        byte[] skippedEmpty = hex("50 2a 4d 18 00 00 00 00");
        byte[] frames = concat(
                skipped,
                encode("zstd", bytes("one ")),
                skippedEmpty,
                encode("zstd", new byte[0]),
                encode("zstd", TEXT),
                skipped);
        assertThat(decode("zstd", frames, () -> inBytes, () -> 1000)).isEqualTo(concat(bytes("one "), TEXT));
        assertThatThrownBy(() -> decode("zstd", Arrays.copyOf(frames, frames.length - 1)))
                .hasMessageContaining("ends in the middle");
    }

    /** {@code 28 b5 2f fd}, a descriptor, and a window of {@code 2^(10 + byte / 8) * (1 + byte % 8 / 8)}. */
    @Test
    void zstdWindowsAreOfEightMebibytesAtMost() throws Exception {
        String rawBlock = " 09 00 00 61"; // the last one, of one byte
        assertThat(decode("zstd", hex("28 b5 2f fd 00 68" + rawBlock))).isEqualTo(bytes("a")); // 8 MiB
        for (String window : new String[] {"69", "70", "88", "ff"}) {
            assertThatThrownBy(() -> decode("zstd", hex("28 b5 2f fd 00 " + window + rawBlock)))
                    .isInstanceOf(ContentDecodingException.class)
                    .hasMessageContaining("window of");
        }
    }

    @Test
    void aZstdFrameInOneSegmentIsAWindowToo() throws Exception {
        assertThat(decode("zstd", hex("28 b5 2f fd 20 01 09 00 00 61"))).isEqualTo(bytes("a"));
        assertThatThrownBy(() -> decode("zstd", hex("28 b5 2f fd a0 01 00 80 00 09 00 00 61")))
                .hasMessageContaining("window of 8388609 bytes");
        assertThatThrownBy(() -> decode("zstd", hex("28 b5 2f fd e0 ff ff ff ff ff ff ff ff 09 00 00 61")))
                .hasMessageContaining("window of 18446744073709551615 bytes");
    }

    @Test
    void aZstdDictionaryThatNobodyNamedIsAnError() {
        assertThatThrownBy(() -> decode("zstd", hex("28 b5 2f fd 01 40 07 09 00 00 61")))
                .isInstanceOf(ContentDecodingException.class)
                .hasMessageContaining("dictionary");
    }

    @Test
    void whatIsNoZstdAtAllSaysSo() {
        assertThatThrownBy(() -> decode("zstd", bytes("<html>"))).hasMessageContaining("does not begin like it");
    }
}
