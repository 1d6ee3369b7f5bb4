package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Sockets.sockRecvInto;
import static dev.rondo.net.Sockets.sockSendAll;
import static dev.rondo.net.Sockets.sockSendFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files through sockets: sent by the system, and, where it cannot (a file in an archive), read and written. */
@Timeout(60)
class SockSendFileTest {

    private static final int LENGTH = 3_000_001; // more than the system takes at once, and no whole blocks

    private final RawSockets raw = new RawSockets();
    private final byte[] data = Wire.noise(LENGTH);

    @TempDir
    Path folder;

    @AfterEach
    void close() throws IOException {
        raw.close();
    }

    /** Returns a connection that does not hold the whole file. */
    private RawSockets.Pair narrowPair() throws IOException {
        RawSockets.Pair pair = raw.pair();
        pair.mine().setOption(StandardSocketOptions.SO_SNDBUF, 65_536);
        return pair;
    }

    /** A test with a file that has the data. */
    private interface WithFile {
        void run(FileChannel file) throws IOException;
    }

    /** Runs a test twice: with a file that the system can send, and with one that it cannot. */
    private void withBothKinds(Drivers driver, WithFile test) throws IOException {
        Path path = folder.resolve("file");
        Files.write(path, data);
        try (FileChannel file = FileChannel.open(path)) {
            driver.run(() -> {
                test.run(file);
                assertThat(getRunningLoop().driver().openCount()).isZero();
            });
        }
        withFileInArchive(file -> driver.run(() -> test.run(file)));
    }

    private void withFileInArchive(WithFile test) throws IOException {
        try (FileSystem archive = FileSystems.newFileSystem(folder.resolve("archive.zip"), Map.of("create", "true"))) {
            Path path = archive.getPath("file");
            Files.write(path, data);
            try (FileChannel file = FileChannel.open(path)) {
                test.run(file);
            }
        }
    }

    private static byte[] readToEnd(SocketChannel socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(100_000);
        while (sockRecvInto(socket, buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toByteArray();
    }

    @OnRealSockets
    @Spec("SF-2")
    @Spec("SF-3")
    void aFileIsSentWholeAndItsPositionIsBehindIt(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            RawSockets.Pair pair = narrowPair();
            Task<byte[], IOException> received = createTask(() -> readToEnd(pair.peer()));
            assertThat(sockSendFile(pair.mine(), file)).isEqualTo(LENGTH);
            pair.mine().close();
            assertThat(Arrays.equals(received.await(), data)).isTrue();
            assertThat(file.position()).isEqualTo(LENGTH);
            assertThat(file.isOpen()).isTrue();
        });
    }

    @OnRealSockets
    @Spec("SF-2")
    void aPartOfAFileIsSent(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            RawSockets.Pair pair = raw.pair();
            Task<byte[], IOException> received = createTask(() -> readToEnd(pair.peer()));
            assertThat(sockSendFile(pair.mine(), file, 1000, 2000, true)).isEqualTo(2000);
            assertThat(file.position()).isEqualTo(3000);
            assertThat(sockSendFile(pair.mine(), file, LENGTH - 5, Long.MAX_VALUE, true))
                    .isEqualTo(5);
            assertThat(file.position()).isEqualTo(LENGTH);
            assertThat(sockSendFile(pair.mine(), file, 0, 1, true)).isEqualTo(1);
            assertThat(file.position()).isEqualTo(1);
            assertThat(sockSendFile(pair.mine(), file, LENGTH, 10, true)).isZero();
            assertThat(sockSendFile(pair.mine(), file, LENGTH + 10L, 10, true)).isZero();
            assertThat(file.position()).isEqualTo(1);
            pair.mine().close();
            ByteBuffer all = ByteBuffer.allocate(2006).put(data, 1000, 2000).put(data, LENGTH - 5, 5);
            assertThat(received.await()).isEqualTo(all.put(data, 0, 1).array());
        });
    }

    @OnRealSockets
    @Spec("SF-2")
    void ofAnEmptyFileNothingIsSent(Drivers driver) throws Exception {
        try (FileChannel file = FileChannel.open(Files.createFile(folder.resolve("empty")))) {
            RawSockets.Pair pair = raw.pair();
            driver.run(() -> assertThat(sockSendFile(pair.mine(), file)).isZero());
            assertThat(file.position()).isZero();
        }
    }

    @OnRealSockets
    @Spec("SF-2")
    void aFileGoesBetweenWhatIsSentBeforeAndAfterIt(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            RawSockets.Pair pair = narrowPair();
            byte[] regular = Wire.noise(65_536);
            Task<byte[], IOException> received = createTask(() -> readToEnd(pair.peer()));
            sockSendAll(pair.mine(), ByteBuffer.wrap(regular));
            assertThat(sockSendFile(pair.mine(), file)).isEqualTo(LENGTH);
            sockSendAll(pair.mine(), ByteBuffer.wrap(regular));
            pair.mine().close();
            ByteBuffer all = ByteBuffer.allocate(LENGTH + 2 * regular.length);
            all.put(regular).put(data).put(regular);
            assertThat(Arrays.equals(received.await(), all.array())).isTrue();
        });
    }

    @OnRealSockets
    @Spec("SF-2")
    void withoutTheFallbackTheSystemSendsItOrNobody(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        Path path = folder.resolve("file");
        Files.writeString(path, "by the system");
        try (FileChannel file = FileChannel.open(path)) {
            driver.run(() ->
                    assertThat(sockSendFile(pair.mine(), file, 0, 6, false)).isEqualTo(6));
        }
        RawSockets.drain(pair.peer());
        withFileInArchive(file -> driver.run(() -> {
            assertThatThrownBy(() -> sockSendFile(pair.mine(), file, 0, 6, false))
                    .isInstanceOf(SendfileNotAvailableException.class)
                    .hasMessageContaining("fallback");
            assertThat(file.position()).isZero();
        }));
        pair.mine().close();
        ByteBuffer nothing = ByteBuffer.allocate(1);
        pair.peer().configureBlocking(true);
        assertThat(pair.peer().read(nothing)).isEqualTo(-1);
    }

    @OnRealSockets
    @Spec("SF-2")
    void whatMakesNoSenseIsRefused(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            RawSockets.Pair pair = raw.pair();
            assertThatThrownBy(() -> sockSendFile(pair.mine(), file, -1, 1, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("offset must not be negative: -1");
            for (int count : new int[] {0, -1}) {
                assertThatThrownBy(() -> sockSendFile(pair.mine(), file, 0, count, true))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("count must be positive, not " + count);
            }
            try (FileChannel unreadable = FileChannel.open(
                    folder.resolve("unreadable"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                unreadable.write(Wire.bytes("x"));
                assertThatThrownBy(() -> sockSendFile(pair.mine(), unreadable))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not opened to be read");
            }
            FileChannel closed = FileChannel.open(folder.resolve("unreadable"));
            closed.close();
            assertThatThrownBy(() -> sockSendFile(pair.mine(), closed)).isInstanceOf(ClosedChannelException.class);
        });
    }

    @OnRealSockets
    @Spec("SF-2")
    void whoIsCancelledLeavesTheFileBehindWhatWasSent(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            for (int turns = 0; turns < 60; turns += 12) {
                RawSockets.Pair pair = narrowPair();
                file.position(7);
                Task<Long, IOException> sending = createTask(() -> sockSendFile(pair.mine(), file));
                for (int turn = 0; turn < turns; turn++) {
                    yieldNow();
                }
                sending.cancel();
                assertThatThrownBy(sending::await).isInstanceOf(TaskCancelledException.class);
                long sent = file.position() == 7 ? 0 : file.position();
                pair.mine().close();
                byte[] received = readToEnd(pair.peer());
                assertThat((long) received.length).isEqualTo(sent);
                assertThat(Arrays.equals(received, Arrays.copyOf(data, (int) sent)))
                        .isTrue();
            }
        });
    }

    @OnRealSockets
    @Spec("SF-2")
    @Spec("SF-3")
    void whosePeerGoesAwayFailsAndLeavesTheFileBehindWhatWasSent(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            RawSockets.Pair pair = narrowPair();
            Task<Long, IOException> sending = createTask(() -> sockSendFile(pair.mine(), file));
            ByteBuffer some = ByteBuffer.allocate(5_000);
            while (some.hasRemaining()) {
                sockRecvInto(pair.peer(), some);
            }
            pair.peer().close();
            assertThatThrownBy(sending::await)
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("Broken pipe|Connection reset.*");
            assertThat(file.position()).isBetween(5_000L, LENGTH - 1L);
        });
    }

    @OnRealSockets
    void theSocketThatIsClosedMeanwhileEndsIt(Drivers driver) throws Exception {
        withBothKinds(driver, file -> {
            RawSockets.Pair pair = narrowPair();
            Task<Long, IOException> sending = createTask(() -> sockSendFile(pair.mine(), file));
            ByteBuffer some = ByteBuffer.allocate(5_000);
            while (some.hasRemaining()) {
                sockRecvInto(pair.peer(), some);
            }
            for (int turn = 0; turn < 50; turn++) {
                yieldNow();
            }
            pair.mine().close();
            assertThatThrownBy(sending::await).isInstanceOf(ClosedChannelException.class);
        });
    }

    @OnRealSockets
    void nobodyElseSendsOrWatchesMeanwhileButMayReceive(Drivers driver) throws Exception {
        Path path = folder.resolve("file");
        Files.write(path, data);
        try (FileChannel file = FileChannel.open(path)) {
            driver.run(() -> {
                RawSockets.Pair pair = narrowPair();
                Task<Long, IOException> sending = createTask(() -> sockSendFile(pair.mine(), file));
                ByteBuffer some = ByteBuffer.allocate(5_000);
                while (some.hasRemaining()) {
                    sockRecvInto(pair.peer(), some);
                }
                assertThatThrownBy(() -> sockSendAll(pair.mine(), Wire.bytes("x")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another coroutine is already writing");
                assertThatThrownBy(() -> getRunningLoop().addWriter(pair.mine(), () -> {}))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(getRunningLoop().removeWriter(pair.mine())).isFalse();

                Task<Integer, IOException> receiving =
                        createTask(() -> sockRecvInto(pair.mine(), ByteBuffer.allocate(1)));
                yieldNow();
                pair.peer().write(Wire.bytes("y"));
                assertThat(receiving.await()).isEqualTo(1);
                Task<byte[], IOException> rest = createTask(() -> readToEnd(pair.peer()));
                assertThat(sending.await()).isEqualTo(LENGTH);
                pair.mine().close();
                assertThat(rest.await()).hasSize(LENGTH - 5_000);
            });
        }
    }
}
