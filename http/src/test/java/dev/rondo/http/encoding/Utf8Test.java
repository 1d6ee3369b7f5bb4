package dev.rondo.http.encoding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** String's own decoding is what it must agree with. */
class Utf8Test {

    private static String decode(byte[] bytes) {
        return Utf8.decode(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "hello, world",
                "grüße",
                "“quotes”",
                "日本語",
                "😀",
                "a😀b",
                "\u0000\u007f\u0080\u07ff\u0800\uffff"
            })
    void decodesAnyCharacter(String text) {
        assertThat(decode(text.getBytes(UTF_8))).isEqualTo(text);
        String between = "x".repeat(500) + text + "y".repeat(300) + text + "z" + text;
        assertThat(decode(between.getBytes(UTF_8))).isEqualTo(between);
    }

    @Test
    void decodesTextsOfAllMixtures() {
        var random = new Random(42);
        int[] limits = {0x80, 0x100, 0x800, 0xd800, 0x110000};
        for (int round = 0; round < 2000; round++) {
            var text = new StringBuilder();
            int parts = random.nextInt(12);
            for (int part = 0; part < parts; part++) {
                int limit = limits[random.nextInt(limits.length)];
                for (int i = random.nextInt(60); i > 0; i--) {
                    int codePoint = random.nextInt(limit);
                    text.appendCodePoint(codePoint >= 0xd800 && codePoint < 0xe000 ? 'x' : codePoint);
                }
            }
            assertThat(decode(text.toString().getBytes(UTF_8))).isEqualTo(text.toString());
        }
    }

    @Test
    void repairsWhatIsMalformedAsStringDoes() {
        var random = new Random(43);
        String ascii = "x".repeat(1000);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = ("“q”" + ascii + "größer, 日本, 😀 and more of it " + ascii + "日本😀").getBytes(UTF_8);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[1000 + random.nextInt(60)] = (byte) random.nextInt(256);
            }
            int start = random.nextInt(8);
            int end = bytes.length - random.nextInt(10);
            assertThat(Utf8.decode(bytes, start, end)).isEqualTo(new String(bytes, start, end - start, UTF_8));
        }
    }

    @Test
    void refusesTheFormsThatStandForNothing() {
        for (int[] form : new int[][] {
            {0x80},
            {0xc0, 0x80},
            {0xc1, 0xbf},
            {0xe0, 0x80, 0x80},
            {0xed, 0xa0, 0x80},
            {0xf0, 0x80, 0x80, 0x80},
            {0xf4, 0x90, 0x80, 0x80},
            {0xf5, 0x80, 0x80, 0x80},
            {0xff},
            {0xc3},
            {0xe2, 0x82},
            {0xf0, 0x9f, 0x98},
            {0xc3, 'a'}
        }) {
            var bytes = new byte[form.length];
            for (int i = 0; i < form.length; i++) {
                bytes[i] = (byte) form[i];
            }
            assertThat(decode(bytes)).isEqualTo(new String(bytes, UTF_8)).contains("\ufffd");
            for (byte[] around : new byte[][] {padded(0, bytes, 200), padded(200, bytes, 0), padded(200, bytes, 200)}) {
                assertThat(decode(around)).isEqualTo(new String(around, UTF_8)).contains("\ufffd");
            }
        }
    }

    private static byte[] padded(int before, byte[] bytes, int after) {
        var padded = new byte[before + bytes.length + after];
        Arrays.fill(padded, (byte) 'x');
        System.arraycopy(bytes, 0, padded, before, bytes.length);
        return padded;
    }
}
