package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.ExceptionContext;
import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BufferedProtocolTest {

    /** Reads into a small buffer of its own, between two bytes that must stay as they are. */
    private static class Filled implements BufferedProtocol {

        final List<String> log = new ArrayList<>();
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        final List<Integer> hints = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.allocate(10).position(1).limit(9);

        @Nullable Throwable failure;

        String text() {
            return got.toString(StandardCharsets.US_ASCII);
        }

        @Override
        public void connectionMade(Transport transport) {
            log.add("made");
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) throws Exception {
            hints.add(sizeHint);
            return buffer.position(1);
        }

        @Override
        public void bufferUpdated(int count) throws Exception {
            assertThat(count).isPositive();
            assertThat(buffer.position()).isEqualTo(1 + count);
            assertThat(buffer.get(0)).isZero();
            assertThat(buffer.duplicate().clear().get(9)).isZero();
            for (int i = 1; i <= count; i++) {
                got.write(buffer.get(i));
            }
        }

        @Override
        public boolean eofReceived() {
            log.add("eof");
            return false;
        }

        @Override
        public void connectionLost(@Nullable Throwable why) {
            failure = why;
            log.add("lost");
        }
    }

    @Spec("P-13")
    @Spec("P-1")
    @ParameterizedTest
    @EnumSource
    void bytesComeIntoTheBufferOfTheProtocol(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Filled> pair = Peered.open(new Filled())) {
                pair.send("twenty-six characters long");
                pair.peer().shutdownOutput();
                until(() -> pair.protocol().log.contains("lost"));
                assertThat(pair.protocol().text()).isEqualTo("twenty-six characters long");
                assertThat(pair.protocol().log).containsExactly("made", "eof", "lost");
                assertThat(pair.protocol().failure).isNull();
                assertThat(pair.protocol().hints).hasSizeGreaterThanOrEqualTo(5).containsOnly(-1);
            }
            untilOpen(0);
        });
    }

    @Spec("P-13")
    @ParameterizedTest
    @EnumSource
    void aDirectBufferIsAsGood(Drivers driver) throws Exception {
        driver.run(() -> {
            Filled filled = new Filled();
            filled.buffer = ByteBuffer.allocateDirect(10).position(1).limit(9);
            try (Peered<Filled> pair = Peered.open(filled)) {
                pair.send("more than eight");
                until(() -> pair.protocol().text().equals("more than eight"));
            }
        });
    }

    @Spec("P-13")
    @Spec("P-8")
    @ParameterizedTest
    @EnumSource
    void failuresToTakeBytesAreReportedAndEndTheConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            IllegalStateException trouble = new IllegalStateException("no");
            check(
                    new Filled() {
                        @Override
                        public ByteBuffer getBuffer(int sizeHint) {
                            throw trouble;
                        }
                    },
                    "Fatal error: protocol.get_buffer() call failed.",
                    "no");
            check(
                    new Filled() {
                        @Override
                        public void bufferUpdated(int count) {
                            throw trouble;
                        }
                    },
                    "Fatal error: protocol.buffer_updated() call failed.",
                    "no");
            check(
                    new Filled() {
                        @Override
                        public ByteBuffer getBuffer(int sizeHint) {
                            return ByteBuffer.allocate(0);
                        }
                    },
                    "Fatal error: protocol.get_buffer() call failed.",
                    "getBuffer() returned an empty buffer: java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]");
            check(
                    new Filled() {
                        @Override
                        public ByteBuffer getBuffer(int sizeHint) {
                            return ByteBuffer.allocate(5).asReadOnlyBuffer();
                        }
                    },
                    "Fatal error: protocol.get_buffer() call failed.",
                    "the buffer to read into is read-only: java.nio.HeapByteBufferR[pos=0 lim=5 cap=5]");
            untilOpen(0);
        });
    }

    private static void check(Filled filled, String message, String failure) throws Exception {
        List<ExceptionContext> reports = new ArrayList<>();
        getRunningLoop().setExceptionHandler((where, context) -> reports.add(context));
        try (Peered<Filled> pair = Peered.open(filled)) {
            pair.send("x");
            until(() -> filled.log.contains("lost"));
            assertThat(filled.log).containsExactly("made", "lost");
            assertThat(filled.failure).hasMessage(failure);
            assertThat(reports).singleElement().satisfies(context -> {
                assertThat(context.message()).isEqualTo(message);
                assertThat(context.exception()).isSameAs(filled.failure);
                assertThat(context.details()).containsEntry("protocol", filled);
            });
        }
    }

    @Spec("P-13")
    @ParameterizedTest
    @EnumSource
    void anIoFailureOfTheProtocolIsNotReported(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = new ArrayList<>();
            getRunningLoop().setExceptionHandler((where, context) -> reports.add(context));
            Filled filled = new Filled() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) throws IOException {
                    throw new IOException("disk full");
                }
            };
            try (Peered<Filled> pair = Peered.open(filled)) {
                pair.send("x");
                until(() -> filled.log.contains("lost"));
                assertThat(filled.failure).hasMessage("disk full");
                assertThat(reports).isEmpty();
            }
        });
    }

    @Spec("P-13")
    @ParameterizedTest
    @EnumSource
    void aProtocolMayCloseOrPauseAsItGivesTheBuffer(Drivers driver) throws Exception {
        driver.run(() -> {
            Transport[] its = new Transport[1];
            boolean[] paused = {false};
            Filled filled = new Filled() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) throws Exception {
                    if (!paused[0]) {
                        paused[0] = true;
                        its[0].pauseReading();
                    } else if (!got.toString(StandardCharsets.US_ASCII).isEmpty()) {
                        its[0].close();
                    }
                    return super.getBuffer(sizeHint);
                }
            };
            try (Peered<Filled> pair = Peered.open(filled)) {
                its[0] = pair.transport();
                pair.send("a");
                until(() -> paused[0]);
                for (int i = 0; i < 20; i++) {
                    yieldNow();
                }
                assertThat(filled.text()).isEmpty();
                pair.transport().resumeReading();
                until(() -> !filled.text().isEmpty());
                pair.send("b");
                until(() -> filled.log.contains("lost"));
                assertThat(filled.text()).isEqualTo("a");
                assertThat(filled.failure).isNull();
            }
            untilOpen(0);
        });
    }

    @Spec("P-13")
    @Spec("P-14")
    @ParameterizedTest
    @EnumSource
    void aChangeOfProtocolChangesTheWayOfReadingAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 20; round++) {
                Told told = new Told();
                Filled filled = new Filled();
                Told last = new Told();
                try (Peered<Told> pair = Peered.open(told)) {
                    pair.send("one ");
                    until(() -> told.bytes == 4);
                    pair.send("something longer ");
                    for (int turn = 0; turn < round % 5; turn++) {
                        yieldNow(); // at some stage of the read
                    }
                    pair.transport().setProtocol(filled);
                    int toTold = (int) told.bytes;
                    until(() -> toTold + filled.got.size() == 21);
                    pair.send("and back");
                    for (int turn = 0; turn < round % 5; turn++) {
                        yieldNow();
                    }
                    pair.transport().setProtocol(last);
                    until(() -> toTold + filled.got.size() + last.bytes == 29);
                    pair.transport().close();
                    until(last::isLost);
                    assertThat(told.bytes).isEqualTo(toTold);
                    assertThat(told.text + filled.text() + last.text).isEqualTo("one something longer and back");
                    assertThat(filled.log).isEmpty();
                }
            }
            untilOpen(0);
        });
    }

    @Spec("P-13")
    @ParameterizedTest
    @EnumSource
    void aProtocolMayHandOverToAnotherAsItTakesBytes(Drivers driver) throws Exception {
        driver.run(() -> {
            Filled second = new Filled();
            Told first = new Told();
            first.on("data", () -> first.transport().setProtocol(second));
            try (Peered<Told> pair = Peered.open(first)) {
                pair.send("a");
                until(() -> first.bytes == 1);
                pair.send("b");
                until(() -> second.text().equals("b"));
                assertThat(first.log).containsExactly("made", "data a");
            }
        });
    }
}
