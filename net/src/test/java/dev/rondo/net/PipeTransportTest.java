package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ends of pipes, for protocols. */
@Timeout(60)
class PipeTransportTest {

    /** Both ends of a pipe, each with a protocol. */
    private record Ends(Told source, Told sink) {

        static Ends open() throws IOException {
            return open(new Told(), new Told());
        }

        static Ends open(Told source, Told sink) throws IOException {
            Pipe pipe = Pipe.open();
            assertThat(Net.connectReadPipe(() -> source, pipe.source()).protocol())
                    .isSameAs(source);
            assertThat(Net.connectWritePipe(() -> sink, pipe.sink()).transport())
                    .isSameAs(sink.transport());
            return new Ends(source, sink);
        }
    }

    private static List<ExceptionContext> reports() {
        List<ExceptionContext> reports = new ArrayList<>();
        getRunningLoop().setExceptionHandler((_, context) -> reports.add(context));
        return reports;
    }

    private static Path fifo(Path folder) throws IOException {
        Path fifo = folder.resolve("fifo");
        try (Subprocess mkfifo = Net.createSubprocessExec("mkfifo", fifo.toString())) {
            assertThat(mkfifo.await()).isZero();
        }
        return fifo;
    }

    // ------------------------------------------------------------------------------------------------ to read

    @ParameterizedTest
    @EnumSource
    @Spec("N-17")
    @Spec("P-19")
    void whatIsWrittenAtOneEndComesOutOfTheOtherAndSoDoesTheEnd(Drivers driver) throws IOException {
        driver.run(() -> {
            Ends ends = Ends.open();
            assertThat(ends.source.log).containsExactly("made");
            assertThat(ends.sink.log).containsExactly("made");
            ends.sink.transport().write(Wire.bytes("spam "));
            ends.sink.transport().writeLines(List.of(Wire.bytes("and "), Wire.bytes("eggs")));
            until(() -> ends.source.text.length() == 13);
            ends.sink.transport().close();
            until(ends.source::isLost);
            until(ends.sink::isLost);
            assertThat(ends.source.log).containsExactly("made", "data spam and eggs", "eof", "lost");
            assertThat(ends.source.failure).isNull();
            assertThat(ends.sink.log).containsExactly("made", "lost");
            assertThat(ends.sink.failure).isNull();
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-19")
    void afterTheEndItClosesWhateverTheProtocolSays(Drivers driver) throws IOException {
        driver.run(() -> {
            Ends ends = Ends.open();
            ends.source.staysAfterEof = true;
            ends.sink.transport().writeEof();
            until(ends.source::isLost);
            assertThat(ends.source.log).containsExactly("made", "eof", "lost");
            assertThat(ends.source.failure).isNull();
            assertThat(ends.source.transport().isClosing()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-19")
    @Spec("P-10")
    void readingPausesAndGoesOn(Drivers driver) throws IOException {
        driver.run(() -> {
            Ends ends = Ends.open();
            Transport source = ends.source.transport();
            assertThat(source.isReading()).isTrue();
            source.pauseReading();
            source.pauseReading();
            assertThat(source.isReading()).isFalse();
            ends.sink.transport().write(Wire.bytes("held"));
            for (int i = 0; i < 300; i++) {
                yieldNow();
            }
            assertThat(ends.source.log).containsExactly("made");
            source.resumeReading();
            source.resumeReading();
            assertThat(source.isReading()).isTrue();
            until(() -> ends.source.text.length() == 4);
            source.close();
            assertThat(source.isReading()).isFalse();
            source.pauseReading(); // nothing happens any more
            source.resumeReading();
            assertThat(source.isReading()).isFalse();
            until(ends.source::isLost);
            assertThat(ends.source.log).containsExactly("made", "data held", "lost"); // no end was read
            ends.sink.transport().abort();
            until(ends.sink::isLost);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-19")
    void aProtocolThatFailsIsReportedAndItsPipeClosed(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Ends ends = Ends.open(new Told(), new Told());
            ends.source.on("data", () -> {
                throw new IllegalStateException("data");
            });
            ends.sink.transport().write(Wire.bytes("x"));
            until(ends.source::isLost);
            assertThat(ends.source.failure).hasMessage("data");
            until(() -> !reports.isEmpty());
            assertThat(reports)
                    .singleElement()
                    .satisfies(report -> assertThat(report.details())
                            .containsEntry("transport", ends.source.transport())
                            .containsEntry("protocol", ends.source));

            Ends more = Ends.open();
            for (String event : new String[] {"eof", "lost"}) {
                more.source.on(event, () -> {
                    throw new IllegalStateException(event);
                });
            }
            more.sink.transport().close();
            until(more.source::isLost);
            until(() -> reports.size() == 3);
            assertThat(reports.get(1).message()).isEqualTo("Exception in callback protocol.eof_received()");
            assertThat(reports.get(2).message()).isEqualTo("Exception in callback protocol.connection_lost()");
            assertThat(more.source.log).containsExactly("made", "eof", "lost");
            assertThat(more.source.failure).isNull();
        });
    }

    /** A transport over a stream that fails. */
    private static Told failing(String message) {
        EventLoop loop = getRunningLoop();
        InputStream stream = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException(message);
            }
        };
        Told told = new Told();
        new ReadPipeTransport(loop, Context.copyCurrent(), loop.driver().source(stream), false, told, null).start();
        return told;
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-19")
    void aFailureToReadIsReportedUnlessATerminalHasHungUp(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Told hungUp = failing("Input/output error");
            until(hungUp::isLost);
            assertThat(hungUp.failure).hasMessage("Input/output error");
            Told broken = failing("no such luck");
            until(broken::isLost);
            assertThat(broken.log).containsExactly("made", "lost");
            assertThat(broken.failure).hasMessage("no such luck");
            until(() -> !reports.isEmpty());
            assertThat(reports).singleElement().satisfies(report -> {
                assertThat(report.message()).isEqualTo("Fatal read error on transport");
                assertThat(report.exception()).hasMessage("no such luck");
            });
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBufferedProtocolReadsFromAPipeToo(Drivers driver) throws IOException {
        driver.run(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(100);
            BufferedProtocol protocol = new BufferedProtocol() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                    return buffer;
                }

                @Override
                public void bufferUpdated(int count) {}
            };
            Pipe pipe = Pipe.open();
            Net.connectReadPipe(() -> protocol, pipe.source());
            Told sink = new Told();
            Net.connectWritePipe(() -> sink, pipe.sink());
            sink.transport().write(Wire.bytes("straight in"));
            until(() -> buffer.position() == 11);
            sink.transport().close();
            until(sink::isLost);
        });
    }

    // ------------------------------------------------------------------------------------------------ to write

    @ParameterizedTest
    @EnumSource
    @Spec("P-20")
    @Spec("P-11")
    void whatThePipeDoesNotTakeWaitsAndTheProtocolPauses(Drivers driver) throws IOException {
        byte[] data = Wire.noise(1_000_000); // more than a pipe holds
        driver.run(() -> {
            Ends ends = Ends.open();
            Transport sink = ends.sink.transport();
            assertThat(sink.getWriteBufferLimits()).isEqualTo(new Transport.WriteBufferLimits(16 * 1024, 64 * 1024));
            ends.source.transport().pauseReading();
            sink.write(data);
            assertThat(ends.sink.log).containsExactly("made", "pause");
            assertThat(sink.getWriteBufferSize()).isPositive();
            sink.close(); // all is sent first
            sink.close();
            assertThat(sink.isClosing()).isTrue();
            for (int i = 0; i < 100; i++) {
                yieldNow();
            }
            assertThat(ends.sink.isLost()).isFalse();
            ends.source.transport().resumeReading();
            until(ends.source::isLost);
            until(ends.sink::isLost);
            assertThat(ends.source.bytes).isEqualTo(data.length);
            assertThat(ends.sink.log).containsExactly("made", "pause", "resume", "lost");
            assertThat(ends.sink.failure).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-20")
    void thatNobodyReadsIsAFailureIfThereIsMoreToWrite(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Ends ends = Ends.open();
            ends.source.transport().pauseReading();
            ends.sink.transport().write(new byte[1_000_000]);
            ends.source.transport().close();
            until(ends.sink::isLost);
            assertThat(ends.sink.failure).isInstanceOf(IOException.class).hasMessageContaining("Broken pipe");
            assertThat(ends.sink.log).containsExactly("made", "pause", "lost");

            Ends idle = Ends.open();
            idle.source.transport().close();
            until(idle.source::isLost);
            untilOpen(1);
            idle.sink.transport().write(Wire.bytes("x")); // the JDK does not tell before
            until(idle.sink::isLost);
            assertThat(idle.sink.failure).hasMessageContaining("Broken pipe");
            assertThat(reports).isEmpty();
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-20")
    void toEndTheSendingDirectionIsToClose(Drivers driver) throws IOException {
        driver.run(() -> {
            Ends ends = Ends.open();
            Transport sink = ends.sink.transport();
            assertThat(sink.canWriteEof()).isTrue();
            sink.write(Wire.bytes("last words"));
            sink.writeEof();
            sink.writeEof();
            assertThat(sink.isClosing()).isTrue();
            until(ends.sink::isLost);
            until(ends.source::isLost);
            assertThat(ends.source.log).containsExactly("made", "data last words", "eof", "lost");
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-20")
    void abortDropsWhatWaits(Drivers driver) throws IOException {
        driver.run(() -> {
            Ends ends = Ends.open();
            ends.source.transport().pauseReading();
            ends.sink.transport().write(new byte[1_000_000]);
            ends.sink.transport().abort();
            assertThat(ends.sink.transport().getWriteBufferSize()).isZero();
            assertThat(ends.sink.isLost()).isFalse();
            yieldNow();
            assertThat(ends.sink.log).containsExactly("made", "pause", "lost");
            assertThat(ends.sink.failure).isNull();
            ends.source.transport().resumeReading();
            until(ends.source::isLost);
            assertThat(ends.source.bytes).isLessThan(1_000_000);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-20")
    void whatIsWrittenAfterTheEndIsIgnoredAndLoggedFromTheFifthTimeOn(Drivers driver) throws IOException {
        driver.run(() -> {
            Ends ends = Ends.open();
            Transport sink = ends.sink.transport();
            sink.close();
            try (LogOf log = new LogOf(WritePipeTransport.class)) {
                for (int i = 0; i < 4; i++) {
                    sink.write(Wire.bytes("in vain"));
                }
                sink.write(new byte[0]); // is nothing
                assertThat(log.lines()).isEmpty();
                sink.write(Wire.bytes("in vain"));
                sink.writeLines(List.of(ByteBuffer.allocate(3)));
                assertThat(log.lines()).hasSize(2).allMatch(line -> line.startsWith("WARN "));
            }
            until(ends.source::isLost);
            assertThat(ends.source.log).containsExactly("made", "eof", "lost");
        });
    }

    // ------------------------------------------------------------------------------------------------ the other way

    @Test
    @Spec("N-17")
    @Spec("P-2")
    @Spec("P-14")
    void anEndGoesOneWay() throws IOException {
        Drivers.NIO.run(() -> {
            Ends ends = Ends.open();
            Transport source = ends.source.transport();
            Transport sink = ends.sink.transport();
            for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
                    List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                            () -> source.write(new byte[1]),
                            () -> source.writeLines(List.of()),
                            source::writeEof,
                            () -> source.setWriteBufferLimits(1),
                            source::getWriteBufferSize,
                            source::getWriteBufferLimits,
                            sink::pauseReading,
                            sink::resumeReading)) {
                assertThatThrownBy(call).isInstanceOf(UnsupportedOperationException.class);
            }
            assertThat(source.canWriteEof()).isFalse();
            assertThat(sink.isReading()).isFalse();
            assertThat(source.getExtraInfo("pipe")).isInstanceOf(Pipe.SourceChannel.class);
            assertThat(sink.getExtraInfo("pipe")).isInstanceOf(Pipe.SinkChannel.class);
            assertThat(sink.getExtraInfo("peername")).isNull();
            assertThat(source.localAddress()).asString().isEmpty();
            assertThat(source.remoteAddress()).isEqualTo(sink.localAddress());
            assertThat(source).asString().startsWith("ReadPipeTransport[").contains("reading");
            assertThat(sink).asString().startsWith("WritePipeTransport[").contains("0 bytes to write");
            Told other = new Told();
            source.setProtocol(other);
            assertThat(source.getProtocol()).isSameAs(other);
            sink.write(Wire.bytes("for the other"));
            sink.close();
            until(other::isLost);
            assertThat(other.log).containsExactly("data for the other", "eof", "lost");
            assertThat(source).asString().contains(", clos");
        });
    }

    // ------------------------------------------------------------------------------------------------ ownership

    @ParameterizedTest
    @EnumSource
    @Spec("N-17")
    void thePipeBelongsToTheTransport(Drivers driver) throws IOException {
        driver.run(() -> {
            Pipe pipe = Pipe.open();
            Told source = new Told();
            Told sink = new Told();
            Net.connectReadPipe(() -> source, pipe.source());
            Net.connectWritePipe(() -> sink, pipe.sink());
            assertThat(pipe.source().isBlocking()).isFalse();
            assertThatThrownBy(() -> Net.connectReadPipe(Told::new, pipe.source()))
                    .isInstanceOf(IllegalStateException.class);
            source.transport().close();
            sink.transport().close();
            until(() -> source.isLost() && sink.isLost());
            untilOpen(0);
            assertThat(pipe.source().isOpen()).isFalse();
            assertThat(pipe.sink().isOpen()).isFalse();
        });
    }

    @OnRealSockets
    @Spec("N-17")
    void aFactoryThatFailsAndACancelCloseThePipe(Drivers driver) throws IOException {
        driver.run(() -> {
            Pipe pipe = Pipe.open();
            assertThatThrownBy(() -> Net.connectReadPipe(
                            () -> {
                                throw new IllegalStateException("no protocol today");
                            },
                            pipe.source()))
                    .hasMessage("no protocol today");
            Told sink = new Told();
            Task<Transport, IOException> task = createTask(
                    () -> Net.connectWritePipe(() -> sink, pipe.sink()).transport());
            yieldNow();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            until(sink::isLost);
            assertThat(sink.log).containsExactly("made", "lost");
            untilOpen(0);
            assertThat(pipe.source().isOpen() || pipe.sink().isOpen()).isFalse();
        });
    }

    // ------------------------------------------------------------------------------------------------ FIFOs

    @ParameterizedTest
    @EnumSource
    @Spec("N-17")
    @Spec("P-19")
    void aFifoHasTwoEndsToo(Drivers driver, @TempDir Path folder) throws IOException {
        byte[] data = Wire.noise(300_000);
        driver.run(() -> {
            Path fifo = fifo(folder);
            Told source = new Told();
            Told sink = new Told();
            Transport from = Net.connectReadPipe(() -> source, fifo).transport();
            Net.connectWritePipe(() -> sink, fifo);
            assertThat(from.getExtraInfo("pipe")).isEqualTo(fifo);
            sink.transport().write(data);
            sink.transport().writeEof();
            until(source::isLost);
            until(sink::isLost);
            assertThat(source.bytes).isEqualTo(data.length);
            assertThat(source.log).startsWith("made").endsWith("eof", "lost"); // in between perhaps a small piece
            assertThat(source.failure).isNull();
            assertThat(sink.failure).isNull();
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-20")
    void aFifoThatNobodyReadsAnyMoreFails(Drivers driver, @TempDir Path folder) throws IOException {
        driver.run(() -> {
            Path fifo = fifo(folder);
            Told sink = new Told();
            try (ByteStream source = Net.connectReadPipe(fifo)) {
                Net.connectWritePipe(() -> sink, fifo);
                sink.transport().write(new byte[1_000_000]);
                assertThat(source.read(ByteBuffer.allocate(10))).isPositive();
            }
            until(sink::isLost);
            assertThat(sink.failure).isInstanceOf(IOException.class).hasMessageContaining("Broken pipe");
        });
    }

    private static long waitingThreads() {
        return Thread.getAllStackTraces().values().stream()
                .filter(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().equals(Fifo.class.getName())
                                && frame.getMethodName().equals("open")))
                .count();
    }

    @Test
    @Spec("N-17")
    void whatWaitsForTheOtherEndIsLetGoByClose(@TempDir Path folder) throws IOException {
        Drivers.NIO.run(() -> {
            Path fifo = fifo(folder);
            Told source = new Told();
            Net.connectReadPipe(() -> source, fifo);
            until(() -> waitingThreads() > 0);
            source.transport().close();
            until(source::isLost);
            until(() -> waitingThreads() == 0);
            Told sink = new Told();
            Net.connectWritePipe(() -> sink, fifo).transport().write(Wire.bytes("x"));
            until(() -> waitingThreads() > 0);
            sink.transport().abort();
            until(sink::isLost);
            until(() -> waitingThreads() == 0);
        });
    }

    @Test
    @Spec("P-19")
    void aDeviceIsReadAndAFileRefused(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        Drivers.NIO.run(() -> {
            Told zeros = new Told();
            zeros.on("data", () -> zeros.transport().close());
            Net.connectReadPipe(() -> zeros, Path.of("/dev/zero"));
            until(zeros::isLost);
            assertThat(zeros.bytes).isPositive();
            assertThatThrownBy(() -> Net.connectReadPipe(Told::new, plain))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is a regular file");
            assertThatThrownBy(() -> Net.connectWritePipe(Told::new, plain))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Net.connectReadPipe(Told::new, folder.resolve("gone")))
                    .isInstanceOf(NoSuchFileException.class);
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ the end

    @ParameterizedTest
    @EnumSource
    void whateverEndsThem_connectionLostComesOnceAndNothingStaysOpen(Drivers driver) throws IOException {
        driver.run(() -> {
            Random random = new Random(11);
            List<ExceptionContext> reports = reports();
            for (int round = 0; round < 20; round++) {
                Ends ends = Ends.open();
                ends.sink.transport().write(new byte[random.nextInt(200_000)]);
                for (int i = random.nextInt(5); i > 0; i--) {
                    yieldNow();
                }
                for (Told end :
                        random.nextBoolean() ? List.of(ends.source, ends.sink) : List.of(ends.sink, ends.source)) {
                    switch (random.nextInt(3)) {
                        case 0 -> end.transport().close();
                        case 1 -> end.transport().abort();
                        default -> {
                            end.transport().close();
                            end.transport().abort();
                        }
                    }
                    if (random.nextBoolean()) {
                        yieldNow();
                    }
                }
                until(() -> ends.source.isLost() && ends.sink.isLost());
                yieldNow();
                assertThat(ends.source.log.stream().filter("lost"::equals)).hasSize(1);
                assertThat(ends.sink.log.stream().filter("lost"::equals)).hasSize(1);
                untilOpen(0);
            }
            assertThat(reports).isEmpty();
        });
    }
}
