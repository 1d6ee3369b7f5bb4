package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamReaderTest {

    private interface Body {
        void run(ByteStream peer, StreamReader reader) throws Exception;
    }

    private static void withReader(Drivers driver, int limit, Body body) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                body.run(wire.client(), new StreamReader(wire.server(), limit));
            }
        });
    }

    private static void withReader(Drivers driver, Body body) throws Exception {
        withReader(driver, StreamReader.DEFAULT_LIMIT, body);
    }

    private interface FedBody {
        void run(FedStream fed, StreamReader reader) throws Exception;
    }

    /** Runs a test in which what is here, and what is not, has to be exact. */
    private static void withFed(int limit, FedBody body) throws Exception {
        Drivers.NIO.run(() -> {
            FedStream fed = new FedStream(limit);
            body.run(fed, fed.reader());
        });
    }

    private static void send(FedStream fed, String text) {
        fed.feedData(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void send(ByteStream peer, String text) throws IOException {
        Wire.send(peer, text);
    }

    /** Sends text and then the end of the stream. */
    private static void sendAll(ByteStream peer, String text) throws IOException {
        send(peer, text);
        peer.shutdownOutput();
    }

    // ------------------------------------------------------------------------------------------------ ST-1, ST-3

    @Spec("ST-1")
    @ParameterizedTest
    @EnumSource
    void aLimitMustBePositive(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                assertThatThrownBy(() -> new StreamReader(wire.server(), 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not 0");
            }
        });
    }

    @Spec("ST-3")
    @ParameterizedTest
    @EnumSource
    void readGivesWhatIsThere(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            send(peer, "abcdef");
            String first = new String(reader.read(4), StandardCharsets.US_ASCII); // a driver may read less
            assertThat("abcd").startsWith(first);
            assertThat(first).isNotEmpty();
            assertThat(reader.readExactly(6 - first.length())).asString().isEqualTo("abcdef".substring(first.length()));
        });
    }

    @Spec("ST-3")
    @ParameterizedTest
    @EnumSource
    void readOfNothingGivesNothingWithoutWaiting(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> assertThat(reader.read(0)).isEmpty());
    }

    @Spec("ST-3")
    @ParameterizedTest
    @EnumSource
    void readAtTheEndGivesNothing(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            peer.shutdownOutput();
            assertThat(reader.read(10)).isEmpty();
            assertThat(reader.read(10)).isEmpty();
        });
    }

    @Spec("ST-3")
    @ParameterizedTest
    @EnumSource
    void aNegativeReadGivesEverythingUpToTheEnd(Drivers driver) throws Exception {
        String much = "0123456789".repeat(50_000);
        withReader(driver, 100, (peer, reader) -> {
            Task<?, IOException> sending = createTask(() -> sendAll(peer, much));
            assertThat(reader.read(-1)).asString().isEqualTo(much);
            assertThat(reader.readAll()).isEmpty();
            sending.await();
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-4

    @Spec("ST-4")
    @ParameterizedTest
    @EnumSource
    void readExactlyWaitsForAllOfIt(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            Task<byte[], IOException> read = createTask(() -> reader.readExactly(6));
            for (String part : List.of("ab", "cd", "efgh")) {
                send(peer, part);
                yieldNow();
            }
            assertThat(read.await()).asString().isEqualTo("abcdef");
            assertThat(reader.readExactly(2)).asString().isEqualTo("gh");
        });
    }

    @Spec("ST-4")
    @ParameterizedTest
    @EnumSource
    void readExactlyIsNotBoundByTheLimit(Drivers driver) throws Exception {
        String much = "x".repeat(300_000);
        withReader(driver, 10, (peer, reader) -> {
            Task<?, IOException> sending = createTask(() -> send(peer, much));
            assertThat(reader.readExactly(much.length())).asString().isEqualTo(much);
            sending.await();
        });
    }

    @Spec("ST-4")
    @ParameterizedTest
    @EnumSource
    void readExactlyOfNothingOrLess(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            assertThat(reader.readExactly(0)).isEmpty();
            assertThatThrownBy(() -> reader.readExactly(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("less than zero");
        });
    }

    @Spec("ST-4")
    @ParameterizedTest
    @EnumSource
    void readExactlyAtAnEarlyEndGivesTheParts(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            sendAll(peer, "abc");
            assertThatThrownBy(() -> reader.readExactly(5))
                    .isInstanceOf(IncompleteReadException.class)
                    .hasMessage("3 bytes read on a total of 5 expected bytes")
                    .asInstanceOf(InstanceOfAssertFactories.type(IncompleteReadException.class))
                    .satisfies(e -> assertThat(e.partial()).asString().isEqualTo("abc"))
                    .satisfies(e -> assertThat(e.expected()).isEqualTo(5));
            assertThat(reader.read(10)).isEmpty();
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-5

    @Spec("ST-5")
    @ParameterizedTest
    @EnumSource
    void linesComeWithTheirNewline(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            sendAll(peer, "one\ntwo\r\n\nrest");
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                lines.add(reader.readLine(StandardCharsets.US_ASCII));
            }
            assertThat(lines).containsExactly("one\n", "two\r\n", "\n", "rest", "", "");
        });
    }

    @Spec("ST-5")
    @ParameterizedTest
    @EnumSource
    void aLineMayComeInPieces(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            Task<byte[], IOException> read = createTask(() -> reader.readLine());
            for (String part : List.of("a", "b", "\n", "c")) {
                yieldNow();
                send(peer, part);
            }
            assertThat(read.await()).asString().isEqualTo("ab\n");
        });
    }

    @Spec("ST-5")
    @Test
    void aLineThatIsTooLongIsDroppedIfItsEndIsHere() throws Exception {
        withFed(3, (fed, reader) -> {
            send(fed, "12345\nok\n");
            assertThatThrownBy(reader::readLine)
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageContaining("longer than limit");
            assertThat(reader.readLine()).asString().isEqualTo("ok\n");
        });
    }

    @Spec("ST-5")
    @Test
    void aLineThatIsTooLongDropsEverythingIfItsEndIsNotHere() throws Exception {
        withFed(3, (fed, reader) -> {
            send(fed, "12345");
            assertThatThrownBy(reader::readLine).isInstanceOf(LimitOverrunException.class);
            send(fed, "67\nok\n");
            fed.feedEof();
            assertThat(reader.readAll()).asString().isEqualTo("67\nok\n");
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-6

    @Spec("ST-6")
    @ParameterizedTest
    @EnumSource
    void readUntilIncludesTheSeparator(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            send(peer, "GET / HTTP/1.1\r\n\r\nbody");
            assertThat(reader.readUntil(bytes("\r\n\r\n"))).asString().isEqualTo("GET / HTTP/1.1\r\n\r\n");
            assertThat(reader.readExactly(4)).asString().isEqualTo("body");
        });
    }

    @Spec("ST-6")
    @ParameterizedTest
    @EnumSource
    void aSeparatorMayComeInPieces(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            Task<byte[], IOException> read = createTask(() -> reader.readUntil(bytes("--end--")));
            for (String part : List.of("x-", "-en", "--en", "d-", "-y")) {
                yieldNow();
                send(peer, part);
            }
            assertThat(read.await()).asString().isEqualTo("x--en--end--");
            assertThat(reader.read(10)).asString().isEqualTo("y");
        });
    }

    @Spec("ST-6")
    @ParameterizedTest
    @EnumSource
    void ofSeveralSeparatorsTheOneThatEndsFirstCounts(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            send(peer, "aaXYZbb;cc\n");
            assertThat(reader.readUntil(bytes("XYZ"), bytes("Y"), bytes(";")))
                    .asString()
                    .isEqualTo("aaXY");
            assertThat(reader.readUntil(bytes("\n"), bytes(";"))).asString().isEqualTo("Zbb;");
            assertThat(reader.readUntil(bytes("\n"), bytes(";"))).asString().isEqualTo("cc\n");
        });
    }

    @Spec("ST-6")
    @ParameterizedTest
    @EnumSource
    void thereMustBeASeparator(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            assertThatThrownBy(() -> reader.readUntil()).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reader.readUntil(bytes("a"), bytes("")))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Spec("ST-6")
    @ParameterizedTest
    @EnumSource
    void readUntilAtAnEarlyEndGivesTheParts(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            sendAll(peer, "abc");
            assertThatThrownBy(() -> reader.readUntil(bytes("\n")))
                    .isInstanceOf(IncompleteReadException.class)
                    .hasMessage("3 bytes read on a total of undefined expected bytes")
                    .asInstanceOf(InstanceOfAssertFactories.type(IncompleteReadException.class))
                    .satisfies(e -> assertThat(e.partial()).asString().isEqualTo("abc"))
                    .satisfies(e -> assertThat(e.expected()).isEqualTo(-1));
            assertThat(reader.read(10)).isEmpty();
        });
    }

    @Spec("ST-6")
    @Test
    void withoutSeparatorInTheLimitTheBytesStay() throws Exception {
        withFed(3, (fed, reader) -> {
            send(fed, "someth");
            assertThatThrownBy(() -> reader.readUntil(bytes("AAA")))
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageContaining("not found")
                    .asInstanceOf(InstanceOfAssertFactories.type(LimitOverrunException.class))
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(4));
            send(fed, "ingAAA");
            assertThat(reader.readExactly(4)).asString().isEqualTo("some");
            assertThatThrownBy(() -> reader.readUntil(bytes("AAA")))
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageContaining("is found")
                    .asInstanceOf(InstanceOfAssertFactories.type(LimitOverrunException.class))
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(5));
            assertThat(reader.readExactly(8)).asString().isEqualTo("thingAAA");
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-8, ST-11,
    // cancel

    @Spec("ST-8")
    @ParameterizedTest
    @EnumSource
    void aSecondReaderIsRefused(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            Task<byte[], IOException> first = createTask(() -> reader.readLine());
            yieldNow();
            assertThatThrownBy(() -> reader.read(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("read() called while another coroutine is already waiting for incoming data");
            send(peer, "mine\n");
            assertThat(first.await()).asString().isEqualTo("mine\n");
        });
    }

    @Spec("ST-11")
    @ParameterizedTest
    @EnumSource
    void atEofIsTrueOnceTheEndWasMetAndNothingIsLeft(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            assertThat(reader.atEof()).isFalse();
            sendAll(peer, "ab\nc");
            assertThat(reader.readLine()).hasSize(3);
            assertThat(reader.atEof()).isFalse();
            assertThat(reader.readAll()).hasSize(1);
            assertThat(reader.atEof()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledReadLeavesWhatCameToTheNext(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamReader reader = new StreamReader(wire.server());
                for (int steps = 0; steps < 10; steps++) {
                    Task<byte[], IOException> read = createTask(() -> reader.readExactly(10));
                    yieldNow();
                    send(wire.client(), "01234");
                    for (int i = 0; i < steps; i++) {
                        yieldNow();
                    }
                    read.cancel();
                    while (!read.done()) {
                        yieldNow();
                    }
                    assertThat(read.cancelled()).isTrue();
                    send(wire.client(), "56789");
                    assertThat(reader.readExactly(10)).asString().isEqualTo("0123456789");
                }
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-7

    @Spec("ST-7")
    @ParameterizedTest
    @EnumSource
    void linesAreReadByAPlainForUntilTheEnd(Drivers driver) throws Exception {
        withReader(driver, (peer, reader) -> {
            List<String> lines = new ArrayList<>();
            Task<?, RuntimeException> reading = createTask(() -> {
                for (String line : reader.lines()) {
                    lines.add(line);
                }
            });
            for (String part : List.of("one\ntw", "o\r", "\n\nfo", "ur")) {
                send(peer, part);
                yieldNow();
            }
            peer.shutdownOutput();
            reading.await();
            assertThat(lines).containsExactly("one", "two", "", "four");
        });
    }

    @Spec("ST-7")
    @Test
    void whatFailsAReadFailsTheFor() throws Exception {
        withFed(3, (fed, reader) -> {
            send(fed, "1\n12345\n2\n");
            List<String> lines = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (String line : reader.lines()) {
                            lines.add(line);
                        }
                    })
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(LimitOverrunException.class);
            assertThat(lines).containsExactly("1");
            assertThat(reader.lines().iterator().next()).isEqualTo("2");
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-9

    @Spec("ST-9")
    @ParameterizedTest
    @EnumSource
    void aPeerThatSendsFasterIsHeldBack(Drivers driver) throws Exception {
        int much = 64 << 20; // more than all buffers of the system
        withReader(driver, 1000, (peer, reader) -> {
            Task<?, IOException> sending = createTask(() -> peer.write(ByteBuffer.allocate(much)));
            reader.readExactly(10);
            for (int i = 0; i < 300; i++) {
                yieldNow();
                assertThat(reader.buffered()).isLessThanOrEqualTo(StreamReader.DEFAULT_LIMIT);
            }
            assertThat(sending.done()).isFalse();
            for (int read = 10; read < much; ) {
                int count = reader.read(1 << 20).length;
                assertThat(count).isPositive();
                assertThat(reader.buffered()).isLessThanOrEqualTo(2 * StreamReader.DEFAULT_LIMIT);
                read += count;
            }
            sending.await();
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-10

    @Spec("ST-10")
    @Test
    void whatWasFedIsRead() throws Exception {
        withFed(100, (fed, reader) -> {
            assertThat(fed.quiet()).isTrue();
            byte[] data = bytes("abc\nd");
            fed.feedData(data);
            fed.feedData(new byte[0]);
            data[0] = 'X';
            assertThat(fed.size()).isEqualTo(5);
            assertThat(reader.readLine()).asString().isEqualTo("abc\n");
            assertThat(fed.size()).isEqualTo(1);
            Task<byte[], IOException> waiting = createTask(() -> reader.readExactly(3));
            yieldNow();
            send(fed, "ef");
            assertThat(waiting.await()).asString().isEqualTo("def");
            Task<byte[], IOException> last = createTask(reader::readAll);
            yieldNow();
            assertThatThrownBy(() -> fed.read(ByteBuffer.allocate(1))).isInstanceOf(IllegalStateException.class);
            send(fed, "g");
            fed.feedEof();
            fed.feedEof();
            assertThat(last.await()).asString().isEqualTo("g");
            assertThat(reader.atEof()).isTrue();
            assertThatThrownBy(() -> send(fed, "h"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("feedData after feedEof");
        });
    }

    @Spec("ST-10")
    @Test
    void anExceptionIsWhatAllReadsFailWith() throws Exception {
        withFed(100, (fed, reader) -> {
            assertThat(reader.exception()).isNull();
            send(fed, "a");
            Task<byte[], IOException> waiting = createTask(() -> reader.readExactly(2));
            yieldNow();
            IOException failure = new IOException("reset");
            fed.setException(failure);
            assertThatThrownBy(waiting::await).isSameAs(failure);
            assertThat(reader.exception()).isSameAs(failure);
            assertThat(reader.buffered()).isEqualTo(1);
            assertThatThrownBy(() -> reader.read(1)).isSameAs(failure);
            assertThatThrownBy(() -> reader.read(0)).isSameAs(failure);
            assertThatThrownBy(() -> reader.readExactly(1)).isSameAs(failure);
            assertThatThrownBy(reader::readLine).isSameAs(failure);
            assertThatThrownBy(() -> reader.readUntil(bytes("x"))).isSameAs(failure);
            assertThatThrownBy(reader::readAll).isSameAs(failure);
        });
    }

    @Spec("ST-10")
    @Test
    void anExceptionCountsBeforeWhatIsBuffered() throws Exception {
        withFed(100, (fed, reader) -> {
            send(fed, "a\nb\n");
            assertThat(reader.readLine()).hasSize(2);
            fed.setException(new IOException("reset"));
            assertThatThrownBy(reader::readLine).hasMessage("reset");
        });
    }

    @Test
    void aReadOfAFedStreamThatIsCancelledLosesNothing() throws Exception {
        withFed(100, (fed, reader) -> {
            Task<byte[], IOException> waiting = createTask(() -> reader.readExactly(2));
            yieldNow();
            send(fed, "a");
            waiting.cancel();
            yieldNow();
            assertThat(waiting.cancelled()).isTrue();
            send(fed, "b");
            assertThat(reader.readExactly(2)).asString().isEqualTo("ab");
            Task<byte[], IOException> last = createTask(reader::readAll);
            yieldNow();
            fed.close();
            assertThat(last.await()).isEmpty();
        });
    }
}
