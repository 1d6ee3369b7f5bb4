package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static dev.rondo.net.TestCertificates.LOCALHOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files through transports: past the buffer by the system, or in blocks: over TLS, and out of an archive. */
@Timeout(60)
class TransportSendFileTest {

    private static final int LENGTH = 8_000_001; // more than the system takes at once, and no whole blocks

    private final byte[] data = Wire.noise(LENGTH);

    @TempDir
    Path folder;

    /** What gets the file. */
    private static final class Sink extends Told {
        final ByteArrayOutputStream received = new ByteArrayOutputStream();

        @Override
        public void dataReceived(byte[] data) throws Exception {
            received.writeBytes(data);
            bytes += data.length;
            react("data");
        }
    }

    /** A connection through which files are sent. */
    private static final class Sending {
        final Sink sink = new Sink();
        final Told told = new Told();
        final Transport transport;
        private final Server server;

        Sending(boolean tls) throws IOException {
            List<String> here = List.of("127.0.0.1");
            if (tls) {
                server = Net.createServer(() -> sink, here, 0, ListenOptions.DEFAULT, LOCALHOST, TlsOptions.DEFAULT);
                transport = Net.createConnection(
                                () -> told,
                                "127.0.0.1",
                                server.port(),
                                ConnectOptions.DEFAULT,
                                LOCALHOST,
                                TlsOptions.DEFAULT)
                        .transport();
            } else {
                server = Net.createServer(() -> sink, here, 0, ListenOptions.DEFAULT);
                transport = Net.createConnection(() -> told, "127.0.0.1", server.port())
                        .transport();
            }
            until(() -> !sink.log.isEmpty());
        }

        void end() {
            transport.close();
            if (!sink.transport().isReading()) {
                sink.transport().resumeReading();
            }
            until(() -> told.isLost() && sink.isLost());
            server.close();
            server.waitClosed();
            untilOpen(0);
        }
    }

    private interface Test {
        void run(Sending sending, FileChannel file) throws Exception;
    }

    /** Runs a test with what the system sends, what it cannot send from, and what it cannot send through. */
    private void withAllKinds(Drivers driver, Test test) throws Exception {
        Path path = Files.write(folder.resolve("file"), data);
        for (boolean tls : new boolean[] {false, true}) {
            try (FileChannel file = FileChannel.open(path)) {
                driver.run(() -> {
                    Sending sending = new Sending(tls);
                    test.run(sending, file);
                    sending.end();
                });
            }
        }
        withFileInArchive(file -> driver.run(() -> {
            Sending sending = new Sending(false);
            test.run(sending, file);
            sending.end();
        }));
    }

    private interface WithFile {
        void run(FileChannel file) throws Exception;
    }

    private void withFileInArchive(WithFile test) throws Exception {
        Path archived = folder.resolve("archive.zip");
        try (FileSystem archive = FileSystems.newFileSystem(archived, Map.of("create", "true"))) {
            Path path = Files.write(archive.getPath("file"), data);
            try (FileChannel file = FileChannel.open(path)) {
                test.run(file);
            }
        }
        Files.delete(archived);
    }

    private static void write(Transport transport, String text) {
        transport.write(text.getBytes());
    }

    // ------------------------------------------------------------------------------------------------ what is sent

    @Spec("SF-1")
    @Spec("SF-3")
    @OnRealSockets
    void aFileGoesBetweenWhatIsWrittenBeforeAndAfterIt(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            byte[] around = Wire.noise(3_000_000);
            sending.transport.write(around);
            assertThat(Net.sendFile(sending.transport, file)).isEqualTo(LENGTH);
            assertThat(file.position()).isEqualTo(LENGTH);
            assertThat(file.isOpen()).isTrue();
            sending.transport.write(around);
            until(() -> sending.sink.bytes == LENGTH + 6_000_000);
            ByteBuffer all = ByteBuffer.allocate(LENGTH + 6_000_000);
            all.put(around).put(data).put(around);
            assertThat(Arrays.equals(sending.sink.received.toByteArray(), all.array()))
                    .isTrue();
            assertThat(sending.transport.getProtocol()).isSameAs(sending.told);
        });
    }

    @Spec("SF-1")
    @OnRealSockets
    void aPartOfAFileIsSent(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            assertThat(Net.sendFile(sending.transport, file, 1000, 100, true)).isEqualTo(100);
            assertThat(file.position()).isEqualTo(1100);
            assertThat(Net.sendFile(sending.transport, file, LENGTH - 5, Long.MAX_VALUE, true))
                    .isEqualTo(5);
            assertThat(Net.sendFile(sending.transport, file, LENGTH, 1, true)).isZero();
            assertThat(file.position()).isEqualTo(LENGTH);
            until(() -> sending.sink.bytes == 105);
            ByteBuffer all = ByteBuffer.allocate(105).put(data, 1000, 100).put(data, LENGTH - 5, 5);
            assertThat(sending.sink.received.toByteArray()).isEqualTo(all.array());
        });
    }

    @Spec("SF-1")
    @OnRealSockets
    void anAsyncFileIsSentAndItsPositionIsBehindWhatWas(Drivers driver) throws Exception {
        Path path = Files.write(folder.resolve("file"), data);
        for (boolean tls : new boolean[] {false, true}) {
            driver.run(() -> {
                Sending sending = new Sending(tls);
                try (AsyncFile file = AsyncFile.open(path)) {
                    assertThat(Net.sendFile(sending.transport, file, 10, 20, true))
                            .isEqualTo(20);
                    assertThat(file.position()).isEqualTo(30);
                    assertThat(file.read(5)).isEqualTo(Arrays.copyOfRange(data, 30, 35));
                    sending.sink.transport().pauseReading();
                    Task<Long, IOException> all = createTask(() -> Net.sendFile(sending.transport, file));
                    yieldNow();
                    assertThatThrownBy(() -> file.read(1)).isInstanceOf(IllegalStateException.class);
                    sending.sink.transport().resumeReading();
                    assertThat(all.await()).isEqualTo(LENGTH);
                    assertThat(file.position()).isEqualTo(LENGTH);
                    until(() -> sending.sink.bytes == LENGTH + 20);
                }
                sending.end();
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ meanwhile

    @Spec("SF-1")
    @OnRealSockets
    void nothingIsReadMeanwhileAndReadingGoesOnBehindIt(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            sending.sink.transport().pauseReading();
            write(sending.sink.transport(), "for the protocol");
            Task<Long, IOException> all = createTask(() -> Net.sendFile(sending.transport, file));
            yieldNow();
            assertThat(sending.transport.isReading()).isFalse();
            sending.sink.transport().resumeReading();
            all.await();
            assertThat(sending.transport.isReading()).isTrue();
            until(() -> sending.told.bytes == 16);
            sending.transport.pauseReading();
            Net.sendFile(sending.transport, file, 0, 1, true);
            assertThat(sending.transport.isReading()).isFalse();
        });
    }

    @Spec("P-4")
    @Spec("SF-1")
    @OnRealSockets
    void whereTheSystemSendsNothingCanBeWrittenMeanwhile(Drivers driver) throws Exception {
        Path path = Files.write(folder.resolve("file"), data);
        driver.run(() -> {
            Sending sending = new Sending(false);
            sending.sink.transport().pauseReading();
            sending.transport.write(new byte[16 << 20]); // waits, and so does the file
            try (FileChannel file = FileChannel.open(path)) {
                Task<Long, IOException> all = createTask(() -> Net.sendFile(sending.transport, file));
                for (int i = 0; i < 5; i++) {
                    yieldNow();
                }
                assertThatThrownBy(() -> write(sending.transport, "x"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("unable to write; sendfile is in progress");
                assertThatThrownBy(() -> sending.transport.writeLines(List.of(ByteBuffer.allocate(1))))
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> Net.sendFile(sending.transport, file))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another file");
                assertThatThrownBy(() -> Net.startTls(
                                sending.transport, sending.told, LOCALHOST, "localhost", 0, TlsOptions.DEFAULT))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("file");
                sending.transport.writeEof();
                sending.transport.close(); // waits for the file
                sending.sink.transport().resumeReading();
                assertThat(all.await()).isEqualTo(LENGTH);
            }
            until(sending.sink::isLost);
            assertThat(sending.sink.bytes).isEqualTo(LENGTH + (16 << 20));
            assertThat(sending.sink.log).containsExactly("made", "eof", "lost");
            sending.end();
        });
    }

    @Spec("SF-1")
    @Spec("P-11")
    @OnRealSockets
    void aProtocolThatWasPausedIsResumedOnce(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            sending.transport.write(new byte[16 << 20]);
            assertThat(sending.told.log).endsWith("pause");
            Net.sendFile(sending.transport, file);
            until(() -> sending.sink.bytes == LENGTH + (16 << 20));
            until(() -> sending.told.log.contains("resume"));
            List<String> pauses = sending.told.log.stream()
                    .filter(event -> !event.equals("made"))
                    .toList();
            assertThat(pauses).isEqualTo(pauses.size() == 2 ? List.of("pause", "resume") : pauses);
            assertThat(pauses).endsWith("resume");
            sending.transport.write(new byte[16 << 20]); // and told again when there is too much again
            assertThat(sending.told.log).endsWith("pause");
            until(() -> sending.sink.bytes == LENGTH + (32 << 20));
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Spec("SF-1")
    @OnRealSockets
    void whatMakesNoSenseIsRefused(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            assertThatThrownBy(() -> Net.sendFile(sending.transport, file, -1, 1, true))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Net.sendFile(sending.transport, file, 0, 0, true))
                    .isInstanceOf(IllegalArgumentException.class);
            try (FileChannel unreadable = FileChannel.open(
                    folder.resolve("unreadable"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                unreadable.write(Wire.bytes("x"));
                assertThatThrownBy(() -> Net.sendFile(sending.transport, unreadable))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not opened to be read");
            }
            assertThat(sending.transport.isClosing()).isFalse();
            sending.transport.close();
            assertThatThrownBy(() -> Net.sendFile(sending.transport, file))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Transport is closing");
            assertThat(file.position()).isZero();
        });
    }

    @Spec("SF-1")
    @OnRealSockets
    void withoutTheFallbackTheSystemSendsItOrNobody(Drivers driver) throws Exception {
        boolean[] bySystem = {true};
        withAllKinds(driver, (sending, file) -> {
            if (bySystem[0]) {
                assertThat(Net.sendFile(sending.transport, file, 0, 7, false)).isEqualTo(7);
                bySystem[0] = false;
            } else {
                assertThatThrownBy(() -> Net.sendFile(sending.transport, file, 0, 7, false))
                        .isInstanceOf(SendfileNotAvailableException.class)
                        .hasMessageContaining("fallback");
                assertThat(file.position()).isZero();
                assertThat(sending.transport.isReading()).isTrue();
            }
        });
    }

    @Spec("SF-1")
    @Spec("SF-3")
    @OnRealSockets
    void whosePeerGoesAwayFailsAndTheProtocolIsToldOfTheLoss(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            sending.sink.on("data", () -> {
                if (sending.sink.bytes > 5_000) {
                    sending.sink.transport().abort();
                }
            });
            assertThatThrownBy(() -> Net.sendFile(sending.transport, file)).isInstanceOf(IOException.class);
            assertThat(file.position()).isBetween(5_000L, LENGTH - 1L);
            until(sending.told::isLost);
            assertThat(sending.told.log).filteredOn("lost"::equals).hasSize(1);
        });
    }

    @Spec("SF-1")
    @OnRealSockets
    void whoseTransportIsAbortedFails(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            sending.sink.transport().pauseReading();
            Task<Long, IOException> all = createTask(() -> Net.sendFile(sending.transport, file));
            for (int i = 0; i < 50; i++) {
                yieldNow();
            }
            sending.transport.abort();
            assertThatThrownBy(all::await).isInstanceOf(IOException.class);
            sending.sink.transport().resumeReading();
            until(sending.told::isLost);
            assertThat(sending.told.failure).isNull();
        });
    }

    @Spec("SF-1")
    @OnRealSockets
    void whoIsCancelledLeavesTheFileBehindWhatWasSentAndTheConnectionUsable(Drivers driver) throws Exception {
        withAllKinds(driver, (sending, file) -> {
            for (int turns = 0; turns < 40; turns += 8) {
                long before = sending.sink.bytes;
                file.position(7);
                Task<Long, IOException> some = createTask(() -> Net.sendFile(sending.transport, file));
                for (int turn = 0; turn < turns; turn++) {
                    yieldNow();
                }
                long sent = some.cancel() ? -1 : LENGTH;
                until(some::done);
                if (sent < 0) {
                    sent = file.position() == 7 ? 0 : file.position();
                }
                write(sending.transport, "!");
                long all = before + sent + 1;
                until(() -> sending.sink.bytes >= all);
                assertThat(sending.sink.bytes).isEqualTo(all);
                assertThat(sending.sink.received.toByteArray()[(int) all - 1]).isEqualTo((byte) '!');
                assertThat(sending.transport.isReading()).isTrue();
            }
        });
    }
}
