package dev.rondo.codings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.encoding.Charsets;
import java.nio.charset.Charset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuessedCharsetTest {

    private static final String RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья"
            + " несчастлива по-своему. Все смешалось в доме Облонских.";
    private static final String JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" + "何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。";

    private static Charset detect(byte[] bytes, String contentType) {
        return Charsets.detect(bytes, bytes.length, contentType).charset();
    }

    private static byte[] page(String text, String charset) {
        return ("<html><body><p>" + text + "</p></body></html>").getBytes(Charset.forName(charset));
    }

    @ParameterizedTest
    @CsvSource({"windows-1251", "KOI8-R", "IBM866"})
    void aRussianPageThatDoesNotSayItsCharsetIsGuessed(String charset) {
        assertThat(detect(page(RUSSIAN, charset), "text/html")).isEqualTo(Charset.forName(charset));
        assertThat(detect(page(RUSSIAN, charset), null)).isEqualTo(Charset.forName(charset));
        assertThat(detect(page(RUSSIAN, charset), "text/plain")).isEqualTo(Charset.forName(charset));
    }

    @ParameterizedTest
    @CsvSource({"Shift_JIS,windows-31j", "EUC-JP,EUC-JP", "ISO-2022-JP,ISO-2022-JP"})
    void aJapanesePageThatDoesNotSayItsCharsetIsGuessed(String charset, String readAs) {
        assertThat(detect(page(JAPANESE, charset), "text/html")).isEqualTo(Charset.forName(readAs));
    }

    @Test
    void whatCanBeUtf8IsUtf8() {
        assertThat(detect(page(RUSSIAN, "UTF-8"), "text/html")).isEqualTo(UTF_8);
        assertThat(detect("plain".getBytes(UTF_8), "text/html")).isEqualTo(UTF_8);
        assertThat(detect(new byte[0], "text/html")).isEqualTo(UTF_8);
        byte[] japanese = JAPANESE.getBytes(UTF_8);
        for (int length = japanese.length - 10; length < japanese.length; length++) { // a prefix, as the scraper has
            assertThat(detect(Arrays.copyOf(japanese, length), "text/html")).isEqualTo(UTF_8);
        }
    }

    @Test
    void whoSaysItsCharsetIsBelieved() {
        byte[] bytes = page(RUSSIAN, "windows-1251");
        assertThat(detect(bytes, "text/html; charset=utf-8")).isEqualTo(UTF_8);
        byte[] said = ("<meta charset=koi8-r>" + RUSSIAN).getBytes(Charset.forName("windows-1251"));
        assertThat(detect(said, "text/html")).isEqualTo(Charset.forName("KOI8-R"));
    }

    @Test
    void nothingIsGuessedWhereThereIsNoText() {
        assertThat(detect(page(RUSSIAN, "windows-1251"), "application/json")).isEqualTo(UTF_8);
        assertThat(detect(page(RUSSIAN, "windows-1251"), "image/png")).isEqualTo(UTF_8);
    }

    @Test
    void aLongPageIsJudgedFromWhereItIsNoAsciiAnyMore() {
        assertThat(detect(page(" ".repeat(200_000) + RUSSIAN, "windows-1251"), "text/html"))
                .isEqualTo(Charset.forName("windows-1251"));
    }
}
