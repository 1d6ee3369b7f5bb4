package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ends of pipes, as streams. */
@Timeout(60)
class PipesTest {

    private static Path fifo(Path folder) throws IOException {
        Path fifo = folder.resolve("fifo");
        try (Subprocess mkfifo = Net.createSubprocessExec("mkfifo", fifo.toString())) {
            assertThat(mkfifo.await()).isZero();
        }
        return fifo;
    }

    private static int readable(ByteStream stream) throws IOException {
        return stream.read(ByteBuffer.allocate(10));
    }

    @ParameterizedTest
    @EnumSource
    @Spec("N-17")
    void aPipeCarriesBytesAndItsEnd(Drivers drivers) throws IOException {
        byte[] data = Wire.noise(1_000_000); // more than the pipe holds: each side waits for the other
        drivers.run(() -> {
            Pipe pipe = Pipe.open();
            try (ByteStream source = Net.connectReadPipe(pipe.source());
                    ByteStream sink = Net.connectWritePipe(pipe.sink())) {
                Task<byte[], IOException> reader = createTask(() -> new StreamReader(source).readAll());
                sink.write(ByteBuffer.wrap(data));
                sink.shutdownOutput();
                assertThat(Arrays.equals(reader.await(), data)).isTrue();
                assertThat(readable(source)).isEqualTo(-1); // the end is met again
                assertThatThrownBy(() -> sink.write(Wire.bytes("x"))).isInstanceOf(ClosedChannelException.class);
            }
            while (pipe.source().isOpen() || pipe.sink().isOpen()) {
                yieldNow(); // they are the loop's to close, as it polls
            }
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @Test
    void aWriteFailsOnceNobodyCanRead() throws IOException {
        Drivers.NIO.run(() -> {
            Pipe pipe = Pipe.open();
            ByteStream source = Net.connectReadPipe(pipe.source());
            try (ByteStream sink = Net.connectWritePipe(pipe.sink())) {
                Task<Void, IOException> writer = createTask(() -> {
                    sink.write(ByteBuffer.allocate(1_000_000));
                    return null;
                });
                readable(source);
                source.close();
                assertThatThrownBy(writer::await)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("Broken pipe");
            }
        });
    }

    @Test
    @Spec("N-17")
    void anEndGoesOneWayAndIsOneCoroutinesAtATime() throws IOException {
        Drivers.NIO.run(() -> {
            Pipe pipe = Pipe.open();
            ByteStream source = Net.connectReadPipe(pipe.source());
            ByteStream sink = Net.connectWritePipe(pipe.sink());
            assertThatThrownBy(() -> source.write(Wire.bytes("x"))).isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(source::shutdownOutput).isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> readable(sink)).isInstanceOf(NonReadableChannelException.class);
            assertThatThrownBy(() -> Net.connectReadPipe(pipe.source())).isInstanceOf(IllegalStateException.class);
            Task<Integer, IOException> reader = createTask(() -> readable(source));
            yieldNow();
            assertThatThrownBy(() -> readable(source))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("another coroutine is already reading from this pipe");
            source.close();
            assertThatThrownBy(reader::await).isInstanceOf(AsynchronousCloseException.class);
            assertThatThrownBy(() -> readable(source)).isInstanceOf(ClosedChannelException.class);
            assertThat(source.isOpen()).isFalse();
            sink.close();
            assertThatThrownBy(sink::shutdownOutput).isInstanceOf(ClosedChannelException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ FIFOs

    @ParameterizedTest
    @EnumSource
    @Spec("N-17")
    void aFifoIsOpenedOnceSomebodyIsAtItsOtherEnd(Drivers drivers, @TempDir Path folder) throws IOException {
        drivers.run(() -> {
            Path fifo = fifo(folder);
            try (ByteStream source = Net.connectReadPipe(fifo);
                    ByteStream sink = Net.connectWritePipe(fifo)) {
                Task<String, IOException> reader =
                        createTask(() -> new String(new StreamReader(source).readAll(), US_ASCII));
                yieldNow();
                assertThat(reader.done()).isFalse();
                sink.write(Wire.bytes("through "));
                sink.write(Wire.bytes("a fifo"));
                sink.shutdownOutput();
                assertThat(reader.await()).isEqualTo("through a fifo");
            }
        });
    }

    @Test
    @Spec("N-17")
    void aProgramIsAtTheOtherEnd(@TempDir Path folder) throws IOException {
        Drivers.NIO.run(() -> {
            Path fifo = fifo(folder);
            SubprocessOptions quiet = SubprocessOptions.inherit();
            try (Subprocess echo = Net.createSubprocessShell(quiet, "echo hello > " + fifo);
                    ByteStream source = Net.connectReadPipe(fifo)) {
                assertThat(new StreamReader(source).readLine(US_ASCII)).isEqualTo("hello\n");
                assertThat(echo.await()).isZero();
            }
        });
    }

    @Test
    void aDeviceIsReadLikeAPipeAndAFileIsRefused(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        Drivers.NIO.run(() -> {
            try (ByteStream zeros = Net.connectReadPipe(Path.of("/dev/zero"))) {
                assertThat(new StreamReader(zeros).readExactly(3)).containsExactly(0, 0, 0);
            }
            assertThatThrownBy(() -> Net.connectReadPipe(plain))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is a regular file");
            assertThatThrownBy(() -> Net.connectWritePipe(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is a directory");
            assertThatThrownBy(() -> Net.connectReadPipe(folder.resolve("gone")))
                    .isInstanceOf(NoSuchFileException.class);
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
    void whatWaitsForTheOtherEndCanBeCancelledAndIsLetGoByClose(@TempDir Path folder) throws IOException {
        Drivers.NIO.run(() -> {
            Path fifo = fifo(folder);
            for (ByteStream end : new ByteStream[] {Net.connectReadPipe(fifo), Net.connectWritePipe(fifo)}) {
                Task<Integer, IOException> task = createTask(() -> {
                    if (end.toString().contains("to read")) {
                        return readable(end);
                    }
                    end.write(Wire.bytes("x"));
                    return 0;
                });
                while (waitingThreads() == 0) {
                    yieldNow();
                }
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(dev.rondo.TaskCancelledException.class);
                end.close();
                while (waitingThreads() > 0) {
                    yieldNow(); // closing lets the thread go
                }
            }
        });
    }

    private static boolean aThreadReads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("rondo-stream"))
                .flatMap(thread -> Arrays.stream(thread.getValue()))
                .anyMatch(frame -> frame.getMethodName().equals("read")
                        && frame.getClassName().startsWith(Fifo.class.getName()));
    }

    @Test
    @Spec("N-17")
    void aFifoThatIsClosedWhileSomebodyReadsTakesNothingMore(@TempDir Path folder) throws IOException {
        Drivers.NIO.run(() -> {
            Path fifo = fifo(folder);
            ByteStream source = Net.connectReadPipe(fifo);
            Task<Integer, IOException> reader = createTask(() -> readable(source));
            try (FileChannel writer = toThread(() -> FileChannel.open(fifo, StandardOpenOption.WRITE))) {
                writer.write(Wire.bytes("x"));
                assertThat(reader.await()).isEqualTo(1);
                Task<Integer, IOException> waiting = createTask(() -> readable(source));
                while (!aThreadReads()) {
                    yieldNow();
                }
                source.close();
                assertThatThrownBy(waiting::await).isInstanceOf(AsynchronousCloseException.class);
                while (aThreadReads()) {
                    yieldNow();
                }
                assertThatThrownBy(() -> writer.write(Wire.bytes("y"))).isInstanceOf(IOException.class);
            }
        });
    }

    @Test
    @Spec("N-17")
    void aFifoThatIsGoneIsNotMadeAnew(@TempDir Path folder) throws IOException {
        Drivers.NIO.run(() -> {
            Path fifo = fifo(folder);
            InputStream end = Fifo.toRead(fifo);
            Task<Integer, IOException> opening = createTask(() -> toThread(() -> end.read()));
            while (waitingThreads() == 0) {
                yieldNow();
            }
            Path elsewhere = Files.move(fifo, folder.resolve("elsewhere"));
            assertThatThrownBy(end::close).isInstanceOf(NoSuchFileException.class);
            assertThat(fifo).doesNotExist();
            try (FileChannel _ = toThread(() -> FileChannel.open(elsewhere, StandardOpenOption.WRITE))) {
                assertThatThrownBy(opening::await).isInstanceOf(ClosedChannelException.class);
            }
        });
    }
}
