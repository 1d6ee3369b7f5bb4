package dev.rondo.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void knowsAPipe(@TempDir Path directory) throws IOException {
        assertThat(Terminal.isPipe(Files.createSymbolicLink(directory.resolve("1"), Path.of("pipe:[123]"))))
                .isTrue();
        assertThat(Terminal.isPipe(Files.createSymbolicLink(directory.resolve("2"), Path.of("/dev/pts/1"))))
                .isFalse();
        assertThat(Terminal.isPipe(directory.resolve("none"))).isFalse();
    }

    @Test
    void noAnswerIsNoTerminal() {
        assertThat(Terminal.parse("")).isNull();
        assertThat(Terminal.parse("stty: standard input\n")).isNull();
    }
}
