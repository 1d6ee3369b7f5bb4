package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("file");
    }

    // ------------------------------------------------------------------------------------------------ the position

    @OnRealSockets
    void readsFollowOneAnother(Drivers driver) throws Exception {
        Files.writeString(path, "0123456789");
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path)) {
                assertThat(file.position()).isZero();
                assertThat(text(file.read(4))).isEqualTo("0123");
                ByteBuffer dst = ByteBuffer.allocate(4).position(1);
                int count = file.read(dst);
                assertThat(count).isBetween(1, 3).isEqualTo(dst.position() - 1);
                assertThat(file.position()).isEqualTo(4 + count);
                file.position(7);
                assertThat(file.read(0)).isEmpty();
                assertThat(text(file.read(100))).isEqualTo("789");
                assertThat(file.read(5)).isEmpty();
                assertThat(file.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                assertThat(file.position()).isEqualTo(10);
                file.position(2);
                assertThat(text(file.readAll())).isEqualTo("23456789");
                file.position(8);
                assertThat(text(file.read(-1))).isEqualTo("89");
                file.position(100);
                assertThat(file.readAll()).isEmpty();
                assertThat(file.position()).isEqualTo(100);
            }
        });
    }

    @OnRealSockets
    void writesFollowOneAnother(Drivers driver) throws Exception {
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path, CREATE, READ, WRITE)) {
                ByteBuffer one = ByteBuffer.wrap(bytes("01"));
                ByteBuffer two = ByteBuffer.wrap(bytes("x234x")).position(1).limit(4);
                file.write(one, ByteBuffer.allocate(0), two);
                assertThat(one.hasRemaining() || two.hasRemaining()).isFalse();
                assertThat(file.position()).isEqualTo(5);
                file.write("grün");
                file.position(1);
                file.write(bytes("ab"));
                assertThat(file.position()).isEqualTo(3);
                file.position(12);
                file.write("!");
                file.position(0);
                assertThat(new String(file.readAll(), StandardCharsets.UTF_8)).isEqualTo("0ab34grün\0\0!");
                assertThatThrownBy(() -> file.write("half: \ud83d")).isInstanceOf(CharacterCodingException.class);
                assertThat(file.size()).isEqualTo(13);
            }
        });
    }

    @OnRealSockets
    void whatIsAppendedGoesToTheEndAndThePositionCountsIt(Drivers driver) throws Exception {
        Files.writeString(path, "0123");
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path, APPEND)) {
                file.write("45");
                file.write("6");
                file.writeAt(0, ByteBuffer.wrap(bytes("7")));
                assertThat(file.position()).isEqualTo(3);
                assertThat(file.size()).isEqualTo(8);
            }
        });
        assertThat(path).hasContent("01234567");
    }

    @OnRealSockets
    void aPlaceInTheFileLeavesThePositionAlone(Drivers driver) throws Exception {
        Files.writeString(path, "0123456789");
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path, READ, WRITE)) {
                file.position(3);
                ByteBuffer dst = ByteBuffer.allocate(1);
                assertThat(file.readAt(8, dst)).isEqualTo(1);
                assertThat(dst.get(0)).isEqualTo((byte) '8');
                assertThat(file.readAt(10, ByteBuffer.allocate(1))).isEqualTo(-1);
                ByteBuffer src = ByteBuffer.wrap(bytes("ab"));
                file.writeAt(9, src);
                assertThat(src.hasRemaining()).isFalse();
                assertThat(file.position()).isEqualTo(3);
                assertThat(text(file.readAll())).isEqualTo("345678ab");
            }
        });
        assertThat(path).hasContent("012345678ab");
    }

    @OnRealSockets
    void aSecondUserOfThePositionIsRefusedAndOneOfAPlaceIsNot(Drivers driver) throws Exception {
        Files.write(path, Wire.noise(1_000_000));
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path, READ, WRITE)) {
                Task<byte[], IOException> reads = createTask(() -> file.readAll());
                yieldNow();
                assertThatThrownBy(() -> file.read(1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(path.toString())
                        .hasMessageContaining("readAt");
                assertThatThrownBy(() -> file.write("x")).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> file.position(0)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> file.lines().iterator().hasNext()).isInstanceOf(IllegalStateException.class);
                assertThat(file.readAt(5, ByteBuffer.allocate(1))).isEqualTo(1);
                assertThat(reads.await()).isEqualTo(Files.readAllBytes(path));
                assertThat(file.position()).isEqualTo(1_000_000);
            }
        });
    }

    @OnRealSockets
    void whatMakesNoSenseIsRefused(Drivers driver) throws Exception {
        Files.writeString(path, "0123");
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path)) {
                assertThatThrownBy(() -> file.position(-1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("-1");
                assertThatThrownBy(() -> file.readAt(-2, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> file.writeAt(-2, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> file.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> file.read(ByteBuffer.allocate(0)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> file.write("x")).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> file.lines(StandardCharsets.UTF_16))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("UTF-16");
                assertThat(text(file.readAll())).isEqualTo("0123");
            }
            assertThatThrownBy(() -> AsyncFile.open(directory.resolve("missing")))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("missing");
            Drivers.untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ the file

    @OnRealSockets
    void aFileIsCutOffMadeLongerAndSynced(Drivers driver) throws Exception {
        Files.writeString(path, "0123456789");
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path, READ, WRITE)) {
                file.position(6);
                file.truncate(4);
                assertThat(file.size()).isEqualTo(4);
                assertThat(file.position()).isEqualTo(6);
                file.truncate(6);
                file.sync(false);
                file.sync(true);
                file.position(0);
                assertThat(text(file.readAll())).isEqualTo("0123\0\0");
                assertThat(file.path()).isEqualTo(path);
            }
        });
    }

    @OnRealSockets
    void aClosedFileIsRefusedAndWhoReadsItIsTold(Drivers driver) throws Exception {
        Files.write(path, Wire.noise(1_000_000));
        driver.run(() -> {
            AsyncFile file = AsyncFile.open(path);
            Task<byte[], IOException> reads = createTask(() -> file.readAll());
            yieldNow();
            assertThat(file.isOpen()).isTrue();
            file.close();
            file.close();
            assertThat(file.isOpen()).isFalse();
            assertThatThrownBy(reads::await)
                    .isInstanceOf(ClosedChannelException.class); // asynchronously, but for a driver that is late
            assertThatThrownBy(() -> file.read(1)).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
            assertThat(file.position()).isZero();
            assertThat(file).hasToString("AsyncFile[" + path + ", position 0, closed]");
            Drivers.untilOpen(0);
        });
        assertThat(AsynchronousCloseException.class).isAssignableTo(ClosedChannelException.class);
    }

    // ------------------------------------------------------------------------------------------------ lines

    @OnRealSockets
    void linesComeWithoutTheirEnds(Drivers driver) throws Exception {
        Files.writeString(path, "one\r\n\ntwo \rstill\n\r\nlast grün");
        driver.run(() -> {
            List<String> lines = new ArrayList<>();
            try (AsyncFile file = AsyncFile.open(path)) {
                for (String line : file.lines()) {
                    lines.add(line);
                }
                assertThat(file.position()).isEqualTo(Files.size(path));
            }
            assertThat(lines).containsExactly("one", "", "two \rstill", "", "last grün");
            assertThat(AsyncFile.readLines(path)).isEqualTo(lines);
            Files.writeString(path, "");
            assertThat(AsyncFile.readLines(path)).isEmpty();
        });
    }

    @OnRealSockets
    void linesAreReadInTheirCharsetAndWhatItDoesNotKnowIsReplaced(Drivers driver) throws Exception {
        Files.write(path, "grün\nblau\n".getBytes(StandardCharsets.ISO_8859_1));
        driver.run(() -> {
            assertThat(AsyncFile.readLines(path, StandardCharsets.ISO_8859_1)).containsExactly("grün", "blau");
            assertThat(AsyncFile.readLines(path)).containsExactly("gr\ufffdn", "blau");
            assertThat(AsyncFile.readString(path)).isEqualTo("gr\ufffdn\nblau\n");
        });
    }

    @OnRealSockets
    void aLineMayBeOfAnyLength(Drivers driver) throws Exception {
        String longLine = "x".repeat(300_000);
        Files.writeString(path, longLine + "\n" + longLine + "y\nend\n");
        driver.run(() -> assertThat(AsyncFile.readLines(path)).containsExactly(longLine, longLine + "y", "end"));
    }

    @OnRealSockets
    void whoLeavesTheLinesEarlyOrMovesThePositionGoesOnFromThere(Drivers driver) throws Exception {
        Files.writeString(path, "one\ntwo\nthree\nfour\n");
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path, READ, WRITE)) {
                for (String line : file.lines()) {
                    if (line.equals("two")) {
                        break;
                    }
                }
                assertThat(file.position()).isEqualTo(8);
                Iterator<String> lines = file.lines().iterator();
                assertThat(lines.hasNext()).isTrue();
                assertThat(file.position()).isEqualTo(8); // what was only looked at is not given away
                assertThat(lines.next()).isEqualTo("three");
                file.position(4);
                assertThat(lines.next()).isEqualTo("two");
                assertThat(text(file.readAll())).isEqualTo("three\nfour\n");
                assertThat(lines.hasNext()).isFalse();
                assertThatThrownBy(lines::next).isInstanceOf(NoSuchElementException.class);
                file.write("five\n");
                file.position(19);
                assertThat(lines.next()).isEqualTo("five"); // a file may grow
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @OnRealSockets
    void aCancelledReadLosesNothingWhereverItComes(Drivers driver) throws Exception {
        byte[] noise = Wire.noise(600_000);
        Files.write(path, noise);
        driver.run(() -> {
            for (int steps = 0; steps < 12; steps++) {
                try (AsyncFile file = AsyncFile.open(path)) {
                    Task<byte[], IOException> whole = createTask(() -> file.readAll());
                    cancelAfter(steps, whole);
                    assertThat(file.position()).isEqualTo(whole.cancelled() ? 0 : noise.length);

                    file.position(0);
                    ByteBuffer dst = ByteBuffer.allocate(1000);
                    Task<Integer, IOException> some = createTask(() -> file.read(dst));
                    cancelAfter(steps, some);
                    assertThat(file.position()).isEqualTo(dst.position());
                    dst.flip();
                    assertThat(dst).isEqualTo(ByteBuffer.wrap(noise, 0, dst.remaining()));
                }
            }
            Drivers.untilOpen(0);
        });
    }

    @OnRealSockets
    void afterACancelledWriteThePositionTellsWhatWasWritten(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int steps = 0; steps < 12; steps++) {
                ByteBuffer[] src = {ByteBuffer.wrap(bytes("0123")), ByteBuffer.wrap(bytes("4567"))};
                try (AsyncFile file = AsyncFile.open(path, CREATE, WRITE)) {
                    file.truncate(0);
                    Task<Void, IOException> writes = createTask(() -> {
                        file.write(src);
                        return null;
                    });
                    cancelAfter(steps, writes);
                    int left = src[0].remaining() + src[1].remaining();
                    assertThat(left).isIn(0, 4, 8);
                    assertThat(file.position()).isEqualTo(8 - left);
                    assertThat(path).hasContent("01234567".substring(0, 8 - left));
                }
            }
        });
    }

    @OnRealSockets
    void aCancelledOpenLeavesNothingOpen(Drivers driver) throws Exception {
        Files.writeString(path, "0123");
        driver.run(() -> {
            for (int steps = 0; steps < 12; steps++) {
                Task<AsyncFile, IOException> open = createTask(() -> AsyncFile.open(path));
                cancelAfter(steps, open);
                if (!open.cancelled()) {
                    open.await().close();
                }
            }
            Drivers.untilOpen(0);
            Drivers.until(() -> getRunningLoop().driver().inFlight() == 0);
        });
    }

    @OnRealSockets
    void aCancelBetweenLinesOrInOneLosesNone(Drivers driver) throws Exception {
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            written.add("line " + i);
        }
        Files.write(path, written);
        driver.run(() -> {
            try (AsyncFile file = AsyncFile.open(path)) {
                List<String> read = new ArrayList<>();
                for (int steps = 0; read.size() < written.size(); steps++) {
                    Task<Void, IOException> reads = createTask(() -> {
                        for (String line : file.lines()) {
                            read.add(line);
                        }
                        return null;
                    });
                    cancelAfter(steps, reads);
                }
                assertThat(read).isEqualTo(written);
            }
        });
    }

    /** Cancels a task after so many turns, and waits for its end. */
    static void cancelAfter(int steps, Task<?, ?> task) {
        for (int i = 0; i < steps; i++) {
            yieldNow();
        }
        task.cancel();
        Drivers.until(task::done);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        assertThat(Arrays.equals(bytes, new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
