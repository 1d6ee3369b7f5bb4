package dev.rondo.scrape.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|0", "7|7", "999|999", "1000|1,000", "1234567|1,234,567", "-1234|-1,234", "-123|-123"})
    void numbersAreGrouped(long value, String text) {
        assertThat(Human.number(value)).isEqualTo(text);
    }

    @Test
    void oneOfSomethingIsNotMany() {
        assertThat(Human.count(1, "page")).isEqualTo("1 page");
        assertThat(Human.count(0, "page")).isEqualTo("0 pages");
        assertThat(Human.count(1500, "page")).isEqualTo("1,500 pages");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "1249, 1.2 kB",
        "99949, 99.9 kB",
        "99950, 100 kB",
        "999499, 999 kB",
        "999500, 1.0 MB",
        "1200000, 1.2 MB",
        "1234567890, 1.2 GB",
        "9223372036854775807, 9.2 EB"
    })
    void bytes(long bytes, String text) {
        assertThat(Human.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.00 s",
        "0.004, 0.00 s",
        "0.43, 0.43 s",
        "1.006, 1.01 s",
        "9.994, 9.99 s",
        "9.996, 10.0 s",
        "10.44, 10.4 s",
        "119.9, 119.9 s",
        "119.96, 2 min 0 s",
        "125.4, 2 min 5 s",
        "3725, 1 h 2 min"
    })
    void seconds(double seconds, String text) {
        assertThat(Human.seconds(seconds)).isEqualTo(text);
    }

    @Test
    void exactly() {
        assertThat(Human.exactly(Duration.ofSeconds(30))).isEqualTo("30 s");
        assertThat(Human.exactly(Duration.ofMillis(250))).isEqualTo("0.25 s");
        assertThat(Human.exactly(Duration.ZERO)).isEqualTo("0 s");
        assertThat(Human.exactly(Duration.ofSeconds(1200))).isEqualTo("1200 s");
    }

    @Test
    void controlCharactersAreNotPrinted() {
        assertThat(Human.printable("a\u001b[2Jb\nc\u009bd\u00e4\uD83D\uDE00"))
                .isEqualTo("a?[2Jb?c?d\u00e4\uD83D\uDE00");
        assertThat(Human.printable("plain")).isEqualTo("plain");
    }
}
