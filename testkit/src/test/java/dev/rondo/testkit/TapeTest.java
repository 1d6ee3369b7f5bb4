package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TapeTest {

    @Test
    void zerosAtTheEndAreNone() {
        assertThat(Tape.of(1, 0, 2, 0, 0)).isEqualTo(Tape.of(1, 0, 2));
        assertThat(Tape.of(0, 0)).isSameAs(Tape.plain());
        assertThat(Tape.of(1, 0, 2).length()).isEqualTo(3);
        assertThat(Tape.of(1, 0, 2).deviations()).isEqualTo(2);
    }

    @Test
    void whoReadsPastTheEndGetsThePlainThing() {
        assertThat(Tape.of(3).at(0)).isEqualTo(3);
        assertThat(Tape.of(3).at(1)).isZero();
        assertThat(Tape.plain().at(1_000_000)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            value = {"1 0 2;1,0,2", "0 0 0 3;0x3,3", "0 1;0,1", "7;7", "1 0 0 1 0 0 0 2;1,0x2,1,0x3,2", "0;''"},
            delimiter = ';')
    void manyZerosAreWrittenAsOneEntry(String choices, String text) {
        int[] numbers = java.util.Arrays.stream(choices.split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();

        assertThat(Tape.of(numbers)).hasToString(text);
        assertThat(Tape.parse(text)).isEqualTo(Tape.of(numbers));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000; i++) {
            int[] choices = new int[random.nextInt(40)];
            for (int j = 0; j < choices.length; j++) {
                choices[j] = random.nextInt(3) == 0 ? random.nextInt(Integer.MAX_VALUE) : 0;
            }
            Tape tape = Tape.of(choices);

            assertThat(Tape.parse(tape.toString())).isEqualTo(tape).hasSameHashCodeAs(tape);
        }
    }

    @Test
    void spacesAreAllowedWhereSomebodyHasBrokenTheLine() {
        assertThat(Tape.parse(" 1, 0x2 ,\n3 ")).isEqualTo(Tape.of(1, 0, 0, 3));
        assertThat(Tape.parse("  ")).isEqualTo(Tape.plain());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1,,2", "1,", ",", "a", "1;2", "0x", "0x-1", "-1", "+1", "1.5", "0y3", "99999999999", "1 2"})
    void whatIsNoTapeIsRefused(String text) {
        assertThatThrownBy(() -> Tape.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a tape: \"" + text + "\"")
                .hasMessageContaining("A tape looks like 1,0x12,3");
    }

    @Test
    void moreZerosThanAnyRunHasAreRefusedBeforeTheyTakeTheMemory() {
        assertThatThrownBy(() -> Tape.parse("1,0x2147483647,1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0x2147483647");
    }

    @Test
    void aNegativeChoiceIsRefused() {
        assertThatThrownBy(() -> Tape.of(1, -2, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a choice of -2: they count from 0");
    }

    @Test
    void bytesCountFromZeroTo255() {
        assertThat(Tape.ofBytes(new byte[] {1, -1, 0})).isEqualTo(Tape.of(1, 255));
    }
}
