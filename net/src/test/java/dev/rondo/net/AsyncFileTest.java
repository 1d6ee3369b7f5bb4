package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AsyncFileTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void textIsReadInItsCharset(Drivers driver) throws Exception {
        Path utf8 = Files.writeString(directory.resolve("utf8"), "grüß dich\n");
        Path latin = Files.writeString(directory.resolve("latin"), "grüß dich\n", StandardCharsets.ISO_8859_1);
        driver.run(() -> {
            assertThat(AsyncFile.readString(utf8)).isEqualTo("grüß dich\n");
            assertThat(AsyncFile.readString(latin, StandardCharsets.ISO_8859_1)).isEqualTo("grüß dich\n");
        });
    }

    @ParameterizedTest
    @EnumSource
    void filesOfAllSizesAreReadWhole(Drivers driver) throws Exception {
        int piece = 256 * 1024;
        for (int size : new int[] {0, 1, piece - 1, piece, piece + 1, 5_000_000}) {
            byte[] noise = Wire.noise(size);
            Path file = Files.write(directory.resolve("file" + size), noise);
            driver.run(() -> assertThat(AsyncFile.readAllBytes(file)).isEqualTo(noise));
        }
    }

    @OnRealSockets
    void aMissingFileIsNamed(Drivers driver) throws Exception {
        driver.run(() -> assertThatThrownBy(() -> AsyncFile.readString(directory.resolve("missing")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("missing"));
    }

    @OnRealSockets
    void aDirectoryIsNotRead(Drivers driver) throws Exception {
        driver.run(
                () -> assertThatThrownBy(() -> AsyncFile.readString(directory)).isInstanceOf(IOException.class));
    }

    @ParameterizedTest
    @EnumSource
    void theLoopGoesOnAndACancelLeavesNothingOpen(Drivers driver) throws Exception {
        Path file = Files.write(directory.resolve("file"), Wire.noise(3_000_000));
        driver.run(() -> {
            for (int steps = 0; steps < 30; steps++) {
                Task<byte[], IOException> read = createTask(() -> AsyncFile.readAllBytes(file));
                for (int i = 0; i < steps; i++) {
                    yieldNow();
                }
                boolean inTime = read.cancel();
                while (!read.done()) {
                    yieldNow();
                }
                assertThat(read.cancelled()).isEqualTo(inTime);
            }
            while (getRunningLoop().driver().inFlight() > 0) {
                yieldNow(); // the driver's threads close files
            }
        });
        if (Files.isDirectory(Path.of("/proc/self/fd"))) {
            assertThat(openFiles()).noneMatch(open -> open.endsWith("/file"));
        }
    }

    private static java.util.List<String> openFiles() throws IOException {
        try (var links = Files.list(Path.of("/proc/self/fd"))) {
            return links.map(AsyncFileTest::target).toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
