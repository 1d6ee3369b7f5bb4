package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Whole files and directories, by their paths. */
class PathsTest {

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("file");
    }

    // ------------------------------------------------------------------------------------------------ whole files

    @OnRealSockets
    void aFileIsWrittenAndAppendedTo(Drivers driver) throws Exception {
        driver.run(() -> {
            AsyncFile.writeString(path, "something longer");
            AsyncFile.writeString(path, "grün");
            assertThat(path).hasContent("grün");
            AsyncFile.appendString(path, ", blau");
            AsyncFile.append(path, new byte[] {'!'});
            assertThat(path).hasContent("grün, blau!");
            AsyncFile.write(path, new byte[] {1, 2});
            assertThat(path).hasBinaryContent(new byte[] {1, 2});
            AsyncFile.writeString(path, "grün", StandardCharsets.ISO_8859_1);
            assertThat(path).hasBinaryContent("grün".getBytes(StandardCharsets.ISO_8859_1));
            AsyncFile.appendString(directory.resolve("new"), "x");
            assertThat(directory.resolve("new")).hasContent("x");
        });
    }

    @OnRealSockets
    void whatACharsetDoesNotHaveIsNotWritten(Drivers driver) throws Exception {
        Files.writeString(path, "old");
        driver.run(() -> {
            assertThatThrownBy(() -> AsyncFile.writeString(path, "żółw", StandardCharsets.ISO_8859_1))
                    .isInstanceOf(CharacterCodingException.class);
            assertThatThrownBy(() -> AsyncFile.writeAtomically(path, "\ud83d"))
                    .isInstanceOf(CharacterCodingException.class);
        });
        assertThat(path).hasContent("old");
    }

    @OnRealSockets
    void aFileIsReplacedWholeWithItsPermissionsAndThroughALink(Drivers driver) throws Exception {
        byte[] noise = Wire.noise(1_000_000);
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        driver.run(() -> {
            AsyncFile.writeAtomically(path, "first");
            assertThat(path).hasContent("first");
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
            AsyncFile.writeAtomically(link, noise);
            assertThat(path).hasBinaryContent(noise);
            assertThat(link).isSymbolicLink();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-r-----");
            assertThat(AsyncFile.list(directory)).containsExactly(path, link);
        });
    }

    @OnRealSockets
    void aReplacementThatFailsLeavesNothingBehind(Drivers driver) throws Exception {
        Path busy = Files.createDirectories(path.resolve("not empty")).getParent();
        driver.run(() -> {
            assertThatThrownBy(() -> AsyncFile.writeAtomically(busy, "x")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> AsyncFile.writeAtomically(directory.resolve("missing/file"), "x"))
                    .isInstanceOf(NoSuchFileException.class);
            assertThat(AsyncFile.list(directory)).containsExactly(busy);
        });
    }

    @OnRealSockets
    void aCancelledReplacementWasMadeOrNotAndIsNeverHalf(Drivers driver) throws Exception {
        byte[] noise = Wire.noise(2_000_000);
        driver.run(() -> {
            for (int steps = 0; steps < 10; steps++) {
                Files.writeString(path, "old");
                Task<Void, IOException> write = createTask(() -> {
                    AsyncFile.writeAtomically(path, noise);
                    return null;
                });
                OpenFileTest.cancelAfter(steps, write);
                if (Files.size(path) != 3) {
                    assertThat(path).hasBinaryContent(noise);
                }
                assertThat(directory.toFile().list()).containsExactly("file"); // now, and not only soon
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ paths

    @OnRealSockets
    void filesAreMovedCopiedAndDeleted(Drivers driver) throws Exception {
        Path deep = directory.resolve("a/b/c");
        Path copy = deep.resolve("copy");
        Path moved = deep.resolve("moved");
        driver.run(() -> {
            assertThat(AsyncFile.exists(path)).isFalse();
            assertThatThrownBy(() -> AsyncFile.size(path)).isInstanceOf(NoSuchFileException.class);
            AsyncFile.writeString(path, "0123");
            assertThat(AsyncFile.exists(path)).isTrue();
            assertThat(AsyncFile.size(path)).isEqualTo(4);
            AsyncFile.createDirectories(deep);
            AsyncFile.createDirectories(deep);
            AsyncFile.copy(path, copy);
            assertThatThrownBy(() -> AsyncFile.copy(path, copy)).isInstanceOf(FileAlreadyExistsException.class);
            AsyncFile.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
            AsyncFile.move(path, moved);
            assertThat(path).doesNotExist();
            assertThat(moved).hasContent("0123");
            assertThatThrownBy(() -> AsyncFile.delete(deep)).isInstanceOf(DirectoryNotEmptyException.class);
            AsyncFile.delete(copy);
            AsyncFile.delete(moved);
            AsyncFile.delete(deep);
            assertThatThrownBy(() -> AsyncFile.delete(deep)).isInstanceOf(NoSuchFileException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ directories

    @OnRealSockets
    void aDirectoryIsListedInBatches(Drivers driver) throws Exception {
        List<Path> files = fill(2 * Directory.BATCH + 1);
        driver.run(() -> {
            List<Path> found = new ArrayList<>();
            try (DirectoryStream<Path> all = AsyncFile.newDirectoryStream(directory)) {
                for (Path each : all) {
                    found.add(each);
                }
                assertThatThrownBy(all::iterator).isInstanceOf(IllegalStateException.class);
            }
            assertThat(found).containsExactlyInAnyOrderElementsOf(files);
            assertThat(AsyncFile.list(directory)).isEqualTo(files);
            Drivers.untilOpen(0);
        });
    }

    @OnRealSockets
    void aDirectoryThatIsLeftEarlyIsClosed(Drivers driver) throws Exception {
        fill(3);
        driver.run(() -> {
            DirectoryStream<Path> all = AsyncFile.newDirectoryStream(directory);
            Iterator<Path> each = all.iterator();
            each.next();
            assertThat(getRunningLoop().driver().openCount()).isEqualTo(1);
            all.close();
            all.close();
            assertThat(each.hasNext()).isFalse();
            assertThatThrownBy(each::next).isInstanceOf(NoSuchElementException.class);
            Drivers.untilOpen(0);
        });
    }

    @OnRealSockets
    void whatIsNoDirectoryIsNotListed(Drivers driver) throws Exception {
        Files.writeString(path, "");
        driver.run(() -> {
            assertThatThrownBy(() -> AsyncFile.list(path)).isInstanceOf(NotDirectoryException.class);
            assertThatThrownBy(() -> AsyncFile.newDirectoryStream(directory.resolve("missing")))
                    .isInstanceOf(NoSuchFileException.class);
            Drivers.untilOpen(0);
        });
    }

    @OnRealSockets
    void aCancelledListingLosesNothingAndLeavesNothingOpen(Drivers driver) throws Exception {
        List<Path> files = fill(2 * Directory.BATCH);
        driver.run(() -> {
            for (int steps = 0; steps < 12; steps++) {
                Task<List<Path>, IOException> list = createTask(() -> AsyncFile.list(directory));
                OpenFileTest.cancelAfter(steps, list);
            }
            Drivers.untilOpen(0);
            List<Path> found = new ArrayList<>();
            try (DirectoryStream<Path> all = AsyncFile.newDirectoryStream(directory)) {
                Iterator<Path> each = all.iterator();
                for (int steps = 0; found.size() < files.size(); steps++) {
                    Task<Void, IOException> reads = createTask(() -> {
                        while (each.hasNext()) {
                            found.add(each.next());
                        }
                        return null;
                    });
                    OpenFileTest.cancelAfter(steps, reads);
                }
            }
            assertThat(found).containsExactlyInAnyOrderElementsOf(files);
        });
    }

    private List<Path> fill(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Files.createFile(directory.resolve("%05d".formatted(i)));
        }
        return IntStream.range(0, count)
                .mapToObj(i -> directory.resolve("%05d".formatted(i)))
                .toList();
    }
}
