package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Wire.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class StreamReaderTest {

    private interface Body {
        void run(ByteStream peer, StreamReader reader) throws Exception;
    }

    private static void withReader(int limit, Body body) throws Exception {
        Drivers.NIO.run(() -> {
            try (Wire wire = Wire.open()) {
                body.run(wire.client(), new StreamReader(wire.server(), limit));
            }
        });
    }

    private static void withReader(Body body) throws Exception {
        withReader(StreamReader.DEFAULT_LIMIT, body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends text and then the end of the stream. */
    private static void sendAll(ByteStream peer, String text) throws IOException {
        send(peer, text);
        peer.shutdownOutput();
    }

    // ------------------------------------------------------------------------------------------------ ST-1, ST-3

    @Spec("ST-1")
    @Test
    void aLimitMustBePositive() throws Exception {
        Drivers.NIO.run(() -> {
            try (Wire wire = Wire.open()) {
                assertThatThrownBy(() -> new StreamReader(wire.server(), 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not 0");
            }
        });
    }

    @Spec("ST-3")
    @Test
    void readGivesWhatIsThere() throws Exception {
        withReader((peer, reader) -> {
            send(peer, "abcdef");
            assertThat(reader.read(4)).asString().isEqualTo("abcd");
            assertThat(reader.read(100)).asString().isEqualTo("ef");
        });
    }

    @Spec("ST-3")
    @Test
    void readOfNothingGivesNothingWithoutWaiting() throws Exception {
        withReader((peer, reader) -> assertThat(reader.read(0)).isEmpty());
    }

    @Spec("ST-3")
    @Test
    void readAtTheEndGivesNothing() throws Exception {
        withReader((peer, reader) -> {
            peer.shutdownOutput();
            assertThat(reader.read(10)).isEmpty();
            assertThat(reader.read(10)).isEmpty();
        });
    }

    @Spec("ST-3")
    @Test
    void aNegativeReadGivesEverythingUpToTheEnd() throws Exception {
        String much = "0123456789".repeat(50_000);
        withReader(100, (peer, reader) -> {
            Task<?, IOException> sending = createTask(() -> sendAll(peer, much));
            assertThat(reader.read(-1)).asString().isEqualTo(much);
            assertThat(reader.readAll()).isEmpty();
            sending.await();
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-4

    @Spec("ST-4")
    @Test
    void readExactlyWaitsForAllOfIt() throws Exception {
        withReader((peer, reader) -> {
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
    @Test
    void readExactlyIsNotBoundByTheLimit() throws Exception {
        String much = "x".repeat(300_000);
        withReader(10, (peer, reader) -> {
            Task<?, IOException> sending = createTask(() -> send(peer, much));
            assertThat(reader.readExactly(much.length())).asString().isEqualTo(much);
            sending.await();
        });
    }

    @Spec("ST-4")
    @Test
    void readExactlyOfNothingOrLess() throws Exception {
        withReader((peer, reader) -> {
            assertThat(reader.readExactly(0)).isEmpty();
            assertThatThrownBy(() -> reader.readExactly(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("less than zero");
        });
    }

    @Spec("ST-4")
    @Test
    void readExactlyAtAnEarlyEndGivesTheParts() throws Exception {
        withReader((peer, reader) -> {
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
    @Test
    void linesComeWithTheirNewline() throws Exception {
        withReader((peer, reader) -> {
            sendAll(peer, "one\ntwo\r\n\nrest");
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                lines.add(reader.readLine(StandardCharsets.US_ASCII));
            }
            assertThat(lines).containsExactly("one\n", "two\r\n", "\n", "rest", "", "");
        });
    }

    @Spec("ST-5")
    @Test
    void aLineMayComeInPieces() throws Exception {
        withReader((peer, reader) -> {
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
        withReader(3, (peer, reader) -> {
            send(peer, "12345\nok\n");
            assertThatThrownBy(reader::readLine)
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageContaining("longer than limit");
            assertThat(reader.readLine()).asString().isEqualTo("ok\n");
        });
    }

    @Spec("ST-5")
    @Test
    void aLineThatIsTooLongDropsEverythingIfItsEndIsNotHere() throws Exception {
        withReader(3, (peer, reader) -> {
            send(peer, "12345");
            assertThatThrownBy(reader::readLine).isInstanceOf(LimitOverrunException.class);
            sendAll(peer, "67\nok\n");
            assertThat(reader.readAll()).asString().isEqualTo("67\nok\n");
        });
    }

    // ------------------------------------------------------------------------------------------------ ST-6

    @Spec("ST-6")
    @Test
    void readUntilIncludesTheSeparator() throws Exception {
        withReader((peer, reader) -> {
            send(peer, "GET / HTTP/1.1\r\n\r\nbody");
            assertThat(reader.readUntil(bytes("\r\n\r\n"))).asString().isEqualTo("GET / HTTP/1.1\r\n\r\n");
            assertThat(reader.read(10)).asString().isEqualTo("body");
        });
    }

    @Spec("ST-6")
    @Test
    void aSeparatorMayComeInPieces() throws Exception {
        withReader((peer, reader) -> {
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
    @Test
    void ofSeveralSeparatorsTheOneThatEndsFirstCounts() throws Exception {
        withReader((peer, reader) -> {
            send(peer, "aaXYZbb;cc\n");
            assertThat(reader.readUntil(bytes("XYZ"), bytes("Y"), bytes(";")))
                    .asString()
                    .isEqualTo("aaXY");
            assertThat(reader.readUntil(bytes("\n"), bytes(";"))).asString().isEqualTo("Zbb;");
            assertThat(reader.readUntil(bytes("\n"), bytes(";"))).asString().isEqualTo("cc\n");
        });
    }

    @Spec("ST-6")
    @Test
    void thereMustBeASeparator() throws Exception {
        withReader((peer, reader) -> {
            assertThatThrownBy(() -> reader.readUntil()).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reader.readUntil(bytes("a"), bytes("")))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Spec("ST-6")
    @Test
    void readUntilAtAnEarlyEndGivesTheParts() throws Exception {
        withReader((peer, reader) -> {
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
        withReader(3, (peer, reader) -> {
            send(peer, "someth");
            assertThatThrownBy(() -> reader.readUntil(bytes("AAA")))
                    .isInstanceOf(LimitOverrunException.class)
                    .hasMessageContaining("not found")
                    .asInstanceOf(InstanceOfAssertFactories.type(LimitOverrunException.class))
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(4));
            send(peer, "ingAAA");
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
    @Test
    void aSecondReaderIsRefused() throws Exception {
        withReader((peer, reader) -> {
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
    @Test
    void atEofIsTrueOnceTheEndWasMetAndNothingIsLeft() throws Exception {
        withReader((peer, reader) -> {
            assertThat(reader.atEof()).isFalse();
            sendAll(peer, "ab\nc");
            assertThat(reader.readLine()).hasSize(3);
            assertThat(reader.atEof()).isFalse();
            assertThat(reader.readAll()).hasSize(1);
            assertThat(reader.atEof()).isTrue();
        });
    }

    @Test
    void aCancelledReadLeavesWhatCameToTheNext() throws Exception {
        for (Drivers driver : Drivers.values()) {
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
    }
}
