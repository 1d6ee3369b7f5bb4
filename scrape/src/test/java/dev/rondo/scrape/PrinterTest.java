package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrinterTest {

    private static final Duration LONG = Duration.ofSeconds(50);

    private final Screen screen = new Screen();

    @Test
    void pagesAndNotesInTheOrderInWhichTheyCame() throws Exception {
        Printer printer = new Printer(streams(screen.stream(), screen.stream()), null);
        printer.note("off we go");
        printer.page(ok("http://a/"));
        printer.page(failed("http://b/"));
        printer.page(ok("http://c/"));
        printer.close(List.of(), LONG);
        assertThat(screen.lines())
                .containsExactly(
                        "off we go",
                        "http://a/: 5 characters",
                        "http://b/: connection refused",
                        "http://c/: 5 characters",
                        "");
    }

    @Test
    void arrivedPagesGoToOneStreamAndAllElseToTheOther() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Printer printer = new Printer(streams(out, err), null);
        printer.page(ok("http://a/"));
        printer.page(failed("http://b/"));
        printer.close(List.of("done"), LONG);
        assertThat(out.toString(UTF_8)).isEqualTo("http://a/: 5 characters\n");
        assertThat(err.toString(UTF_8)).isEqualTo("http://b/: connection refused\ndone\n");
    }

    @Test
    void theBarIsBelowTheLinesAndLeavesNothingBehind() throws Exception {
        Printer printer = new Printer(streams(screen.stream(), screen.stream()), null);
        for (int i = 0; i < 100; i++) {
            printer.bar("[=" + i + " of a long bar]".substring(i / 10));
            screen.await("[=" + i);
            printer.page(i % 3 == 0 ? failed("http://" + i + "/") : ok("http://" + i + "/"));
        }
        printer.close(List.of("done"), LONG);
        assertThat(screen.lines()).hasSize(102).noneMatch(line -> line.contains("[="));
        assertThat(screen.lines()).element(1).isEqualTo("http://1/: 5 characters");
        assertThat(screen.lines().subList(100, 102)).containsExactly("done", "");
    }

    @Test
    void withoutABarThereIsNoEscape() throws Exception {
        Printer printer = new Printer(streams(screen.stream(), screen.stream()), null);
        printer.page(ok("http://a/"));
        printer.close(List.of("done"), LONG);
        assertThat(screen.written()).doesNotContain("\033", "\r");
    }

    @Test
    void escapesInAUrlDoNotReachTheTerminal() throws Exception {
        Printer printer = new Printer(streams(screen.stream(), screen.stream()), null);
        printer.page(ok("http://a/\033[2J"));
        printer.close(List.of(), LONG);
        assertThat(screen.written()).isEqualTo("http://a/?[2J: 5 characters\n");
    }

    @Test
    void saysOnceThatNobodyReadsAndGoesOnWithTheRest(@TempDir Path directory) throws Exception {
        OutputStream closedPipe = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Path path = directory.resolve("pages.jsonl");
        CountDownLatch told = new CountDownLatch(1);
        try (JsonLines file = new JsonLines(path)) {
            Printer printer = new Printer(streams(closedPipe, screen.stream()), file);
            printer.onFailure(told::countDown);
            printer.page(ok("http://a/"));
            told.await();
            printer.page(ok("http://b/"));
            printer.close(List.of(), LONG);
            assertThat(printer.failure()).isEqualTo("cannot write to standard output: Broken pipe");
        }
        assertThat(Files.readAllLines(path)).hasSize(2);
    }

    @Test
    void aPageIsInTheFileWhenItsLineIsPrinted(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("pages.jsonl");
        ByteArrayOutputStream linesInFile = new ByteArrayOutputStream();
        OutputStream looksIntoTheFile = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                if (b == '\n') {
                    linesInFile.write(Files.readAllLines(path).size());
                }
            }
        };
        try (JsonLines file = new JsonLines(path)) {
            Printer printer = new Printer(streams(looksIntoTheFile, screen.stream()), file);
            for (int i = 0; i < 50; i++) {
                printer.page(ok("http://a/"));
            }
            printer.close(List.of(), LONG);
        }
        byte[] counts = linesInFile.toByteArray();
        assertThat(counts).hasSize(50);
        for (int i = 0; i < 50; i++) {
            assertThat(counts[i]).isGreaterThan((byte) i);
        }
    }

    @Test
    void closeGivesUpOnAReaderThatHasStoppedReadingButNotOnTheFile(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("pages.jsonl");
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        OutputStream held = new OutputStream() {
            @Override
            public void write(int b) {
                writing.countDown();
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (JsonLines file = new JsonLines(path)) {
            Printer printer = new Printer(streams(held, screen.stream()), file);
            printer.page(ok("http://a/"));
            writing.await();
            printer.page(ok("http://b/"));
            printer.close(List.of("done"), Duration.ofMillis(1));
            assertThat(screen.written()).isEmpty();
            assertThat(Files.readAllLines(path)).hasSize(2);
            never.countDown();
        }
    }

    private static Page ok(String url) {
        return new Page(url, url, 200, 5, 5, 0.1, null);
    }

    private static Page failed(String url) {
        return new Page(url, null, 0, 0, 0, 0.1, "connection refused");
    }

    private static Streams streams(OutputStream out, OutputStream err) {
        return new Streams(InputStream.nullInputStream(), out, err, UTF_8, false);
    }
}
