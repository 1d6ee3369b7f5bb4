package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.EventLoop;
import dev.rondo.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;

/** Standard input and output as streams: programs in a JVM of their own, which are children of a loop here. */
@Timeout(60)
class StandardStreamsTest {

    private static Subprocess start(Class<?> program) throws IOException {
        String classPath = Stream.of(EventLoop.class, Net.class, StandardStreamsTest.class, Logger.class)
                .map(type -> Path.of(java.net.URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(":"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return Net.createSubprocessExec(
                SubprocessOptions.pipes(), java, "-XX:TieredStopAtLevel=1", "-cp", classPath, program.getName());
    }

    private static String output(Class<?> program, String input) throws IOException {
        try (Subprocess process = start(program)) {
            Subprocess.Output output = process.communicate(input.getBytes(UTF_8));
            assertThat(process.returnCode())
                    .as(new String(output.stderr(), UTF_8))
                    .isZero();
            return new String(output.stdout(), UTF_8);
        }
    }

    @Test
    void theLinesOfStandardInputAreReadByAPlainFor() throws IOException {
        Drivers.NIO.run(
                () -> assertThat(output(Shouts.class, "one\r\nzwölf\n\nlast")).isEqualTo("ONE\nZWÖLF\n\nLAST\n"));
    }

    @Test
    void whatIsLongerThanAnyBufferGoesThrough() throws IOException {
        String text = "0123456789abcde\n".repeat(20_000);
        Drivers.NIO.run(() -> assertThat(output(Copies.class, text)).isEqualTo(text));
    }

    @Test
    void closingStandardOutputLeavesItOpenForTheProgram() throws IOException {
        Drivers.NIO.run(
                () -> assertThat(output(ClosesStandardOutput.class, "")).isEqualTo("by the stream\nby println\n"));
    }

    @Test
    void aLineTypedAfterOneLoopHasGivenUpIsTheNextLoopsToRead() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = start(TwoLoops.class)) {
                assertThat(process.stdout().readLine(UTF_8)).isEqualTo("the first has given up\n");
                process.stdin().write("a line\n", UTF_8);
                assertThat(process.stdout().readLine(UTF_8)).isEqualTo("the second read: a line\n");
                assertThat(process.await()).isZero();
            }
        });
    }

    @Test
    void aLineIsNotForWhoHasGivenUpAndIsNotClosedYet() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = start(ThreeReaders.class)) {
                assertThat(process.stdout().readLine(UTF_8)).isEqualTo("all wait\n");
                process.stdin().write("1", UTF_8);
                assertThat(process.stdout().readLine(UTF_8)).isEqualTo("second: 1\n");
                assertThat(process.await()).isZero();
            }
        });
    }

    @Test
    void aChildIsKilledAlsoIfTheProgramEndsWithTheLoop() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = start(LeavesAChild.class)) {
                long pid = Long.parseLong(process.stdout().readLine(UTF_8).strip());
                assertThat(process.await()).isZero();
                Drivers.until(() -> ProcessHandle.of(pid) // or what is left of it until somebody asks how it ended
                        .flatMap(child -> child.info().command())
                        .isEmpty());
            }
        });
    }

    @Test
    void standardOutputThatNobodyReadsFails() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = start(WritesForEver.class)) {
                process.stdout().readExactly(10);
                process.stdout().stream().close();
                assertThat(process.stderr().readLine(UTF_8))
                        .isEqualTo("java.io.IOException: standard output cannot be written to any more\n");
                assertThat(process.await()).isZero();
            }
        });
    }

    @Test
    void theLinesOfAReaderGoOnWhereALoopWasLeft() throws IOException {
        Drivers.NIO.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamReader reader = new StreamReader(wire.server());
                Wire.send(wire.client(), "a\nb\nc");
                wire.client().shutdownOutput();
                List<String> lines = new ArrayList<>();
                for (String line : reader.lines()) {
                    lines.add(line);
                    break;
                }
                Task<?, RuntimeException> rest = createTask(() -> {
                    for (String line : reader.lines()) {
                        lines.add(line);
                    }
                });
                rest.await();
                assertThat(lines).containsExactly("a", "b", "c");
                assertThat(reader.lines().iterator().hasNext()).isFalse();
                assertThatThrownBy(() -> reader.lines().iterator().next())
                        .isInstanceOf(java.util.NoSuchElementException.class);
                FedStream broken = new FedStream();
                broken.setException(new IOException("broken"));
                assertThatThrownBy(() -> broken.reader().lines().iterator().next())
                        .isInstanceOf(java.io.UncheckedIOException.class);
            }
        });
    }

    static final class Shouts {
        static void main() throws IOException {
            Drivers.NIO.run(() -> {
                try (StreamWriter out = Net.stdout()) {
                    for (String line : Net.stdin().lines()) {
                        out.write(line.toUpperCase(java.util.Locale.ROOT) + "\n", UTF_8);
                    }
                }
            });
        }
    }

    static final class Copies {
        static void main() throws IOException {
            Drivers.NIO.run(() -> Net.stdout().write(Net.stdin().readAll()));
        }
    }

    static final class ClosesStandardOutput {
        static void main() throws IOException {
            Drivers.NIO.run(() -> {
                try (StreamWriter out = Net.stdout()) {
                    out.write("by the stream\n", UTF_8);
                }
            });
            System.out.println("by println");
        }
    }

    static final class TwoLoops {
        static void main() throws IOException {
            Drivers.NIO.run(() -> {
                Task<byte[], IOException> reader = createTask(() -> Net.stdin().readLine());
                yieldNow();
                reader.cancel();
            });
            System.out.println("the first has given up");
            Drivers.NIO.run(
                    () -> System.out.print("the second read: " + Net.stdin().readLine(UTF_8)));
        }
    }

    /** Two that have given up, around one that waits. */
    static final class ThreeReaders {
        static void main() throws InterruptedException {
            StandardInput first = new StandardInput();
            StandardInput third = new StandardInput();
            reading("first", first);
            Thread second = reading("second", new StandardInput());
            reading("third", third);
            first.closeBegins();
            third.closeBegins();
            System.out.println("all wait");
            second.join();
        }

        private static Thread reading(String name, StandardInput input) {
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    System.out.println(name + ": " + (char) input.read());
                } catch (IOException e) {
                    // as it should be for who has given up
                }
            });
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            return thread;
        }
    }

    static final class LeavesAChild {
        static void main() throws IOException {
            Drivers.NIO.run(() -> {
                Subprocess child = Net.createSubprocessExec(SubprocessOptions.pipes(), "sleep", "1000");
                System.out.println(child.pid());
            });
            Runtime.getRuntime().halt(0);
        }
    }

    static final class WritesForEver {
        static void main() {
            try {
                Drivers.NIO.run(() -> {
                    for (StreamWriter out = Net.stdout(); ; ) {
                        out.write("again and again\n".repeat(1000), UTF_8);
                    }
                });
            } catch (IOException e) {
                System.err.println(e);
            }
        }
    }
}
