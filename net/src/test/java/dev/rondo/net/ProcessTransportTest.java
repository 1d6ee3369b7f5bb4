package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.ContextVar;
import dev.rondo.ExceptionContext;
import dev.rondo.IgnoredSignals;
import dev.rondo.Signal;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Child processes, for protocols. */
@Timeout(120)
class ProcessTransportTest {

    /** A protocol that notes what it is told, and then does what the test has asked for. */
    private static class Child implements SubprocessProtocol {

        final List<String> log = new ArrayList<>();
        final Map<Integer, ByteArrayOutputStream> output = new HashMap<>();
        final Map<Integer, Throwable> failures = new HashMap<>(); // of pipes
        private final Map<String, dev.rondo.Action<Exception>> reactions = new HashMap<>();

        @Nullable SubprocessTransport transport;

        /** Has something done after an event: made, data, pipe lost, exited, pause, resume, lost. */
        Child on(String event, dev.rondo.Action<Exception> reaction) {
            reactions.put(event, reaction);
            return this;
        }

        SubprocessTransport transport() {
            return Objects.requireNonNull(transport, "connectionMade was not called");
        }

        Transport stdin() {
            return Objects.requireNonNull(transport().getPipeTransport(0));
        }

        String text(int fd) {
            ByteArrayOutputStream bytes = output.get(fd);
            return bytes == null ? "" : bytes.toString(US_ASCII);
        }

        boolean isLost() {
            return log.contains("lost");
        }

        private void note(String event, String text) throws Exception {
            log.add(text);
            dev.rondo.Action<Exception> reaction = reactions.get(event);
            if (reaction != null) {
                reaction.run();
            }
        }

        @Override
        public void connectionMade(SubprocessTransport made) throws Exception {
            transport = made;
            note("made", "made");
        }

        @Override
        public void pipeDataReceived(int fd, byte[] data) throws Exception {
            assertThat(data).isNotEmpty();
            output.computeIfAbsent(fd, _ -> new ByteArrayOutputStream()).writeBytes(data);
            if (!log.getLast().equals("data " + fd)) { // however it was cut
                log.add("data " + fd);
            }
            dev.rondo.Action<Exception> reaction = reactions.get("data");
            if (reaction != null) {
                reaction.run();
            }
        }

        @Override
        public void pipeConnectionLost(int fd, @Nullable Throwable failure) throws Exception {
            if (failure != null) {
                failures.put(fd, failure);
            }
            note("pipe lost", "pipe lost " + fd);
        }

        @Override
        public void processExited() throws Exception {
            assertThat(transport().getReturncode()).isNotNull();
            note("exited", "exited");
        }

        @Override
        public void pauseWriting() throws Exception {
            note("pause", "pause");
        }

        @Override
        public void resumeWriting() throws Exception {
            note("resume", "resume");
        }

        @Override
        public void connectionLost(@Nullable Throwable failure) throws Exception {
            assertThat(failure).isNull();
            note("lost", "lost");
        }
    }

    private static Child shell(String command) throws IOException {
        return shell(new Child(), SubprocessOptions.pipes(), command);
    }

    private static Child shell(Child child, SubprocessOptions options, String command) throws IOException {
        Endpoint<SubprocessTransport, Child> endpoint = Net.subprocessShell(() -> child, options, command);
        assertThat(endpoint.transport()).isSameAs(child.transport());
        assertThat(child.log.getFirst()).isEqualTo("made");
        return child;
    }

    private static List<ExceptionContext> reports() {
        List<ExceptionContext> reports = new ArrayList<>();
        getRunningLoop().setExceptionHandler((_, context) -> reports.add(context));
        return reports;
    }

    private static void ends(Child child, int code) {
        until(child::isLost);
        assertThat(child.transport().getReturncode()).isEqualTo(code);
        assertThat(child.log.getLast()).isEqualTo("lost");
        untilOpen(0);
    }

    // ------------------------------------------------------------------------------------------------ what is told

    @ParameterizedTest
    @EnumSource
    @Spec("SP-9")
    @Spec("SP-6")
    void aChildAnswersAndEnds(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = new Child();
            Net.subprocessExec(() -> child, "cat");
            assertThat(child.log).containsExactly("made");
            assertThat(child.transport().getPid()).isPositive();
            assertThat(child.transport().getReturncode()).isNull();
            assertThat(child.transport().isClosing()).isFalse();
            child.stdin().write(Wire.bytes("through the cat"));
            until(() -> child.text(1).equals("through the cat"));
            child.stdin().close();
            ends(child, 0);
            assertThat(child.log)
                    .startsWith("made", "data 1")
                    .containsExactlyInAnyOrder(
                            "made", "data 1", "pipe lost 0", "pipe lost 1", "pipe lost 2", "exited", "lost");
            assertThat(child.failures).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-9")
    void bothOutputsAreToldApart(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = shell("echo out; echo err >&2; exit 7");
            ends(child, 7);
            assertThat(child.text(1)).isEqualTo("out\n");
            assertThat(child.text(2)).isEqualTo("err\n");
            assertThat(child.log.indexOf("data 1")).isLessThan(child.log.indexOf("pipe lost 1"));
            assertThat(child.log.indexOf("data 2")).isLessThan(child.log.indexOf("pipe lost 2"));
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-6")
    void connectionLostComesAfterTheExitAndTheEndOfEveryPipe(Drivers driver) throws IOException {
        driver.run(() -> {
            Child early = shell("exec >&- 2>&- <&-; read x; exit 3"); // its pipes end, and it ends
            ends(early, 3);
            assertThat(early.log).hasSize(6);
            Child noPipes = shell(new Child(), SubprocessOptions.inherit(), "exit 4");
            ends(noPipes, 4);
            assertThat(noPipes.log).containsExactly("made", "exited", "lost");
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-6")
    void whatItWroteComesAfterItsExitToo(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = new Child();
            Transport[] stdout = new Transport[1];
            child.on("made", () -> {
                stdout[0] = Objects.requireNonNull(child.transport().getPipeTransport(1));
                stdout[0].pauseReading();
            });
            shell(child, SubprocessOptions.inherit().stdout(Stdio.PIPE), "echo last words");
            until(() -> child.log.contains("exited"));
            assertThat(child.log).containsExactly("made", "exited");
            assertThat(child.transport().getReturncode()).isZero();
            stdout[0].resumeReading();
            ends(child, 0);
            assertThat(child.text(1)).isEqualTo("last words\n");
            assertThat(child.log).containsExactly("made", "exited", "data 1", "pipe lost 1", "lost");
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-9")
    void muchGoesThroughAndTheProtocolPauses(Drivers driver) throws IOException {
        byte[] data = Wire.noise(300_000);
        driver.run(() -> {
            Child child = new Child();
            Net.subprocessExec(() -> child, List.of("cat").toArray(String[]::new));
            child.stdin().write(data);
            assertThat(child.log).contains("pause");
            child.stdin().close();
            ends(child, 0);
            assertThat(Arrays.equals(child.output.get(1).toByteArray(), data)).isTrue();
            assertThat(child.log).contains("resume");
            assertThat(child.failures).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8192, 8193, 65_535, 65_536, 65_537, 219_263, 219_264, 1_000_000})
    @Spec("SP-9")
    void howeverMuchGoesInComesOut(int size) throws IOException { // around the sizes of buffers and pipes
        byte[] data = Wire.noise(size);
        for (Drivers driver : Drivers.values()) {
            driver.run(() -> {
                Child child = new Child();
                Net.subprocessExec(() -> child, "cat");
                child.stdin().write(data);
                child.stdin().writeEof();
                ends(child, 0);
                byte[] came = child.output
                        .getOrDefault(1, new ByteArrayOutputStream())
                        .toByteArray();
                assertThat(Arrays.equals(came, data)).isTrue();
                assertThat(child.failures).isEmpty();
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ pipes

    @ParameterizedTest
    @EnumSource
    @Spec("SP-9")
    void aChildThatDoesNotReadBreaksItsPipe(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Child child = new Child();
            child.on("made", () -> child.stdin().write(new byte[1_000_000]));
            shell(child, SubprocessOptions.pipes(), "exec true");
            ends(child, 0);
            assertThat(child.failures).containsOnlyKeys(0);
            assertThat(child.failures.get(0)).isInstanceOf(IOException.class);
            assertThat(reports).isEmpty();
        });
    }

    @Test
    @Spec("SP-9")
    @Spec("P-2")
    void thereIsATransportForEachPipe() throws IOException {
        Drivers.NIO.run(() -> {
            Child all = shell("cat");
            for (int fd = 0; fd <= 2; fd++) {
                assertThat(all.transport().getPipeTransport(fd)).isNotNull();
            }
            assertThat(all.transport().getPipeTransport(3)).isNull();
            assertThat(all.transport().getPipeTransport(-1)).isNull();
            assertThat(all.transport().getExtraInfo("subprocess")).isInstanceOf(ProcessHandle.class);
            assertThat(all.transport().getExtraInfo("peername")).isNull();
            assertThat(all.transport().getProtocol()).isSameAs(all);
            assertThat(all.transport()).asString().contains("(/bin/sh, running)");
            all.transport().close();
            ends(all, -9);
            Child one = shell(new Child(), SubprocessOptions.inherit().stdin(Stdio.PIPE), "cat > /dev/null");
            assertThat(one.transport().getPipeTransport(0)).isNotNull();
            assertThat(one.transport().getPipeTransport(1)).isNull();
            assertThat(one.transport().getPipeTransport(2)).isNull();
            one.stdin().close();
            ends(one, 0);
            Child joined = shell(new Child(), SubprocessOptions.pipes().stderr(Stdio.STDOUT), "echo both >&2");
            assertThat(joined.transport().getPipeTransport(2)).isNull();
            ends(joined, 0);
            assertThat(joined.text(1)).isEqualTo("both\n");
        });
    }

    // ------------------------------------------------------------------------------------------------ signals

    @ParameterizedTest
    @EnumSource(names = {"INT", "TERM", "KILL", "USR1"})
    @Spec("SP-9")
    @Spec("SP-5")
    void aSignalIsSent(Signal signal) throws IOException {
        IgnoredSignals.assumeHeard(signal);
        for (Drivers driver : Drivers.values()) {
            driver.run(() -> {
                Child child = shell("exec cat");
                child.transport().sendSignal(signal);
                ends(child, -signal.number());
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-9")
    @Spec("SP-5")
    void whatHasEndedCanBeSentNothing(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = new Child();
            child.on("exited", () -> {
                child.transport().kill(); // in between nothing happens
                child.transport().terminate();
                child.transport().sendSignal(Signal.HUP);
            });
            List<ExceptionContext> reports = reports();
            shell(child, SubprocessOptions.pipes(), "exit 0");
            ends(child, 0);
            assertThatThrownBy(() -> child.transport().kill())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("returncode 0");
            assertThatThrownBy(() -> child.transport().terminate()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> child.transport().sendSignal(Signal.HUP))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(child.transport().isClosing()).isTrue();
            assertThat(reports).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void signalsKeepTheirOrder(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = shell("trap 'echo one' USR1; trap 'echo two; exit 0' USR2; echo ready; "
                    + "while :; do sleep 0.01; done");
            until(() -> child.text(1).equals("ready\n"));
            child.transport().sendSignal(Signal.USR1);
            child.transport().sendSignal(Signal.USR2);
            ends(child, 0);
            assertThat(child.text(1)).isEqualTo("ready\none\ntwo\n");
        });
    }

    // ------------------------------------------------------------------------------------------------ the end

    @ParameterizedTest
    @EnumSource
    @Spec("SP-7")
    @Spec("SP-9")
    void closeKillsWhatRuns(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = shell("exec cat");
            child.transport().close();
            child.transport().close();
            assertThat(child.transport().isClosing()).isTrue();
            assertThat(child.log).containsExactly("made");
            ends(child, -9);
            assertThat(child.log)
                    .containsExactlyInAnyOrder("made", "pipe lost 0", "pipe lost 1", "pipe lost 2", "exited", "lost");
            child.transport().close();
            child.transport().abort();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-7")
    void closeEndsAChildThatHasMuchToReadAndDoesNot(Drivers driver) throws IOException {
        driver.run(() -> {
            Child child = shell("exec sleep 1000");
            child.stdin().write(new byte[1_000_000]);
            child.transport().close();
            ends(child, -9);
            Child other = shell("exec sleep 1000");
            other.stdin().write(new byte[1_000_000]);
            other.transport().abort();
            ends(other, -9);
            assertThat(other.failures).isEmpty();
        });
    }

    private static boolean sleeps() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .anyMatch(handle -> handle.info().commandLine().orElse("").contains("sleep 1000"));
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-7")
    void aCancelWhileItStartsLeavesNoChild(Drivers driver) throws IOException {
        driver.run(() -> {
            int finished = 0;
            for (int turns = 0; turns < 8 || finished == 0; turns += 1 + turns / 8) {
                Child child = new Child();
                Task<SubprocessTransport, IOException> task = createTask(
                        () -> Net.subprocessExec(() -> child, "sleep", "1000").transport());
                for (int i = 0; i < turns; i++) {
                    yieldNow();
                }
                if (task.cancel()) {
                    assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                } else {
                    finished++;
                    task.await().close();
                }
                until(() -> child.log.isEmpty() || child.isLost());
                untilOpen(0);
                until(() -> !sleeps()); // whoever has started it kills it, on another thread
            }
        });
    }

    @OnRealSockets
    @Spec("SP-9")
    void whatCannotBeStartedIsThrownAndTheFactoryGoesFirst(Drivers driver) throws IOException {
        driver.run(() -> {
            assertThatThrownBy(() -> Net.subprocessExec(Child::new, "no-such-program-anywhere"))
                    .isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> Net.subprocessExec(
                            () -> {
                                throw new IllegalStateException("no protocol today");
                            },
                            "no-such-program-anywhere"))
                    .hasMessage("no protocol today");
            assertThatThrownBy(() -> Net.subprocessExec(Child::new)).isInstanceOf(IllegalArgumentException.class);
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-9")
    void aFailureOfTheProtocolIsReportedAndAllGoesOn(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Child child = new Child();
            for (String event : new String[] {"made", "data", "pipe lost", "exited", "lost"}) {
                child.on(event, () -> {
                    throw new IllegalStateException(event);
                });
            }
            shell(child, SubprocessOptions.inherit().stdout(Stdio.PIPE), "echo one");
            ends(child, 0);
            assertThat(child.text(1)).isEqualTo("one\n");
            until(() -> reports.size() == 5);
            assertThat(reports)
                    .extracting(ExceptionContext::message)
                    .containsExactlyInAnyOrder(
                            "Exception in callback protocol.connection_made()",
                            "Exception in callback protocol.pipe_data_received()",
                            "Exception in callback protocol.pipe_connection_lost()",
                            "Exception in callback protocol.process_exited()",
                            "Exception in callback protocol.connection_lost()");
            assertThat(reports.getFirst().details())
                    .containsEntry("transport", child.transport())
                    .containsEntry("protocol", child);
        });
    }

    @ParameterizedTest
    @EnumSource
    void allComesInTheContextOfWhoStartedIt(Drivers driver) throws IOException {
        ContextVar<String> name = ContextVar.withDefault("name", "nobody");
        driver.run(() -> {
            List<String> names = new ArrayList<>();
            Child child = new Child();
            for (String event : new String[] {"made", "data", "pipe lost", "exited", "pause", "resume", "lost"}) {
                child.on(event, () -> names.add(event + " " + name.get()));
            }
            name.set("starter");
            shell(child, SubprocessOptions.pipes(), "cat");
            name.set("user");
            child.stdin().write(new byte[200_000]);
            child.stdin().close();
            ends(child, 0);
            assertThat(names).allMatch(text -> text.endsWith(" starter"));
            assertThat(names)
                    .contains("made starter", "data starter", "pipe lost starter", "exited starter")
                    .contains("pause starter", "resume starter", "lost starter");
        });
    }

    @Test
    @Spec("SP-7")
    void whatRunsWhenTheLoopClosesIsKilled() throws IOException {
        Child child = new Child();
        Drivers.NIO.run(() -> shell(child, SubprocessOptions.pipes(), "exec sleep 1000"));
        ProcessHandle handle =
                (ProcessHandle) Objects.requireNonNull(child.transport().getExtraInfo("subprocess"));
        handle.onExit().join();
        assertThat(child.isLost()).isFalse();
        child.transport().close(); // has nobody to tell
        child.transport().abort();
    }

    @ParameterizedTest
    @EnumSource
    @Spec("SP-7")
    void whateverEndsIt_connectionLostComesOnceAndLast(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Random random = new Random(5);
            for (int round = 0; round < 20; round++) {
                Child child = shell(random.nextBoolean() ? "exec cat" : "echo quick");
                if (random.nextBoolean()) {
                    child.stdin().write(new byte[random.nextInt(100_000)]);
                }
                for (int i = random.nextInt(200); i > 0; i--) {
                    yieldNow();
                }
                for (int i = 0; i < 2; i++) {
                    if (!child.isLost()) {
                        switch (random.nextInt(4)) {
                            case 0 -> child.transport().close();
                            case 1 -> child.transport().abort();
                            case 2 -> child.stdin().close();
                            default -> {
                                if (!child.transport().isClosing()) {
                                    child.transport().kill();
                                }
                            }
                        }
                    }
                }
                child.transport().close();
                until(child::isLost);
                assertThat(child.log).last().isEqualTo("lost");
                assertThat(child.log).filteredOn("exited"::equals).hasSize(1);
                assertThat(child.log)
                        .filteredOn(text -> text.startsWith("pipe lost"))
                        .hasSize(3);
                untilOpen(0);
            }
            assertThat(reports).isEmpty();
        });
    }
}
