package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static dev.rondo.reactor.DriverHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Streams whose calls block. */
class StreamContractTest extends DriverTestCase {

    private final List<Process> processes = new ArrayList<>();

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    @AfterEach
    void endProcesses() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    /** A stream that gives what the test feeds it, and whose close waits for nothing. */
    private static final class Fed extends InputStream {
        final LinkedBlockingQueue<String> food = new LinkedBlockingQueue<>();
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch closed = new CountDownLatch(1);
        volatile boolean daemon;

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            daemon = Thread.currentThread().isDaemon();
            entered.countDown();
            try {
                String text = food.take();
                if (text.equals("fail")) {
                    throw new IOException("as told");
                }
                byte[] some = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                System.arraycopy(some, 0, into, offset, some.length);
                return some.length == 0 ? -1 : some.length;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    /** A stream whose writes wait for the test. */
    private static final class Gate extends OutputStream {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);
        final CountDownLatch closed = new CountDownLatch(1);
        final List<String> written = java.util.Collections.synchronizedList(new ArrayList<>());
        volatile boolean flushed;

        @Override
        public void write(int one) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            entered.countDown();
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            flushed = false;
            written.add(new String(from, offset, length, java.nio.charset.StandardCharsets.US_ASCII));
        }

        @Override
        public void flush() {
            flushed = true;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    // ------------------------------------------------------------------------------------------------ processes

    @Test
    void aReadOfWhatIsReadyIsDoneAtOnceHoweverTheLastOneWent() throws Exception {
        DriverHarness.Pair pair = harness.connect();
        Op.Read read = new Op.Read(pair.server());
        for (int round = 0; round < 3; round++) {
            Op.Ready ready = harness.submit(new Op.Ready(pair.server(), Op.Direction.READ));
            harness.perform(new Op.Write(pair.client()).from(bytes("short")));
            harness.finish(ready);
            ByteBuffer received = ByteBuffer.allocate(100);
            harness.submit(read.into(received));
            if (kind == Own.NIO) {
                assertThat(read.isDone()).isTrue();
            }
            harness.finish(read);
            while (received.position() < 5) { // a driver may read little
                harness.perform(read.into(received));
            }
            harness.woken.clear(); // once in each round
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aProcessIsWrittenToAndReadFrom() throws Exception {
        Process cat = start("cat");
        Fd in = harness.driver.sink(cat.getOutputStream());
        Fd out = harness.driver.source(cat.getInputStream());
        Op.Read read = harness.submit(new Op.Read(out).into(ByteBuffer.allocate(10)));
        assertThat(read.isDone()).isFalse();
        harness.write(in, "miaow");
        assertThat(harness.readOn(read, 5)).isEqualTo("miaow");

        in.close();
        for (int i = 0; i < 2; i++) {
            assertThat(harness.perform(new Op.Read(out).into(ByteBuffer.allocate(1))).count)
                    .isEqualTo(-1);
        }
        assertThat(cat.waitFor()).isZero();
        out.close();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aMegabyteGoesThroughAProcessWhole() throws Exception {
        Process cat = start("cat");
        Fd in = harness.driver.sink(cat.getOutputStream());
        Fd out = harness.driver.source(cat.getInputStream());
        byte[] sent = new byte[1 << 20];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31 >>> 3);
        }
        Op.Write write = harness.submit(
                new Op.Write(in).from(ByteBuffer.wrap(sent, 0, 1000), ByteBuffer.wrap(sent, 1000, sent.length - 1000)));
        byte[] received = new byte[sent.length];
        ByteBuffer into = ByteBuffer.wrap(received);
        while (into.hasRemaining()) {
            assertThat(harness.perform(new Op.Read(out).into(into)).count).isPositive();
        }
        assertThat(received).isEqualTo(sent);
        assertThat(harness.finish(write).failure()).isNull();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aWriteToAProcessThatHasEndedFailsAndSoDoesTheNext() throws Exception {
        Process gone = start("true");
        gone.waitFor();
        Fd in = harness.driver.sink(gone.getOutputStream());
        for (int i = 0; i < 2; i++) {
            assertThat(harness.perform(new Op.Write(in).from(bytes("x"))).failure())
                    .isNotNull(); // a broken pipe, or closed by Java when it saw the end
        }
        in.close();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aReadOfAProcessThatSaysNothingEndsByClose() throws Exception {
        Process silent = start("cat");
        Fd out = harness.driver.source(silent.getInputStream());
        Op.Read read = harness.submit(new Op.Read(out).into(ByteBuffer.allocate(1)));
        harness.turn(0);
        out.close();
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThat(harness.perform(new Op.Read(out).into(ByteBuffer.allocate(1)))
                        .failure())
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aReadOfStandardInputKeepsNoProgramFromEnding() throws Exception {
        String classes = String.join(
                File.pathSeparator,
                Path.of(NioDriver.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString(),
                Path.of(ReadsStandardInput.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString());
        Process program = start(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes,
                ReadsStandardInput.class.getName());
        assertThat(program.waitFor()).isZero(); // its standard input is open, and nobody writes to it
    }

    static final class ReadsStandardInput {
        private ReadsStandardInput() {}

        public static void main(String[] args) {
            IoDriver driver = new NioDriver(_ -> {});
            Op.Read read = new Op.Read(driver.source(System.in)).into(ByteBuffer.allocate(1));
            read.onDone(() -> {});
            driver.submit(read);
            driver.close();
        }
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Test
    void whatCameAfterACancelIsKeptForTheNext() throws Exception {
        Fed stream = new Fed();
        Fd source = harness.driver.source(stream);
        Op.Read read = harness.submit(new Op.Read(source).into(ByteBuffer.allocate(10)));
        stream.entered.await();
        harness.driver.cancel(read);
        harness.finish(read);
        assertThat(read.cancelled()).isTrue();
        harness.settle(); // although a thread is in the stream
        stream.food.add("kept");
        assertThat(harness.read(source, 4)).isEqualTo("kept");
        assertThat(stream.daemon).isTrue();
    }

    @Test
    void whereBytesAndACancelRaceNoByteIsLost() {
        Fed stream = new Fed();
        Fd source = harness.driver.source(stream);
        for (int round = 0; round < 20; round++) {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            Op.Read read = harness.submit(new Op.Read(source).into(buffer));
            if (round % 2 == 0) {
                harness.driver.cancel(read);
            }
            stream.food.add("0123");
            if (round % 2 == 1) {
                harness.driver.cancel(read);
            }
            harness.finish(read);
            assertThat(read.cancelled()).isEqualTo(buffer.position() == 0);
            assertThat(text(buffer) + harness.read(source, 4 - buffer.position()))
                    .isEqualTo("0123");
        }
    }

    @Test
    void bytesThatTheBufferHasNoRoomForAreLeftToTheNextRead() {
        Fed stream = new Fed();
        stream.food.add("0123456789");
        Fd source = harness.driver.source(stream);
        assertThat(harness.read(source, 4)).isEqualTo("0123");
        assertThat(harness.read(source, 6)).isEqualTo("456789");
        stream.food.add("");
        assertThat(harness.perform(new Op.Read(source).into(ByteBuffer.allocate(1))).count)
                .isEqualTo(-1);
    }

    @Test
    void aBufferThatCannotBeReadIntoIsAFailureAndTheBytesAreLeftToTheNext() {
        Fed stream = new Fed();
        stream.food.add("kept");
        Fd source = harness.driver.source(stream);
        if (kind == Own.NIO) { // the other reads into a buffer of its own
            assertThat(harness.perform(new Op.Read(source)
                                    .into(ByteBuffer.allocate(4).asReadOnlyBuffer()))
                            .failure())
                    .isNotNull();
        }
        assertThat(harness.read(source, 4)).isEqualTo("kept");
    }

    @Test
    void aFailureOfTheStreamIsToldEveryTime() {
        Fed stream = new Fed();
        stream.food.add("fail");
        Fd source = harness.driver.source(stream);
        for (int i = 0; i < 2; i++) {
            assertThat(harness.perform(new Op.Read(source).into(ByteBuffer.allocate(1)))
                            .failure())
                    .hasMessage("as told");
        }
    }

    @Test
    void manyReadsThatWaitKeepNoFileFromBeingRead() throws Exception {
        List<Op.Read> reads = new ArrayList<>();
        List<Fed> streams = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Fed stream = new Fed();
            streams.add(stream);
            reads.add(harness.submit(new Op.Read(harness.driver.source(stream)).into(ByteBuffer.allocate(9))));
            stream.entered.await();
        }
        Path path = Files.writeString(directory.resolve("file"), "read");
        Fd file = harness.perform(new Op.Open(path, Set.of(StandardOpenOption.READ))).opened;
        assertThat(harness.readAt(file, 4, 0)).isEqualTo("read");
        file.close();
        for (int i = 0; i < 10; i++) {
            streams.get(i).food.add("n" + i);
            assertThat(harness.readOn(reads.get(i), 2)).isEqualTo("n" + i);
        }
    }

    @Test
    void aStreamIsClosedAlthoughAThreadIsInIt() throws Exception {
        Fed stream = new Fed();
        Fd source = harness.driver.source(stream);
        Op.Read read = harness.submit(new Op.Read(source).into(ByteBuffer.allocate(1)));
        stream.entered.await();
        source.close();
        assertThat(source.isOpen()).isFalse();
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        stream.closed.await();
        stream.food.add("nobody");
    }

    @Test
    void anIdleStreamIsClosedByTheTimeNothingIsInFlight() {
        Fed stream = new Fed();
        Fd source = harness.driver.source(stream);
        source.close();
        source.close();
        harness.settle();
        assertThat(stream.closed.getCount()).isZero();
    }

    @Test
    void aStreamWhoseCloseFailsIsClosedLikeAnyOther() {
        InputStream stream = new InputStream() {
            @Override
            public int read() {
                return -1;
            }

            @Override
            public void close() {
                throw new AssertionError("as told");
            }
        };
        harness.driver.source(stream).close();
        harness.settle();
    }

    @Test
    void aStreamThatIsReleasedStaysOpen() throws Exception {
        Fed stream = new Fed();
        Fd source = harness.driver.source(stream);
        Op.Read read = harness.submit(new Op.Read(source).into(ByteBuffer.allocate(1)));
        stream.entered.await();
        source.release();
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        source.close();
        harness.settle();
        assertThat(stream.closed.getCount()).isEqualTo(1);
        stream.food.add("lost");
    }

    @Test
    void aDriverThatIsClosedClosesItsStreams() throws Exception {
        Fed stream = new Fed();
        harness.driver.source(stream);
        Gate gate = new Gate();
        harness.driver.sink(gate);
        harness.driver.close();
        stream.closed.await();
        gate.closed.await();
    }

    @Test
    void whatAStreamCannotDoIsRefused() {
        Fd source = harness.driver.source(InputStream.nullInputStream());
        assertThatThrownBy(() -> harness.submit(new Op.Write(source).from(bytes("x"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("source");
        Fd sink = harness.driver.sink(OutputStream.nullOutputStream());
        assertThatThrownBy(() -> harness.submit(new Op.Read(sink).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sink");
        assertThatThrownBy(() -> harness.submit(new Op.Ready(sink, Op.Direction.WRITE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(sink.localAddress()).isNull();
        assertThatThrownBy(sink::shutdownOutput).isInstanceOf(IOException.class);
    }

    @Test
    void aSecondReaderOrWriterIsRefused() throws Exception {
        Fed stream = new Fed();
        Fd source = harness.driver.source(stream);
        Op.Read read = harness.submit(new Op.Read(source).into(ByteBuffer.allocate(1)));
        assertThatThrownBy(() -> harness.submit(new Op.Read(source).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another coroutine is already");
        stream.food.add("x");
        harness.finish(read);

        Gate gate = new Gate();
        Fd sink = harness.driver.sink(gate);
        Op.Write write = harness.submit(new Op.Write(sink).from(bytes("x")));
        assertThatThrownBy(() -> harness.submit(new Op.Write(sink).from(bytes("y"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another coroutine is already");
        gate.opened.countDown();
        harness.finish(write);
    }

    // ------------------------------------------------------------------------------------------------ writing

    @Test
    void aWriteIsOverWhenTheStreamWasGivenAllAndFlushed() {
        Gate gate = new Gate();
        Fd sink = harness.driver.sink(gate);
        ByteBuffer[] buffers = {bytes("a"), bytes(""), bytes("bc")};
        Op.Write write = harness.submit(new Op.Write(sink).from(buffers));
        assertThat(write.isDone()).isFalse();
        gate.opened.countDown();
        assertThat(harness.finish(write).failure()).isNull();
        assertThat(String.join("", gate.written)).isEqualTo("abc");
        assertThat(gate.flushed).isTrue();
        assertThat(buffers).noneMatch(ByteBuffer::hasRemaining);
        assertThat(harness.perform(new Op.Write(sink).from()).failure()).isNull();
    }

    @Test
    void whatACancelledWriteWasAtGoesOnBeforeTheNext() throws Exception {
        Gate gate = new Gate();
        Fd sink = harness.driver.sink(gate);
        ByteBuffer much = ByteBuffer.allocate(1 << 20);
        Op.Write write = harness.submit(new Op.Write(sink).from(much));
        gate.entered.await();
        harness.driver.cancel(write);
        harness.finish(write);
        assertThat(write.cancelled()).isTrue();
        int given = much.position();
        assertThat(given).isPositive().isLessThan(1 << 20);

        Op.Write next = harness.submit(new Op.Write(sink).from(bytes("next")));
        assertThat(next.isDone()).isFalse();
        gate.opened.countDown();
        harness.finish(next);
        assertThat(String.join("", gate.written)).hasSize(given + 4).endsWith("next");
    }

    @Test
    void aSinkIsClosedAlthoughAThreadIsInIt() throws Exception {
        Gate gate = new Gate();
        Fd sink = harness.driver.sink(gate);
        Op.Write write = harness.submit(new Op.Write(sink).from(bytes("x")));
        gate.entered.await();
        sink.close();
        assertThat(harness.finish(write).failure()).isInstanceOf(AsynchronousCloseException.class);
        gate.closed.await();
        gate.opened.countDown();
    }
}
