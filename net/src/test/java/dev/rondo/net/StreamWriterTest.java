package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamWriterTest {

    @Spec("ST-12")
    @ParameterizedTest
    @EnumSource
    void textBytesAndTheEnd(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                writer.write("grüß ", StandardCharsets.UTF_8);
                writer.write(new byte[] {'d', 'i', 'c', 'h'});
                writer.write(Wire.bytes("!"), Wire.bytes("\n"));
                writer.write(new byte[0]);
                writer.writeEof();
                assertThat(new StreamReader(wire.server()).readAll())
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("grüß dich!\n");
                writer.close();
                assertThat(writer.isClosing()).isTrue();
                assertThatThrownBy(() -> writer.write(new byte[1])).isInstanceOf(IOException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void messagesOfManyCoroutinesDoNotMixAndKeepTheirOrder(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                List<Task<?, IOException>> tasks = new ArrayList<>();
                for (byte i = 0; i < 5; i++) {
                    byte[] message = new byte[1 << 20];
                    Arrays.fill(message, i);
                    tasks.add(createTask(() -> writer.write(message)));
                }
                StreamReader reader = new StreamReader(wire.server());
                for (byte i = 0; i < 5; i++) {
                    ensureOnly(i, reader.readExactly(1 << 20));
                }
                for (Task<?, IOException> task : tasks) {
                    task.await();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoIsCancelledWhileWaitingForATurnHoldsNobodyUp(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> first = createTask(() -> writer.write(new byte[8 << 20]));
                Task<?, IOException> second = createTask(() -> writer.write(new byte[] {2}));
                Task<?, IOException> third = createTask(() -> writer.write(new byte[] {3}));
                yieldNow();
                second.cancel();
                StreamReader reader = new StreamReader(wire.server());
                reader.readExactly(8 << 20);
                assertThat(reader.readExactly(1)).containsExactly(3);
                first.await();
                third.await();
                assertThat(second.cancelled()).isTrue();
            }
        });
    }

    @Test
    void whoIsCancelledJustBeforeItsTurnBreaksNothing() {
        stubborn((stream, writer) -> {
            Task<?, IOException> first = createTask(() -> writer.write("1", US_ASCII));
            Task<?, IOException> second = createTask(() -> writer.write("2", US_ASCII));
            Task<?, IOException> third = createTask(() -> writer.write("3", US_ASCII));
            yieldNow();
            stream.takeAll(); // the first is about to go on
            yieldNow();
            second.cancel(); // and its turn is about to come
            first.await();
            third.await();
            assertThat(second.cancelled()).isTrue();
            writer.write("4", US_ASCII);
            assertThat(stream.taken).hasToString("134");
        });
    }

    // ------------------------------------------------------------------------------------------------ cancelled

    @Spec("ST-12")
    @ParameterizedTest
    @EnumSource
    void aMessageThatIsCancelledInTheMiddleIsSentOnBeforeAllOthers(Drivers driver) throws Exception {
        byte[] big = Wire.noise(8 << 20);
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                byte[] message = big.clone();
                Task<?, IOException> first = createTask(() -> writer.write(message));
                Task<?, IOException> second = createTask(() -> writer.write(new byte[] {2}));
                yieldNow();
                yieldNow();
                first.cancel();
                until(first::done);
                assertThat(first.cancelled()).isTrue();
                Arrays.fill(message, (byte) 0); // it is the caller's again
                writer.writeNow(new byte[] {3});
                StreamReader reader = new StreamReader(wire.server());
                int begin = reader.read(1)[0];
                if (begin != 2) { // else nothing of the first had been sent: a driver may be late
                    assertThat((byte) begin).isEqualTo(big[0]);
                    assertThat(Arrays.equals(reader.readExactly(big.length - 1), 0, big.length - 1, big, 1, big.length))
                            .isTrue();
                    assertThat(reader.readExactly(1)).containsExactly(2);
                }
                assertThat(reader.readExactly(1)).containsExactly(3);
                second.await();
                until(() -> writer.writeBufferSize() == 0);
            }
        });
    }

    @Spec("ST-12")
    @Test
    void aCancelledMessageIsDroppedWholeOrSentWhole() {
        stubborn((stream, writer) -> {
            Task<?, IOException> first = createTask(() -> writer.write(Wire.bytes("ab"), Wire.bytes("cd")));
            yieldNow();
            first.cancel();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            assertThat(writer.writeBufferSize()).isZero(); // dropped

            Task<?, IOException> second = createTask(() -> writer.write(Wire.bytes("AB"), Wire.bytes("CD")));
            Task<?, IOException> third = createTask(() -> writer.write("3", US_ASCII));
            stream.take(1);
            yieldNow();
            writer.writeNow("4", US_ASCII);
            second.cancel();
            yieldNow();
            assertThat(second.cancelled()).isTrue();
            assertThat(writer.writeBufferSize()).isEqualTo(4);
            assertThat(stream.taken).hasToString("A");
            stream.takeAll();
            third.await();
            until(() -> writer.writeBufferSize() == 0);
            assertThat(stream.taken).hasToString("ABCD34");
        });
    }

    @ParameterizedTest
    @EnumSource
    void overTlsAsWellNothingIsCutShort(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                Task<TlsStream, IOException> accepting =
                        createTask(() -> Net.startTlsServer(wire.server(), TestCertificates.LOCALHOST));
                ByteStream client = Net.startTls(wire.client(), TestCertificates.LOCALHOST, "localhost", 0);
                StreamWriter writer = new StreamWriter(client);
                StreamReader reader = new StreamReader(accepting.await());
                createTask(() -> whatIsRead(reader));
                for (int turns = 0; turns < 6; turns++) {
                    Task<?, IOException> big = createTask(() -> writer.write(new byte[4 << 20]));
                    Task<?, IOException> small = createTask(() -> writer.write(new byte[100]));
                    for (int i = 0; i < turns; i++) {
                        yieldNow();
                    }
                    big.cancel();
                    small.cancel();
                    until(() -> big.done() && small.done());
                    writer.write(new byte[] {1});
                }
                writer.writeEof();
                until(reader::atEof);
            }
        });
    }

    /** Reads to the end; TLS would find out about a byte that is missing. */
    private static void whatIsRead(StreamReader reader) throws IOException {
        while (reader.read(1 << 16).length > 0) {
            // more
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatComesOutAreWholeMessagesInOrder(Drivers driver) throws Exception {
        driver.run(() -> {
            Random random = new Random(driver.ordinal());
            for (int round = 0; round < 20; round++) {
                try (Wire wire = Wire.open()) {
                    StreamWriter writer = new StreamWriter(wire.client());
                    Task<Set<Integer>, IOException> reading =
                            createTask(() -> messages(new StreamReader(wire.server())));
                    Set<Integer> written = new HashSet<>();
                    List<Task<?, IOException>> tasks = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        int number = i;
                        byte[] message = message(number, random.nextInt(400_000));
                        switch (random.nextInt(4)) {
                            case 0 -> {
                                writer.writeNow(message);
                                written.add(number);
                            }
                            case 1 -> {
                                writer.write(message);
                                written.add(number);
                            }
                            default ->
                                tasks.add(createTask(() -> {
                                    writer.write(message);
                                    written.add(number);
                                }));
                        }
                        if (random.nextInt(3) == 0) {
                            yieldNow();
                        }
                        if (random.nextInt(3) == 0 && !tasks.isEmpty()) {
                            tasks.get(random.nextInt(tasks.size())).cancel();
                        }
                    }
                    until(() -> tasks.stream().allMatch(Task::done));
                    writer.writeEof();
                    assertThat(reading.await()).containsAll(written);
                }
            }
        });
    }

    private static void ensureOnly(byte expected, byte[] bytes) {
        for (byte each : bytes) {
            if (each != expected) {
                throw new AssertionError(each + " among bytes that are all " + expected);
            }
        }
    }

    private static byte[] message(int number, int length) {
        byte[] message = new byte[8 + length];
        Arrays.fill(message, (byte) number);
        ByteBuffer.wrap(message).putInt(number).putInt(length);
        return message;
    }

    private static Set<Integer> messages(StreamReader reader) throws IOException {
        Set<Integer> numbers = new LinkedHashSet<>();
        for (byte[] head; (head = reader.read(1)).length > 0; ) {
            ByteBuffer rest =
                    ByteBuffer.allocate(8).put(head).put(reader.readExactly(7)).flip();
            int number = rest.getInt();
            ensureOnly((byte) number, reader.readExactly(rest.getInt()));
            assertThat(numbers.add(number)).isTrue();
        }
        return numbers;
    }

    // ------------------------------------------------------------------------------------------------ writeNow

    private interface Body {
        void run(StubbornStream stream, StreamWriter writer) throws Exception;
    }

    /** Runs a test on virtual time, with a stream that takes nothing until it is told to. */
    private static void stubborn(Body body) {
        VirtualClock clock = new VirtualClock();
        try (Runner runner = new Runner(() -> EventLoop.builder().clock(clock).build())) {
            runner.run(() -> timeout(Duration.ofHours(1), () -> {
                StubbornStream stream = new StubbornStream();
                body.run(stream, new StreamWriter(stream));
                return null;
            }));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Spec("ST-12")
    @ParameterizedTest
    @EnumSource
    void writeNowNeverSuspendsAndMayBeCalledByCallbacks(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                List<String> log = new ArrayList<>();
                getRunningLoop().callSoon(() -> log.add("somebody else"));
                byte[] big = Wire.noise(8 << 20);
                byte[] data = big.clone();
                writer.writeNow(data);
                writer.writeNow("grüß ", UTF_8);
                ByteBuffer[] lines = {Wire.bytes("di"), Wire.bytes("ch")};
                writer.writeNow(lines);
                assertThat(log).isEmpty();
                assertThat(lines[1].hasRemaining()).isFalse();
                Arrays.fill(data, (byte) 0);
                getRunningLoop().callSoon(() -> writer.writeNow(new byte[] {'!'}));
                StreamReader reader = new StreamReader(wire.server());
                assertThat(Arrays.equals(reader.readExactly(big.length), big)).isTrue();
                assertThat(reader.readExactly("grüß dich!".getBytes(UTF_8).length))
                        .asString(UTF_8)
                        .isEqualTo("grüß dich!");
                until(() -> writer.writeBufferSize() == 0);
            }
        });
    }

    @Spec("ST-12")
    @Test
    void whatTheSystemTakesIsSentAtOnce() throws Exception {
        Drivers.NIO.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                writer.writeNow("at once", US_ASCII);
                assertThat(writer.writeBufferSize()).isZero();
                Promise<Integer, RuntimeException> left = getRunningLoop().createFuture();
                getRunningLoop().callSoon(() -> {
                    writer.writeNow(", by a callback too", US_ASCII);
                    left.setResult(writer.writeBufferSize());
                });
                assertThat(left.await()).isZero();
                assertThat(Wire.receive(wire.server(), 26)).isEqualTo("at once, by a callback too");
            }
        });
    }

    @Test
    void writeNowGoesBehindWhatWaitsAndAheadOfWhatComes() {
        stubborn((stream, writer) -> {
            Task<?, IOException> first = createTask(() -> writer.write("1", US_ASCII));
            Task<?, IOException> second = createTask(() -> writer.write("2", US_ASCII));
            yieldNow();
            writer.writeNow("3", US_ASCII);
            Task<?, IOException> fourth = createTask(() -> writer.write("4", US_ASCII));
            yieldNow();
            writer.writeNow("5", US_ASCII);
            writer.writeNow("6", US_ASCII);
            assertThat(writer.writeBufferSize()).isEqualTo(3);
            stream.takeAll();
            first.await();
            second.await();
            fourth.await();
            until(() -> writer.writeBufferSize() == 0);
            assertThat(stream.taken).hasToString("123456");
        });
    }

    @Spec("ST-12")
    @Test
    void nothingIsWrittenNowOnAConnectionThatIsLost() {
        stubborn((stream, writer) -> {
            writer.writeNow("a", US_ASCII);
            stream.breakWith(new IOException("broken"));
            yieldNow();
            writer.writeNow("b", US_ASCII);
            assertThat(writer.writeBufferSize()).isZero();
            assertThat(writer.tryWrite(new byte[1])).isFalse();
            assertThat(writer.isClosing()).isTrue();
            assertThatThrownBy(() -> writer.write(new byte[1])).hasMessage("broken");
            assertThatThrownBy(writer::drain).hasMessage("broken");
            assertThatThrownBy(writer::writeEof).hasMessage("broken");
            assertThat(stream.isOpen()).isTrue(); // what the peer has said can be read
            writer.close();
            assertThat(stream.isOpen()).isFalse();
        });
    }

    @Test
    void whoWaitsToWriteHearsThatTheConnectionBroke() {
        stubborn((stream, writer) -> {
            Task<?, IOException> first = createTask(() -> writer.write("1", US_ASCII));
            Task<?, IOException> second = createTask(() -> writer.write("2", US_ASCII));
            yieldNow();
            writer.writeNow("3", US_ASCII);
            stream.breakWith(new IOException("broken"));
            assertThatThrownBy(first::await).hasMessage("broken");
            assertThatThrownBy(second::await).hasMessage("broken");
            assertThat(writer.writeBufferSize()).isZero();
        });
    }

    // ------------------------------------------------------------------------------------------------ flow control

    @Spec("P-11")
    @Spec("P-12")
    @Test
    void tryWriteRefusesWhileTooMuchWaits() {
        stubborn((stream, writer) -> {
            assertThat(writer.tryWrite(new byte[64 * 1024])).isTrue();
            assertThat(writer.tryWrite(new byte[1])).isTrue(); // it was not above the mark
            assertThat(writer.tryWrite(new byte[1])).isFalse();
            ByteBuffer untouched = ByteBuffer.allocate(5);
            assertThat(writer.tryWrite(untouched)).isFalse();
            assertThat(untouched.remaining()).isEqualTo(5);
            assertThat(writer.writeBufferSize()).isEqualTo(64 * 1024 + 1);
            stream.take(64 * 1024);
            until(() -> writer.writeBufferSize() == 1);
            assertThat(writer.tryWrite(untouched)).isTrue();
            assertThat(untouched.remaining()).isZero();
        });
    }

    @Spec("ST-13")
    @Spec("P-11")
    @Test
    void drainWaitsFromAboveTheHighMarkUntilTheLowOne() {
        stubborn((stream, writer) -> {
            writer.setWriteBufferLimits(2 * 64 * 1024); // low: 32 KiB
            writer.writeNow(new byte[2 * 64 * 1024]);
            writer.drain(); // not above: does not wait
            writer.writeNow(new byte[1]);
            List<Task<?, IOException>> drains = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                drains.add(createTask(writer::drain));
            }
            stream.take(64 * 1024);
            until(() -> writer.writeBufferSize() == 64 * 1024 + 1); // below the high mark, above the low one
            yieldNow();
            assertThat(drains).noneMatch(Task::done);
            drains.getFirst().cancel();
            stream.take(64 * 1024);
            until(() -> drains.stream().allMatch(Task::done));
            assertThat(drains.getFirst().cancelled()).isTrue();
            drains.getLast().await();
            assertThat(writer.writeBufferSize()).isEqualTo(1);
        });
    }

    @Spec("P-11")
    @Test
    void limitsAreCheckedAndCountAtOnce() {
        stubborn((stream, writer) -> {
            assertThatThrownBy(() -> writer.setWriteBufferLimits(1, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("high (1) must be >= low (2) must be >= 0");
            assertThatThrownBy(() -> writer.setWriteBufferLimits(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.setWriteBufferLimits(1, -1)).isInstanceOf(IllegalArgumentException.class);
            writer.writeNow(new byte[10]);
            writer.setWriteBufferLimits(0);
            Task<?, IOException> drain = createTask(writer::drain);
            yieldNow();
            assertThat(drain.done()).isFalse();
            writer.setWriteBufferLimits(20, 10);
            drain.await();
            writer.setWriteBufferLimits(0);
            Task<?, IOException> toTheEnd = createTask(writer::drain);
            stream.take(10);
            toTheEnd.await();
            assertThat(writer.writeBufferSize()).isZero();
            writer.writeNow(new byte[0]);
            writer.drain();
        });
    }

    @Spec("ST-13")
    @ParameterizedTest
    @EnumSource
    void aProgramThatDrainsIsHeldBackByItsPeer(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> writing = createTask(() -> {
                    for (int i = 0; i < 64; i++) {
                        writer.writeNow(new byte[1 << 20]);
                        writer.drain();
                        assertThat(writer.writeBufferSize()).isLessThanOrEqualTo(16 * 1024);
                    }
                    writer.writeEof();
                });
                for (int i = 0; i < 300; i++) {
                    yieldNow();
                }
                assertThat(writing.done()).isFalse();
                assertThat(writer.writeBufferSize()).isLessThanOrEqualTo(1 << 20);
                StreamReader reader = new StreamReader(wire.server());
                for (int i = 0; i < 64; i++) {
                    reader.readExactly(1 << 20);
                }
                assertThat(reader.readAll()).isEmpty();
                writing.await();
            }
        });
    }

    @Spec("ST-13")
    @ParameterizedTest
    @EnumSource
    void drainSaysThatThePeerIsGone(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                wire.server().close();
                StreamWriter writer = new StreamWriter(wire.client());
                assertThatThrownBy(() -> {
                            for (; ; ) {
                                writer.writeNow("foo\n", US_ASCII);
                                writer.drain();
                            }
                        })
                        .isInstanceOf(IOException.class);
                assertThat(writer.isClosing()).isTrue();
                writer.close();
                assertThatThrownBy(writer::waitClosed).isInstanceOf(IOException.class);
            }
        });
    }

    @Spec("ST-13")
    @Test
    void whoDrainsHearsThatTheConnectionBroke() {
        stubborn((stream, writer) -> {
            writer.writeNow(new byte[100_000]);
            Task<?, IOException> drain = createTask(writer::drain);
            yieldNow();
            stream.breakWith(new IOException("broken"));
            assertThatThrownBy(drain::await).hasMessage("broken");
        });
    }

    @Spec("ST-13")
    @Test
    void drainRaisesWhatTheReaderFailedWith() {
        stubborn((stream, _) -> {
            FedStream fed = new FedStream();
            StreamWriter writer = new StreamWriter(stream, fed.reader(), false, () -> {}, false);
            writer.drain();
            Task<?, IOException> closed = createTask(writer::waitClosed);
            yieldNow();
            fed.setException(new IOException("reset"));
            assertThatThrownBy(writer::drain).hasMessage("reset");
            assertThatThrownBy(writer::waitClosed).hasMessage("reset");
            writer.close();
            assertThatThrownBy(closed::await).hasMessage("reset");
        });
    }

    @Spec("ST-13")
    @ParameterizedTest
    @EnumSource
    void onAClosedWriterDrainLetsOthersRunAndFails(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                writer.close();
                writer.writeNow("silently dropped", US_ASCII);
                List<String> log = new ArrayList<>();
                getRunningLoop().callSoon(() -> log.add("somebody else"));
                assertThatThrownBy(writer::drain)
                        .isInstanceOf(SocketException.class)
                        .hasMessage("Connection lost");
                assertThat(log).containsExactly("somebody else");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ another stream

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenBeforeTheStreamIsReplacedGoesToTheOldOne(Drivers driver) throws Exception {
        byte[] plain = Wire.noise(4 << 20);
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                writer.writeNow(plain);
                Task<TlsStream, IOException> upgrade = createTask(() -> writer.outbox()
                        .replace(stream -> Net.startTls(stream, TestCertificates.LOCALHOST, "localhost", 0)));
                yieldNow();
                writer.writeNow("now", US_ASCII);
                Task<?, IOException> later = createTask(() -> writer.write(" and later", US_ASCII));
                ByteBuffer received = ByteBuffer.allocate(plain.length);
                while (received.hasRemaining()) {
                    wire.server().read(received);
                }
                assertThat(Arrays.equals(received.array(), plain)).isTrue();
                ByteStream secret = Net.startTlsServer(wire.server(), TestCertificates.LOCALHOST);
                TlsStream upgraded = upgrade.await(); // before the writer is asked for its stream
                assertThat(writer.outbox().stream()).isSameAs(upgraded);
                later.await();
                assertThat(Wire.receive(secret, 13)).isEqualTo("now and later");
                writer.close();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatCannotBeReplacedIsClosedAndSoIsTheWriter(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<TlsStream, IOException> upgrade = createTask(() -> writer.outbox()
                        .replace(stream -> Net.startTls(stream, TestCertificates.LOCALHOST, "localhost", 0)));
                Task<?, IOException> write = createTask(() -> writer.write(new byte[1]));
                yieldNow();
                wire.server().shutdownOutput();
                assertThatThrownBy(upgrade::await).isInstanceOf(IOException.class);
                assertThatThrownBy(write::await).isInstanceOf(ClosedChannelException.class);
                writer.waitClosed();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ writeEof

    @Spec("ST-12")
    @Spec("ST-17")
    @ParameterizedTest
    @EnumSource
    void theEndComesAfterWhatWaitsAndThisSideCanStillRead(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                assertThat(writer.canWriteEof()).isTrue();
                byte[] big = Wire.noise(8 << 20);
                writer.writeNow(big);
                Task<?, IOException> eof = createTask(writer::writeEof);
                yieldNow();
                assertThatThrownBy(() -> writer.writeNow(new byte[1]))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("after writeEof");
                assertThat(Arrays.equals(new StreamReader(wire.server()).readAll(), big))
                        .isTrue();
                eof.await();
                writer.writeEof();
                assertThatThrownBy(() -> writer.write(new byte[1])).isInstanceOf(ClosedChannelException.class);
                assertThat(writer.isClosing()).isFalse();
                new StreamWriter(wire.server()).write("answer", US_ASCII); // after the end that it has read
                assertThat(new StreamReader(wire.client()).readExactly(6))
                        .asString()
                        .isEqualTo("answer");
                writer.close();
                writer.writeEof(); // does nothing
            }
        });
    }

    @Test
    void anEndThatWasCancelledIsUndone() {
        stubborn((stream, writer) -> {
            writer.writeNow("a", US_ASCII);
            Task<?, IOException> eof = createTask(writer::writeEof);
            yieldNow();
            eof.cancel();
            yieldNow();
            writer.writeNow("b", US_ASCII);
            stream.takeAll();
            writer.writeEof();
            assertThat(stream.taken).hasToString("ab<eof>");
        });
    }

    // ------------------------------------------------------------------------------------------------ closing

    @Spec("ST-14")
    @ParameterizedTest
    @EnumSource
    void closingSendsWhatWaits(Drivers driver) throws Exception {
        byte[] big = Wire.noise(8 << 20);
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> first = createTask(writer::waitClosed);
                Task<?, IOException> second = createTask(writer::waitClosed);
                yieldNow();
                assertThat(writer.isClosing()).isFalse();
                writer.writeNow(big);
                writer.close();
                writer.close();
                assertThat(writer.isClosing()).isTrue();
                assertThat(first.done()).isFalse();
                second.cancel();
                assertThatThrownBy(() -> writer.write(new byte[1])).isInstanceOf(ClosedChannelException.class);
                assertThat(Arrays.equals(new StreamReader(wire.server()).readAll(), big))
                        .isTrue();
                first.await();
                writer.waitClosed();
                assertThat(wire.client().isOpen()).isFalse();
            }
        });
    }

    @Spec("ST-14")
    @Test
    void closingWaitsForAMessageThatCopiedBytesWaitBehindAndForNoOther() {
        stubborn((stream, writer) -> {
            Task<?, IOException> first = createTask(() -> writer.write("12", US_ASCII));
            Task<?, IOException> second = createTask(() -> writer.write("34", US_ASCII));
            stream.take(1);
            yieldNow();
            writer.writeNow("56", US_ASCII);
            writer.close();
            assertThatThrownBy(second::await).isInstanceOf(ClosedChannelException.class);
            assertThat(first.done()).isFalse();
            stream.takeAll();
            first.await();
            writer.waitClosed();
            assertThat(stream.taken).hasToString("1256<closed>");
        });
    }

    @ParameterizedTest
    @EnumSource
    void closingFreesAllWhoWrite(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> first = createTask(() -> writer.write(new byte[8 << 20]));
                Task<?, IOException> second = createTask(() -> writer.write(new byte[1]));
                yieldNow();
                writer.close();
                assertThatThrownBy(first::await).isInstanceOf(IOException.class);
                assertThatThrownBy(second::await).isInstanceOf(IOException.class);
                writer.waitClosed();
            }
        });
    }

    @Spec("ST-14")
    @ParameterizedTest
    @EnumSource
    void abortingDropsWhatWaits(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                writer.writeNow(new byte[8 << 20]);
                Task<?, IOException> drain = createTask(writer::drain);
                Task<?, IOException> write = createTask(() -> writer.write(new byte[1]));
                yieldNow();
                writer.close(); // and then there is no more time
                writer.abort();
                writer.abort();
                assertThat(wire.client().isOpen()).isFalse();
                assertThat(writer.writeBufferSize()).isZero();
                writer.waitClosed();
                drain.await();
                assertThatThrownBy(write::await).isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    @Spec("ST-14")
    @Test
    void aPeerThatTakesNothingIsGivenUpAfterClosing() {
        stubborn((stream, writer) -> {
            writer.writeNow(new byte[200_000]);
            writer.close();
            for (int i = 0; i < 3; i++) { // one that is slow is not
                sleep(Duration.ofSeconds(29));
                assertThat(stream.isOpen()).isTrue();
                stream.take(64 * 1024);
            }
            Duration before = getRunningLoop().time();
            assertThatThrownBy(writer::waitClosed)
                    .isInstanceOf(IOException.class)
                    .hasMessage("closed with 3392 bytes unsent: the peer has taken nothing for 30 s");
            assertThat(getRunningLoop().time().minus(before)).isLessThanOrEqualTo(Duration.ofSeconds(60));
            assertThat(stream.isOpen()).isFalse();
        });
    }

    @Spec("ST-14")
    @Test
    void waitClosedThrowsWhatBrokeTheConnection() {
        stubborn((stream, writer) -> {
            Task<?, IOException> closed = createTask(writer::waitClosed);
            writer.writeNow("a", US_ASCII);
            yieldNow();
            writer.close();
            stream.breakWith(new IOException("broken"));
            assertThatThrownBy(closed::await).hasMessage("broken");
            assertThat(stream.isOpen()).isFalse();
            assertThatThrownBy(writer::waitClosed).hasMessage("broken");
        });
    }

    @Test
    void aStreamThatWasClosedItselfEndsAllTheSame() {
        stubborn((stream, writer) -> {
            writer.writeNow(new byte[100_000]);
            Task<?, IOException> closed = createTask(writer::waitClosed);
            yieldNow();
            stream.close();
            closed.await();
            assertThat(writer.isClosing()).isTrue();
            assertThat(writer.writeBufferSize()).isZero();
            writer.close();
        });
    }

    @Test
    void whatWaitsWhenTheRunEndsIsDroppedWithoutAWord() {
        StubbornStream stream = new StubbornStream();
        List<Object> reported = new ArrayList<>();
        try (Runner runner = new Runner()) {
            runner.run(() -> {
                getRunningLoop().setExceptionHandler((_, context) -> reported.add(context));
                StreamWriter writer = new StreamWriter(stream);
                writer.writeNow(new byte[100_000]);
                writer.close();
            });
        }
        assertThat(stream.isOpen()).isFalse();
        assertThat(reported).isEmpty();
    }

    @Spec("ST-12")
    @Test
    void whatTheSystemHasTakenReachesThePeerThoughTheRunEnds() throws Exception {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Asyncio.run(() -> {
                try (Connection connection = Net.openConnection("127.0.0.1", peer.getLocalPort())) {
                    connection.writer().writeNow("last words", US_ASCII);
                }
            });
            try (Socket accepted = peer.accept()) {
                assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("last words");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void racesOfClosingLeaveNothingOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 20; round++) {
                try (Wire wire = Wire.open()) {
                    StreamWriter writer = new StreamWriter(wire.client());
                    createTask(() -> whatIsRead(new StreamReader(wire.server())));
                    Task<?, IOException> write = createTask(() -> writer.write(new byte[3 << 20]));
                    writer.writeNow(new byte[1 << 20]);
                    for (int i = 0; i < round / 2; i++) {
                        yieldNow();
                    }
                    if (round % 2 == 0) {
                        writer.close();
                        write.cancel();
                    } else {
                        write.cancel();
                        writer.close();
                    }
                    writer.waitClosed();
                    until(write::done);
                    assertThat(write.cancelled() || write.exception() != null || write.done())
                            .isTrue();
                }
                Drivers.untilOpen(0);
            }
        });
    }
}
