package dev.rondo.codings;

import static dev.rondo.codings.Coded.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands in where no native library loads. */
class PlainBrotliTest {

    private static final byte[] ENCODED = Coded.encode("br", TEXT);

    @Test
    void aCodingThatHasNotLoadedDecodesAllTheSameAndDoesNotEncode() throws Exception {
        var coding = new BrotliCoding();
        assertThat(coding.encodes()).isFalse();
        assertThatThrownBy(coding::encoder).isInstanceOf(UnsupportedOperationException.class);
        try (var decoder = coding.decoder()) {
            assertThat(Coded.decode(decoder, ENCODED, () -> 100, () -> 100)).isEqualTo(TEXT);
        }
    }

    @Test
    void coroutinesDecodeBesideOneAnother() throws Exception {
        Asyncio.run(() -> {
            List<byte[]> texts = Asyncio.gather(
                    () -> Coded.decode("plain br", ENCODED, () -> 50, () -> 70),
                    () -> Coded.decode("plain br", ENCODED, () -> 1000, () -> 10),
                    () -> Coded.decode("plain br", ENCODED));
            assertThat(texts).allSatisfy(text -> assertThat(text).isEqualTo(TEXT));
        });
    }

    @Test
    void itsThreadEndsWhenItIsClosedHalfWay() throws Exception {
        Asyncio.run(() -> {
            var waiting = new PlainBrotliDecoder();
            waiting.decode(ByteBuffer.wrap(Arrays.copyOf(ENCODED, 100)), ByteBuffer.allocate(10));
            var full = new PlainBrotliDecoder();
            full.decode(ByteBuffer.wrap(ENCODED), ByteBuffer.allocate(10));
            for (var decoder : List.of(waiting, full)) {
                assertThat(decoder.working()).isTrue();
                decoder.close();
                decoder.close();
                while (decoder.working()) {
                    Asyncio.sleep(Duration.ofMillis(1)); // a hang is what the test's time limit is for
                }
                assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(ENCODED), ByteBuffer.allocate(10)))
                        .isInstanceOf(IllegalStateException.class);
            }
        });
    }
}
