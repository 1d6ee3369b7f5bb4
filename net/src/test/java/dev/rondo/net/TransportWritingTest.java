package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.ExceptionContext;
import dev.rondo.KeyboardInterrupt;
import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransportWritingTest {

    private static final int MUCH = 16 << 20; // more than the buffers of two sockets hold

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Spec("P-4")
    @ParameterizedTest
    @EnumSource
    void bytesArriveInTheOrderOfTheWrites(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                for (int i = 0; i < 300; i++) {
                    byte[] data = Wire.noise(1 + i * 37);
                    expected.writeBytes(data);
                    if (i % 3 == 0) {
                        ByteBuffer buffer = ByteBuffer.wrap(data);
                        pair.transport().write(buffer);
                        assertThat(buffer.remaining()).isEqualTo(data.length); // the caller's position is its own
                    } else {
                        pair.transport().write(data);
                    }
                    pair.transport().write(new byte[0]);
                    if (i % 20 == 0) {
                        yieldNow();
                    }
                }
                pair.transport().writeEof();
                assertThat(pair.receiveAll()).isEqualTo(expected.toByteArray());
            }
        });
    }

    @Spec("P-4")
    @ParameterizedTest
    @EnumSource(names = "NIO")
    void whatTheSystemTakesIsSentWithinTheCall(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().write(bytes("at once"));
                assertThat(pair.transport().getWriteBufferSize()).isZero();
                ByteBuffer got = ByteBuffer.allocate(7);
                pair.peer().read(got); // on this thread: the loop does not turn
                assertThat(got.remaining()).isZero();
            }
        });
    }

    @Spec("P-4")
    @ParameterizedTest
    @EnumSource
    void whatWaitsIsNotCopied(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                byte[] data = new byte[MUCH];
                pair.transport().write(data);
                data[MUCH - 1] = 42; // nobody should; it shows whose bytes they are
                byte[] got = pair.receive(MUCH);
                assertThat(got[MUCH - 1]).isEqualTo((byte) 42);
            }
        });
    }

    @Spec("P-4")
    @Spec("P-6")
    @ParameterizedTest
    @EnumSource
    void afterItsEndNothingCanBeWritten(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                Transport transport = pair.transport();
                transport.writeEof();
                assertThatThrownBy(() -> transport.write(bytes("x")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("cannot write after writeEof()");
                assertThatThrownBy(() -> transport.write(new byte[0])).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> transport.writeLines(List.of())).isInstanceOf(IllegalStateException.class);
                transport.abort();
                assertThatThrownBy(() -> transport.write(bytes("x"))).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Spec("P-4")
    @ParameterizedTest
    @EnumSource
    void writesToALostConnectionAreIgnoredAndWarnedOfFromTheFifth(Drivers driver) throws Exception {
        driver.run(() -> {
            try (LogOf log = new LogOf(SocketTransport.class);
                    Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().close();
                for (int i = 0; i < 2; i++) {
                    pair.transport().write(bytes("x"));
                    pair.transport().writeLines(List.of(Wire.bytes("x")));
                    pair.transport().write(new byte[0]);
                }
                until(pair.protocol()::isLost);
                assertThat(log.lines()).isEmpty();
                pair.transport().write(bytes("x"));
                assertThat(log.lines()).hasSize(1).allMatch(line -> line.startsWith("WARN SocketTransport["));
                pair.transport().writeLines(List.of(Wire.bytes("x")));
                assertThat(log.lines()).hasSize(2);
                assertThat(pair.transport().getWriteBufferSize()).isZero();
                assertThat(pair.receiveAll()).isEmpty();
            }
        });
    }

    @Spec("P-4")
    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void aClosingTransportStillSendsWhatIsWrittenWhileSomethingWaits(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().write(new byte[MUCH]);
                pair.transport().close();
                pair.transport().write(bytes("last"));
                assertThat(pair.receiveAll()).hasSize(MUCH + 4).endsWith(bytes("last"));
            }
        });
    }

    @Spec("P-5")
    @ParameterizedTest
    @EnumSource
    void manyBuffersGoOutTogether(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                List<ByteBuffer> lines = new ArrayList<>();
                for (int i = 0; i < 3000; i++) { // more than a system takes in one call
                    byte[] line = bytes("line " + i + "\n");
                    expected.writeBytes(line);
                    lines.add(ByteBuffer.wrap(line));
                }
                lines.add(ByteBuffer.allocate(0));
                pair.transport().writeLines(List.of());
                pair.transport().writeLines(lines);
                assertThat(lines).filteredOn(ByteBuffer::hasRemaining).hasSize(3000); // the caller's own
                pair.transport().writeEof();
                assertThat(pair.receiveAll()).isEqualTo(expected.toByteArray());
            }
        });
    }

    @Spec("P-5")
    @Spec("P-11")
    @ParameterizedTest
    @EnumSource
    void manyBuffersPauseTheProtocolAsOneDoes(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().writeLines(List.of(ByteBuffer.allocate(MUCH), ByteBuffer.allocate(MUCH)));
                assertThat(pair.protocol().log).containsExactly("made", "pause");
                pair.receive(2 * MUCH);
                until(() -> pair.protocol().log.contains("resume"));
            }
        });
    }

    @Spec("P-6")
    @ParameterizedTest
    @EnumSource
    void theEndFollowsTheLastByteAndThePeerCanStillWrite(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                byte[] data = Wire.noise(MUCH);
                assertThat(pair.transport().canWriteEof()).isTrue();
                pair.transport().write(data);
                pair.transport().writeEof();
                pair.transport().writeEof();
                assertThat(pair.receiveAll()).isEqualTo(data);
                pair.send("answer");
                until(() -> pair.protocol().bytes == 6);
                assertThat(pair.transport().isClosing()).isFalse();
                pair.transport().close();
                pair.transport().writeEof();
                until(pair.protocol()::isLost);
                pair.transport().writeEof();
            }
            untilOpen(0);
        });
    }

    @Spec("P-6")
    @ParameterizedTest
    @EnumSource
    void anEndForAPeerThatIsGoneIsALossAndNoFailureOfTheCaller(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 20; round++) {
                try (Peered<Told> pair = Peered.open(new Told())) {
                    pair.reset();
                    for (int turn = 0; turn < round % 4; turn++) {
                        yieldNow();
                    }
                    pair.transport().writeEof();
                    until(pair.protocol()::isLost);
                    assertThat(pair.protocol().log).containsExactly("made", "lost");
                }
            }
            untilOpen(0);
        });
    }

    @Spec("P-8")
    @ParameterizedTest
    @EnumSource
    void aWriteThatFailsIsToldAsALossAndNotToTheCaller(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = new ArrayList<>();
            getRunningLoop().setExceptionHandler((where, context) -> reports.add(context));
            for (int round = 0; round < 20; round++) {
                try (Peered<Told> pair = Peered.open(new Told())) {
                    pair.transport().pauseReading(); // so that the write finds out
                    if (round % 2 == 0) {
                        pair.transport().write(new byte[MUCH]);
                    }
                    pair.reset();
                    for (int i = 0; !pair.protocol().isLost() && i < 1_000_000; i++) {
                        pair.transport().write(bytes("x"));
                        yieldNow();
                    }
                    assertThat(pair.protocol().failure).isInstanceOf(IOException.class);
                    assertThat(pair.protocol().log).filteredOn("lost"::equals).hasSize(1);
                    assertThat(pair.transport().getWriteBufferSize()).isZero();
                }
            }
            assertThat(reports).isEmpty();
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ flow control

    @Spec("P-11")
    @Spec("P-12")
    @ParameterizedTest
    @EnumSource
    void theMarksHaveDefaultsAndRules(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                Transport transport = pair.transport();
                assertThat(transport.getWriteBufferLimits())
                        .isEqualTo(new Transport.WriteBufferLimits(16 * 1024, 64 * 1024));
                assertThat(transport.getWriteBufferSize()).isZero();
                transport.setWriteBufferLimits(1000);
                assertThat(transport.getWriteBufferLimits()).isEqualTo(new Transport.WriteBufferLimits(250, 1000));
                transport.setWriteBufferLimits(10, 10);
                assertThat(transport.getWriteBufferLimits()).isEqualTo(new Transport.WriteBufferLimits(10, 10));
                transport.setWriteBufferLimits(0);
                assertThat(transport.getWriteBufferLimits()).isEqualTo(new Transport.WriteBufferLimits(0, 0));
                assertThatThrownBy(() -> transport.setWriteBufferLimits(9, 10))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("high (9) must be >= low (10) must be >= 0");
                assertThatThrownBy(() -> transport.setWriteBufferLimits(9, -1))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(pair.protocol().log).containsExactly("made");
            }
        });
    }

    @Spec("P-11")
    @ParameterizedTest
    @EnumSource
    void aProtocolIsPausedWithinTheWriteAndResumedOnceWhenItIsSent(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            try (Peered<Told> pair = Peered.open(told)) {
                Transport transport = pair.transport();
                told.on(
                        "resume",
                        () -> assertThat(transport.getWriteBufferSize())
                                .isLessThanOrEqualTo(
                                        transport.getWriteBufferLimits().low()));
                transport.write(new byte[MUCH]);
                assertThat(told.log).containsExactly("made", "pause");
                transport.write(new byte[1]);
                transport.setWriteBufferLimits(1);
                assertThat(told.log).containsExactly("made", "pause");
                pair.receive(MUCH + 1);
                until(() -> told.log.contains("resume"));
                for (int i = 0; i < 20; i++) {
                    yieldNow();
                }
                assertThat(told.log).containsExactly("made", "pause", "resume");
            }
        });
    }

    @Spec("P-11")
    @ParameterizedTest
    @EnumSource
    void aLowerMarkTakesEffectAtOnceAndZeroPausesForAnyByte(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            try (Peered<Told> pair = Peered.open(told)) {
                Transport transport = pair.transport();
                transport.setWriteBufferLimits(Integer.MAX_VALUE);
                transport.write(new byte[MUCH]);
                assertThat(told.log).containsExactly("made");
                transport.setWriteBufferLimits(0);
                assertThat(told.log).containsExactly("made", "pause");
                pair.receive(MUCH);
                until(() -> told.log.contains("resume"));
                assertThat(transport.getWriteBufferSize()).isZero();
            }
        });
    }

    @Spec("P-11")
    @ParameterizedTest
    @EnumSource
    void aProtocolThatFailsToPauseOrResumeIsReportedAndTheConnectionLives(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = new ArrayList<>();
            getRunningLoop().setExceptionHandler((where, context) -> reports.add(context));
            Told told = new Told();
            told.on("pause", () -> {
                throw new IOException("no pause");
            });
            told.on("resume", () -> {
                throw new IllegalStateException("no resume");
            });
            try (Peered<Told> pair = Peered.open(told)) {
                pair.transport().write(new byte[MUCH]);
                pair.receive(MUCH);
                until(() -> reports.size() == 2);
                assertThat(reports)
                        .extracting(ExceptionContext::message)
                        .containsExactly("protocol.pause_writing() failed", "protocol.resume_writing() failed");
                assertThat(reports).allSatisfy(context -> {
                    assertThat(context.details()).containsEntry("transport", pair.transport());
                    assertThat(context.details()).containsEntry("protocol", told);
                });
                assertThat(pair.transport().isClosing()).isFalse();
                told.on("pause", () -> {
                    throw new KeyboardInterrupt();
                });
                assertThatThrownBy(() -> pair.transport().write(new byte[MUCH])).isInstanceOf(KeyboardInterrupt.class);
            }
        });
    }

    @Spec("P-11")
    @ParameterizedTest
    @EnumSource
    void aProducerThatObeysMovesEverything(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            byte[] data = Wire.noise(MUCH);
            int[] written = {0};
            boolean[] paused = {false};
            dev.rondo.Action<Exception> produce = () -> {
                paused[0] = false;
                while (!paused[0] && written[0] < data.length) {
                    told.transport().write(ByteBuffer.wrap(data, written[0], 8192));
                    written[0] += 8192;
                }
                if (written[0] == data.length) {
                    told.transport().writeEof();
                }
            };
            told.on("made", produce);
            told.on("pause", () -> paused[0] = true);
            told.on("resume", produce);
            try (Peered<Told> pair = Peered.open(told)) {
                assertThat(pair.receiveAll()).isEqualTo(data);
                List<String> pauses =
                        told.log.stream().filter(event -> !event.equals("made")).toList();
                for (int i = 0; i < pauses.size(); i++) {
                    assertThat(pauses.get(i)).isEqualTo(i % 2 == 0 ? "pause" : "resume");
                }
                assertThat(pauses).hasSizeGreaterThan(2);
            }
        });
    }

    @Spec("P-17")
    @ParameterizedTest
    @EnumSource
    void aTransportThatIsClosedAsItResumesIsLostOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 4; round++) {
                Told told = new Told();
                boolean abort = round % 2 == 0;
                told.on(round < 2 ? "resume" : "pause", () -> {
                    if (abort) {
                        told.transport().abort();
                    } else {
                        told.transport().close();
                    }
                });
                try (Peered<Told> pair = Peered.open(told)) {
                    pair.transport().setWriteBufferLimits(0);
                    pair.transport().write(new byte[MUCH]);
                    pair.receiveAll();
                    until(told::isLost);
                    for (int i = 0; i < 20; i++) {
                        yieldNow();
                    }
                    assertThat(told.log).filteredOn("lost"::equals).hasSize(1);
                    assertThat(told.log).endsWith("lost");
                    assertThat(told.failure).isNull();
                }
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aResumedProtocolMayWriteToAnotherTransport(Drivers driver) throws Exception {
        driver.run(() -> {
            Told other = new Told();
            Told told = new Told();
            try (Peered<Told> second = Peered.open(other);
                    Peered<Told> first = Peered.open(told)) {
                told.on("resume", () -> {
                    second.transport().write(new byte[MUCH]);
                    first.transport().write(bytes("and more"));
                });
                first.transport().write(new byte[MUCH]);
                assertThat(first.receive(MUCH + 8)).endsWith(bytes("and more"));
                assertThat(second.receive(MUCH)).hasSize(MUCH);
                assertThat(other.log).startsWith("made", "pause");
            }
        });
    }
}
