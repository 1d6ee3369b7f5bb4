package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CharacterCounterTest {

    @Test
    void countsCodePointsAndNotUtf16Units() {
        assertThat(count("a\u00e4\u4e16\uD83D\uDE00".getBytes(UTF_8), UTF_8, 100))
                .isEqualTo(4);
    }

    @Test
    void nothingIsNoCharacter() {
        assertThat(count(new byte[0], UTF_8, 1)).isZero();
    }

    @Test
    void aCharacterMayComeByteByByte() {
        assertThat(count("\uD83D\uDE00\uD83D\uDE01".getBytes(UTF_8), UTF_8, 1)).isEqualTo(2);
        assertThat(count("\uD83D\uDE00\uD83D\uDE01".getBytes(UTF_16LE), UTF_16LE, 1))
                .isEqualTo(2);
    }

    @Test
    void aTextThatEndsInTheMiddleOfACharacterHasOneReplacementMore() {
        byte[] cut = {'a', (byte) 0xf0, (byte) 0x9f, (byte) 0x98};
        assertThat(count(cut, UTF_8, 1)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "windows-1252", "GBK", "windows-31j", "ISO-2022-JP"})
    void anyBytesInAnyPiecesCountAsTheTextTheyAre(String name) {
        Charset charset = Charset.forName(name);
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            byte[] bytes = round % 2 == 0 ? anyText(random).getBytes(charset) : anyBytes(random);
            String text = new String(bytes, charset);
            assertThat(count(bytes, charset, 1 + random.nextInt(40)))
                    .as("round %d", round)
                    .isEqualTo(text.codePointCount(0, text.length()));
        }
    }

    @Test
    void moreThanFitsIntoItsBuffer() {
        byte[] bytes = "x\uD83D\uDE00".repeat(100_000).getBytes(UTF_8);
        assertThat(count(bytes, UTF_8, bytes.length)).isEqualTo(200_000);
    }

    private static String anyText(Random random) {
        StringBuilder text = new StringBuilder();
        random.ints(random.nextInt(200), 0, 4)
                .map(kind -> switch (kind) {
                    case 0 -> 'a' + random.nextInt(26);
                    case 1 -> 0xa0 + random.nextInt(0x500);
                    case 2 -> 0x4e00 + random.nextInt(0x5000);
                    default -> 0x1f300 + random.nextInt(0x200);
                })
                .forEach(text::appendCodePoint);
        return text.toString();
    }

    private static byte[] anyBytes(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static long count(byte[] bytes, Charset charset, int pieceLength) {
        CharacterCounter counter = new CharacterCounter(charset);
        ByteBuffer piece = ByteBuffer.allocate(pieceLength + 16).flip();
        for (int i = 0; i < bytes.length; i += pieceLength) {
            piece.compact();
            piece.put(bytes, i, Math.min(pieceLength, bytes.length - i)).flip();
            counter.add(piece);
        }
        return counter.finish(piece);
    }
}
