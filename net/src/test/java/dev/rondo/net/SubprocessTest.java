package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.mapConcurrent;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.untilOpen;
import static dev.rondo.net.SubprocessOptions.inherit;
import static dev.rondo.net.SubprocessOptions.pipes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.IgnoredSignals;
import dev.rondo.Signal;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Child processes, with real programs. */
@Timeout(120)
class SubprocessTest {

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, US_ASCII);
    }

    private static Subprocess shell(String command) throws IOException {
        return Net.createSubprocessShell(pipes(), command);
    }

    /** Runs a line of shell to its end; returns what it wrote and its code. */
    private static String run(SubprocessOptions options, String command) throws IOException {
        try (Subprocess process = Net.createSubprocessShell(options, command)) {
            Subprocess.Output output = process.communicate();
            return text(output.stdout()).strip() + " " + process.returnCode();
        }
    }

    // ------------------------------------------------------------------------------------------------ starting

    @ParameterizedTest
    @EnumSource
    @Spec("SP-1")
    @Spec("SP-2")
    void aProgramIsGivenItsInputAndReadByLines(Drivers drivers) throws IOException {
        drivers.run(() -> {
            try (Subprocess cat = Net.createSubprocessExec(pipes(), "cat", "-n")) {
                assertThat(cat.pid()).isPositive();
                assertThat(cat.returnCode()).isNull();
                cat.stdin().write("one\ntwo\n", US_ASCII);
                assertThat(cat.stdout().readLine(US_ASCII).strip()).isEqualTo("1\tone");
                cat.stdin().write("three\n", US_ASCII);
                cat.stdin().writeEof();
                assertThat(cat.stdout().readLine(US_ASCII).strip()).isEqualTo("2\ttwo");
                assertThat(cat.stdout().readLine(US_ASCII).strip()).isEqualTo("3\tthree");
                assertThat(cat.stdout().readLine(US_ASCII)).isEmpty();
                assertThat(cat.stderr().readAll()).isEmpty();
                assertThat(cat.await()).isZero();
                assertThat(cat.returnCode()).isZero();
            }
            untilOpen(0);
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @Test
    @Spec("SP-1")
    @Spec("SP-2")
    void withoutOptionsAllIsInheritedAndThereIsNoStream() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = Net.createSubprocessExec("sh", "-c", "exit 7")) {
                assertThat(process.stdin()).isNull();
                assertThat(process.stdout()).isNull();
                assertThat(process.stderr()).isNull();
                assertThat(process.communicate()).isEqualTo(new Subprocess.Output(null, null));
                assertThat(process.returnCode()).isEqualTo(7);
            }
            try (Subprocess process = Net.createSubprocessShell("exit 3")) {
                assertThat(process.await()).isEqualTo(3);
            }
        });
    }

    @Test
    @Spec("SP-1")
    void eachStreamCanBeAPipeAFileNothingOrTheOther(@TempDir Path folder) throws IOException {
        Path in = Files.writeString(folder.resolve("in"), "from a file\n");
        Path out = folder.resolve("out");
        Drivers.NIO.run(() -> {
            assertThat(run(pipes().stderr(Stdio.STDOUT), "echo out; echo err >&2"))
                    .isEqualTo("out\nerr 0");
            try (Subprocess process = Net.createSubprocessShell(pipes().stderr(Stdio.STDOUT), "true")) {
                assertThat(process.stderr()).isNull();
                assertThat(process.await()).isZero();
            }
            assertThat(run(inherit().stdin(Stdio.from(in)).stdout(Stdio.PIPE), "cat"))
                    .isEqualTo("from a file 0");
            assertThat(run(inherit().stdin(Stdio.DEVNULL).stdout(Stdio.PIPE), "cat; echo over"))
                    .isEqualTo("over 0");
            SubprocessOptions quiet = inherit().stdout(Stdio.DEVNULL).stderr(Stdio.DEVNULL);
            try (Subprocess process = Net.createSubprocessShell(quiet, "echo out; echo err >&2")) {
                assertThat(process.stdout()).isNull();
                assertThat(process.await()).isZero();
            }
            try (Subprocess process = Net.createSubprocessShell(inherit().stdout(Stdio.to(out)), "echo first")) {
                process.await();
            }
            try (Subprocess process = Net.createSubprocessShell(
                    inherit().stdout(Stdio.appendTo(out)).stderr(Stdio.STDOUT), "echo second >&2")) {
                process.await();
            }
        });
        assertThat(out).hasContent("first\nsecond\n");
    }

    @Test
    @Spec("SP-1")
    void directoryAndEnvironmentAreThoseAskedFor(@TempDir Path folder) throws IOException {
        Drivers.NIO.run(() -> {
            assertThat(run(pipes().cwd(folder), "pwd -P")).isEqualTo(folder.toRealPath() + " 0");
            assertThat(run(pipes().env(Map.of("ONLY", "this")), "echo $ONLY ${HOME-none}"))
                    .isEqualTo("this none 0");
            assertThat(run(pipes().env("ONE_MORE", "that"), "echo $ONE_MORE ${PATH:+path}"))
                    .isEqualTo("that path 0");
        });
    }

    @Test
    @Spec("SP-1")
    void theLimitIsThatOfItsLines() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = Net.createSubprocessShell(pipes().limit(10), "echo 12345678901; echo short")) {
                assertThatThrownBy(() -> process.stdout().readLine()).isInstanceOf(LimitOverrunException.class);
                assertThat(text(process.stdout().readAll())).isEqualTo("short\n");
                assertThatThrownBy(() -> pipes().limit(0)).hasMessage("limit must be positive, not 0");
            }
        });
    }

    @Test
    @Spec("SP-1")
    void whatNoStreamCanBeIsRefused(@TempDir Path folder) {
        assertThatThrownBy(() -> inherit().stdin(Stdio.STDOUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("standard input cannot be STDOUT");
        assertThatThrownBy(() -> inherit().stdout(Stdio.STDOUT))
                .hasMessageStartingWith("standard output cannot be STDOUT");
        assertThatThrownBy(() -> inherit().stdin(Stdio.to(folder))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> inherit().stdout(Stdio.from(folder))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> inherit().stderr(Stdio.from(folder))).isInstanceOf(IllegalArgumentException.class);
        assertThat(inherit().stderr(Stdio.STDOUT).stdin(Stdio.from(folder)).stdout(Stdio.appendTo(folder)))
                .isNotNull();
    }

    @Test
    @Spec("SP-1")
    void whatCannotBeStartedSaysWhy(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "no program");
        Drivers.NIO.run(() -> {
            assertThatThrownBy(() -> Net.createSubprocessExec("no-such-program-anywhere"))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage("no-such-program-anywhere: there is no such program");
            assertThatThrownBy(() -> Net.createSubprocessExec(plain.toString()))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("it may not be run");
            assertThatThrownBy(() -> Net.createSubprocessExec(pipes().cwd(folder.resolve("gone")), "true"))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("no such directory");
            assertThatThrownBy(() -> Net.createSubprocessExec(pipes().cwd(plain), "true"))
                    .isInstanceOf(NotDirectoryException.class);
            assertThatThrownBy(() -> Net.createSubprocessExec(pipes().stdin(Stdio.from(folder.resolve("gone"))), "cat"))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> Net.createSubprocessExec()).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Net.createSubprocessExec("")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Net.createSubprocessExec("echo", "a\0b"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NUL");
        });
    }

    // ------------------------------------------------------------------------------------------------ how it ends

    @Test
    @Spec("SP-2")
    void aSignalsNumberIsNegatedAndAnExitCodeIsNot() throws IOException {
        Drivers.NIO.run(() -> {
            for (int code : new int[] {0, 1, 127, 128, 129, 130, 143, 255}) {
                assertThat(run(pipes(), "exit " + code)).isEqualTo(" " + code);
            }
            assertThat(run(pipes(), "kill -KILL $$")).isEqualTo(" -9");
            assertThat(run(pipes(), "kill -SEGV $$")).isEqualTo(" -11");
            try (Subprocess cat = Net.createSubprocessExec(pipes(), "cat")) {
                cat.terminate();
                assertThat(cat.await()).isEqualTo(-15);
            }
            try (Subprocess cat = Net.createSubprocessExec(pipes(), "cat")) {
                cat.kill();
                assertThat(cat.await()).isEqualTo(-9);
                assertThat(cat.returnCode()).isEqualTo(-9);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"HUP", "INT", "TERM", "KILL", "USR1"})
    @Spec("SP-5")
    void aSignalIsSent(Signal signal) throws IOException {
        IgnoredSignals.assumeHeard(signal);
        Drivers.NIO.run(() -> {
            try (Subprocess cat = Net.createSubprocessExec(pipes(), "cat")) {
                cat.sendSignal(signal);
                assertThat(cat.await()).isEqualTo(-signal.number());
            }
        });
    }

    @Test
    @Spec("SP-5")
    void aChildMayHandleASignal() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process =
                    shell("trap 'echo heard; exit 5' USR1; echo ready; while :; do sleep 0.01; done")) {
                assertThat(process.stdout().readLine(US_ASCII)).isEqualTo("ready\n");
                process.sendSignal(Signal.USR1);
                assertThat(process.stdout().readLine(US_ASCII)).isEqualTo("heard\n");
                assertThat(process.await()).isEqualTo(5);
            }
        });
    }

    @Test
    @Spec("SP-5")
    void whatHasEndedCanBeSentNothing() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = shell("exit 0")) {
                process.await();
                assertThatThrownBy(process::kill)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("returncode 0");
                assertThatThrownBy(process::terminate).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> process.sendSignal(Signal.HUP)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> process.sendSignal(Signal.TERM)).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Test
    @Spec("SP-5")
    void inTheWindowBeforeTheLoopHasNoticedTheExitASignalIsNoFailure() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = shell("exit 4")) {
                ProcessHandle handle = ProcessHandle.of(process.pid()).orElse(null);
                while (handle != null && handle.isAlive()) {
                    Thread.onSpinWait(); // holds the loop up, so that it cannot notice
                }
                assertThat(process.returnCode()).isNull();
                process.terminate();
                process.kill();
                process.sendSignal(Signal.HUP);
                assertThat(process.await()).isEqualTo(4);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-3")
    void manyMayWaitAndACancelLeavesItRunning(Drivers drivers) throws IOException {
        drivers.run(() -> {
            try (Subprocess cat = Net.createSubprocessExec(pipes(), "cat")) {
                Task<Integer, RuntimeException> cancelled = createTask(cat::await);
                List<Task<Integer, RuntimeException>> waiters =
                        Stream.generate(() -> createTask(cat::await)).limit(3).toList();
                yieldNow();
                cancelled.cancel();
                yieldNow();
                assertThat(cancelled.cancelled()).isTrue();
                cat.stdin().write("still here\n", US_ASCII);
                assertThat(cat.stdout().readLine(US_ASCII)).isEqualTo("still here\n");
                assertThat(cat.returnCode()).isNull();
                cat.stdin().close();
                for (Task<Integer, RuntimeException> waiter : waiters) {
                    assertThat(waiter.await()).isZero();
                }
                assertThat(cat.await()).isZero();
            }
        });
    }

    @Test
    @Spec("SP-6")
    void whatItWroteBeforeItEndedIsReadAfterwards() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = shell("echo out; echo err >&2; exit 6")) {
                assertThat(process.await()).isEqualTo(6);
                assertThat(text(process.stdout().readAll())).isEqualTo("out\n");
                assertThat(text(process.stderr().readAll())).isEqualTo("err\n");
            }
        });
    }

    @Test
    @Spec("SP-6")
    void aPipeMayEndLongBeforeTheProcess() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = shell("exec >&- 2>&-; read line; exit 2")) {
                assertThat(process.stdout().readAll()).isEmpty();
                assertThat(process.stderr().readAll()).isEmpty();
                assertThat(process.returnCode()).isNull();
                process.stdin().write("go\n", US_ASCII);
                assertThat(process.await()).isEqualTo(2);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ communicate

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8192, 8193, 65536, 65537, 219_263, 219_264, 1_000_000})
    @Spec("SP-4")
    void inputAndOutputOfAnySizeGoThroughAtTheSameTime(int size) throws IOException {
        byte[] input = Wire.noise(size);
        for (Drivers drivers : Drivers.values()) {
            drivers.run(() -> {
                try (Subprocess process = shell("tee /dev/stderr")) {
                    Subprocess.Output output = process.communicate(input);
                    assertThat(Arrays.equals(output.stdout(), input)).isTrue();
                    assertThat(Arrays.equals(output.stderr(), input)).isTrue();
                    assertThat(process.returnCode()).isZero();
                }
            });
        }
    }

    @Test
    @Spec("SP-4")
    void aChildThatReadsNoneOfItsInputIsNoFailure() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = shell("exec <&-; echo enough")) {
                Subprocess.Output output = process.communicate(new byte[1_000_000]);
                assertThat(text(output.stdout())).isEqualTo("enough\n");
                assertThat(process.returnCode()).isZero();
            }
            try (Subprocess head = Net.createSubprocessExec(pipes(), "head", "-c", "3")) {
                assertThat(text(head.communicate(new byte[] {'a', 'b', 'c', 'd'})
                                .stdout()))
                        .isEqualTo("abc");
            }
        });
    }

    @Test
    @Spec("SP-4")
    void inputWithoutAPipeIsRefused() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = Net.createSubprocessExec(inherit().stdin(Stdio.DEVNULL), "true")) {
                assertThatThrownBy(() -> process.communicate(new byte[1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("Stdio.PIPE");
                process.communicate();
            }
        });
    }

    @Test
    @Spec("SP-4")
    void aTimeLimitIsPutAroundIt() throws IOException {
        Drivers.NIO.run(() -> assertThatThrownBy(() -> Asyncio.timeout(
                        Duration.ofMillis(1), () -> shell("exec sleep 100").communicate()))
                .isInstanceOf(AsyncTimeoutException.class));
    }

    @Test
    @Spec("SP-4")
    void afterACancelWhatCameIsKept() throws IOException {
        Drivers.NIO.run(() -> {
            String program = "trap 'echo \"$line\"; exit 0' TERM; echo begun; read line; while :; do sleep 0.01; done";
            try (Subprocess process = shell(program)) {
                Task<Subprocess.Output, IOException> task = createTask(() -> process.communicate());
                Drivers.until(() -> process.stdout().buffered() == 6);
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(dev.rondo.TaskCancelledException.class);
                assertThat(process.stdin().isClosing()).isTrue();
                process.terminate();
                assertThat(text(process.stdout().readAll())).isEqualTo("begun\n\n");
                assertThat(process.await()).isZero();
            }
        });
    }

    @Test
    @Spec("SP-4")
    void afterACancelAnOutputThatHadEndedIsKept() throws IOException {
        Drivers.NIO.run(() -> {
            try (Subprocess process = shell("echo all; exec sleep 100 >/dev/null")) {
                Task<Subprocess.Output, IOException> task = createTask(() -> process.communicate());
                Drivers.untilOpen(2); // standard error, and the child
                for (int turn = 0; turn < 10; turn++) {
                    Asyncio.yieldNow(); // and whoever read it has said so
                }
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(dev.rondo.TaskCancelledException.class);
                assertThat(text(process.stdout().readAll())).isEqualTo("all\n");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ streams

    @Test
    @Spec("SP-1")
    void anOutputWithoutEndIsHeldBackUntilItIsRead() throws IOException {
        Drivers.NIO.run(() -> {
            Subprocess yes = Net.createSubprocessExec(pipes(), "yes");
            try (yes) {
                byte[] some = yes.stdout().readExactly(1_000_000);
                assertThat(some[999_998]).isEqualTo((byte) 'y');
                assertThat(yes.returnCode()).isNull();
            }
            assertThat(yes.await()).isEqualTo(-9);
            yes.stdout().readAll(); // what is left, and no more
            assertThat(yes.stdout().atEof()).isTrue();
            assertThatThrownBy(() -> yes.stdin().write(new byte[1])).isInstanceOf(ClosedChannelException.class);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aReadThatIsCancelledLosesNothing(Drivers drivers) throws IOException {
        drivers.run(() -> {
            try (Subprocess cat = Net.createSubprocessExec(pipes(), "cat")) {
                Task<byte[], IOException> reader = createTask(() -> cat.stdout().readLine());
                yieldNow();
                reader.cancel();
                Drivers.until(reader::done); // a driver may take its time to give an operation up
                cat.stdin().write("a line\n", US_ASCII);
                assertThat(cat.stdout().readLine(US_ASCII)).isEqualTo("a line\n");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ nobody is left

    @Test
    @Spec("SP-7")
    void closingKillsWhatRunsAndClosesItsPipes() throws IOException {
        Drivers.NIO.run(() -> {
            Subprocess process = shell("exec sleep 1000");
            Task<byte[], IOException> reader = createTask(() -> process.stdout().readAll());
            yieldNow();
            process.close();
            process.close();
            assertThat(reader.await()).isEmpty();
            assertThat(process.await()).isEqualTo(-9);
            process.close();
        });
    }

    @Test
    @Spec("SP-7")
    @Spec("SP-8")
    void closingTheLoopKillsWhatRuns() throws Exception {
        List<ProcessHandle> left = new ArrayList<>();
        Drivers.NIO.run(() -> {
            for (String command : List.of("exec sleep 1000", "cat", "trap '' TERM; cat")) {
                left.add(ProcessHandle.of(shell(command).pid()).orElseThrow());
            }
        });
        for (ProcessHandle child : left) {
            child.onExit().get();
        }
    }

    /** Children that carry a mark in their environment, as the system shows them. */
    private static long countChildren() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("/sleep"))
                .count();
    }

    @Test
    @Spec("SP-7")
    void aCancelWhileItIsStartedLeavesNoChild() throws Exception {
        for (Drivers drivers : Drivers.values()) {
            drivers.run(() -> {
                for (int turns = 0; turns < 20; turns++) {
                    Task<Subprocess, IOException> start =
                            createTask(() -> Net.createSubprocessExec(pipes(), "sleep", "1000"));
                    for (int i = 0; i < turns % 5; i++) {
                        yieldNow();
                    }
                    start.cancel();
                    try {
                        start.await().close(); // it was quicker
                    } catch (dev.rondo.TaskCancelledException e) {
                        // the child, if there was one, has been killed
                    }
                }
            });
        }
        while (countChildren() > 0) {
            Thread.onSpinWait(); // the JDK starts some after the test has ended, and kills them
        }
    }

    @Test
    @Spec("SP-7")
    @Spec("SP-8")
    void manyChildrenAtOnceAndNoDescriptorIsLeft() throws Exception {
        runMany(5); // classes, threads, the selector
        long before = descriptors();
        for (int i = 0; i < 2; i++) {
            runMany(50);
        }
        awaitDescriptors(before);
    }

    private static void runMany(int children) throws Exception {
        Drivers.NIO.run(() -> {
            List<String> outputs = mapConcurrent(
                    IntStream.range(0, children).boxed().toList(), children, i -> run(pipes(), "cat; echo " + i));
            assertThat(outputs)
                    .isEqualTo(
                            IntStream.range(0, children).mapToObj(i -> i + " 0").toList());
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @Test
    @Spec("SP-1")
    void whatCouldNotBeStartedLeavesNoDescriptor() throws Exception {
        Runnable fail = () -> {
            try {
                Drivers.NIO.run(() -> assertThatThrownBy(() -> Net.createSubprocessExec(pipes(), "no-such-program"))
                        .isInstanceOf(NoSuchFileException.class));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
        fail.run();
        long before = descriptors();
        for (int i = 0; i < 20; i++) {
            fail.run();
        }
        awaitDescriptors(before);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** The JDK closes the pipes of a child on a thread of its own. */
    private static void awaitDescriptors(long atMost) throws IOException {
        while (descriptors() > atMost) {
            Thread.onSpinWait();
        }
    }

    @Test
    @Spec("SP-8")
    void loopsOfSeveralThreadsHaveChildren() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<String> results = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    Drivers.NIO.run(
                            () -> results.addAll(gather(() -> run(pipes(), "echo a"), () -> run(pipes(), "echo b"))));
                } catch (IOException e) {
                    results.add(e.toString());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results).containsExactlyInAnyOrder("a 0", "a 0", "a 0", "a 0", "b 0", "b 0", "b 0", "b 0");
    }

    @Test
    @Spec("SP-8")
    void aStrangersChildIsLeftAlone() throws Exception {
        Process stranger = new ProcessBuilder("sh", "-c", "read line; exit 9").start();
        Drivers.NIO.run(() -> assertThat(run(pipes(), "exit 1")).isEqualTo(" 1"));
        stranger.getOutputStream().close();
        assertThat(stranger.waitFor()).isEqualTo(9);
    }

    @Test
    void virtualTimeStandsStillWhileAChildRuns() throws IOException {
        dev.rondo.time.VirtualClock clock = new dev.rondo.time.VirtualClock();
        try (EventLoop loop = EventLoop.builder().clock(clock).build()) {
            loop.runUntilComplete(() -> {
                try (Subprocess process = shell("read line; sleep 0.05; exit 1")) {
                    process.stdin().close();
                    assertThat(Asyncio.timeout(Duration.ofHours(1), process::await))
                            .isEqualTo(1);
                }
            });
            assertThat(clock.elapsed()).isZero();
        }
    }
}
