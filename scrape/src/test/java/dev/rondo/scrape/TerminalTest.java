package dev.rondo.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {

    @Test
    void readsTheWidth() {
        assertThat(Terminal.parse("24 132\n")).isEqualTo(new Terminal(132));
    }

    @Test
    void aTerminalThatDoesNotKnowItsWidthHasTheUsualOne() {
        assertThat(Terminal.parse("0 0\n")).isEqualTo(new Terminal(80));
    }

    @Test
    void noAnswerIsNoTerminal() {
        assertThat(Terminal.parse("")).isNull();
        assertThat(Terminal.parse("stty: standard input\n")).isNull();
    }
}
