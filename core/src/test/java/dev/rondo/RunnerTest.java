package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.getEventLoop;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.setEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.spec.Spec;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class RunnerTest {

    private final List<String> log = new ArrayList<>();
    private final List<ExceptionContext> reported = new ArrayList<>();

    private Runner runner() {
        return new Runner(() -> {
            EventLoop loop = EventLoop.builder().clock(new VirtualClock()).build();
            loop.setExceptionHandler((_, context) -> reported.add(context));
            return loop;
        });
    }

    // ------------------------------------------------------------------------------------------------ run

    @Test
    @Spec("R-1")
    void runReturnsTheResultAndClosesTheLoop() {
        EventLoop loop = Asyncio.run(() -> getRunningLoop());
        assertThat(loop.isClosed()).isTrue();
        assertThatIllegalStateException().isThrownBy(Asyncio::getRunningLoop);
    }

    @Test
    @Spec("R-1")
    void mainRunsAsATaskOfItsOwn() {
        Task<?, ?> main = Asyncio.run(() -> {
            assertThat(allTasks()).containsExactly(currentTask());
            return currentTask();
        });
        assertThat(main.done()).isTrue();
    }

    @Test
    @Spec("R-1")
    void theLoopOfTheThreadIsTheRunnersWhileItIsOpen() {
        try (EventLoop before = Asyncio.newEventLoop()) {
            setEventLoop(before);
            try (Runner runner = new Runner()) {
                assertThat(getEventLoop()).as("nothing was needed yet").isSameAs(before);
                EventLoop loop = runner.loop();
                assertThat(getEventLoop()).isSameAs(loop);
                runner.run(() -> {});
                assertThat(getEventLoop()).as("between two runs").isSameAs(loop);
            }
            try (EventLoop made = getEventLoop()) {
                assertThat(made.isClosed())
                        .as("the thread has none, and gets another")
                        .isFalse();
                assertThat(made).isNotSameAs(before);
            }
        } finally {
            setEventLoop(null);
        }
    }

    @Test
    @Spec("R-1")
    void aLoopFromAFactoryIsNotMadeTheLoopOfTheThread() {
        try (EventLoop before = Asyncio.newEventLoop()) {
            setEventLoop(before);
            try (Runner runner = runner()) {
                assertThat(runner.run(Asyncio::getRunningLoop)).isSameAs(runner.loop());
                assertThat(getEventLoop()).isSameAs(before);
            }
            assertThat(getEventLoop()).isSameAs(before);
        } finally {
            setEventLoop(null);
        }
    }

    @Test
    @Spec("R-1")
    void runThrowsTheFailureUnderItsOwnType() {
        IOException failure = new IOException();
        try {
            Asyncio.run(() -> {
                throw failure;
            });
        } catch (IOException e) {
            log.add("caught");
        }
        assertThat(log).containsExactly("caught");
    }

    @Test
    @Spec("R-1")
    @Spec("R-3")
    void runInsideARunningLoopIsRefused() {
        Asyncio.run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> Asyncio.run(() -> log.add("nested")))
                    .withMessageContaining("cannot be called from a running event loop");
            try (Runner runner = runner()) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> runner.run(() -> log.add("nested")))
                        .withMessageContaining("cannot be called from a running event loop");
            }
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("R-1")
    void whatIsLeftIsCancelledAndWaitedFor() {
        try (Runner runner = runner()) {
            runner.run(() -> {
                for (int i = 0; i < 2; i++) {
                    createTask(() -> {
                        try {
                            sleep(Duration.ofHours(1));
                        } finally {
                            sleep(Duration.ofSeconds(1));
                            log.add("cleaned up");
                        }
                    });
                }
                yieldNow();
                log.add("main is over");
            });
            assertThat(log).containsExactly("main is over");
        }
        assertThat(log).containsExactly("main is over", "cleaned up", "cleaned up");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("R-1")
    void whatIsLeftInBlockingCodeIsInterrupted() {
        try (Runner runner = runner()) {
            runner.run(() -> {
                createTask(() -> {
                    try {
                        Thread.sleep(Duration.ofHours(1));
                    } catch (InterruptedException e) {
                        log.add("interrupted");
                        throw e;
                    }
                });
                yieldNow();
            });
        }
        assertThat(log).containsExactly("interrupted");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("R-1")
    void aFailureWhileWhatIsLeftIsCancelledIsReported() {
        IllegalStateException failure = new IllegalStateException("in clean-up");
        try (Runner runner = runner()) {
            runner.run(() -> {
                createTask(() -> {
                    try {
                        sleep(Duration.ofHours(1));
                    } catch (CancelledError e) {
                        throw failure;
                    }
                });
                yieldNow();
            });
        }
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).isEqualTo("unhandled exception during Asyncio.run() shutdown");
            assertThat(context.exception()).isSameAs(failure);
            assertThat(context.details()).containsKey("task");
        });
    }

    @Test
    @Spec("R-1")
    void afterAnErrorThatLeavesTheRunTheRestIsStillCleanedUp() {
        assertThatThrownBy(() -> {
                    try (Runner runner = runner()) {
                        runner.run(() -> {
                            createTask(() -> {
                                try {
                                    sleep(Duration.ofHours(1));
                                } finally {
                                    sleep(Duration.ofSeconds(1));
                                    log.add("cleaned up");
                                }
                            });
                            yieldNow();
                            throw new KeyboardInterrupt();
                        });
                    }
                })
                .isInstanceOf(KeyboardInterrupt.class)
                .hasNoSuppressedExceptions();
        assertThat(log).containsExactly("cleaned up");
    }

    @Test
    @Spec("R-1")
    void theWorkOfThePoolIsWaitedFor() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Asyncio.run(() -> {
            createTask(() -> {
                try {
                    toThread(() -> {
                        begun.countDown();
                        cancelled.await();
                        log.add("work is over");
                    });
                } finally {
                    cancelled.countDown();
                }
            });
            begun.await();
        });
        assertThat(log).containsExactly("work is over");
    }

    @Test
    void aMainThatEndsCancelledIsToldByAnException() {
        assertThatThrownBy(() -> Asyncio.run(() -> {
                    currentTask().cancel("myself");
                    yieldNow();
                }))
                .isInstanceOf(TaskCancelledException.class)
                .hasMessageEndingWith(": myself");
    }

    @Test
    @Spec("R-5")
    void theResultIsNotTurnedIntoText() {
        Object result = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("asked for its text");
            }
        };
        assertThat(Asyncio.run(() -> result) == result).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ Runner

    @Test
    @Spec("R-3")
    void aRunnerRunsManyOnOneLoopWithOneContext() {
        ContextVar<String> variable = ContextVar.named("v");
        try (Runner runner = runner()) {
            EventLoop first = runner.run(() -> {
                variable.set("set in the first run");
                return getRunningLoop();
            });
            assertThat(runner.loop()).isSameAs(first);
            assertThat(runner.run(variable::get)).isEqualTo("set in the first run");
            assertThat(first.isClosed()).isFalse();
        }
    }

    @Test
    @Spec("R-2")
    void whateverCanBeCalledOrAwaitedCanBeRun() {
        try (Runner runner = runner()) {
            Promise<String, RuntimeException> promise = runner.loop().createFuture();
            Task<String, RuntimeException> task = runner.loop().createTask(() -> "of a task");
            promise.setResult("of a promise");
            assertThat(runner.run(promise::await)).isEqualTo("of a promise");
            assertThat(runner.run(task::await)).isEqualTo("of a task");
            assertThat(runner.run(() -> "of a lambda")).isEqualTo("of a lambda");
            runner.run(() -> {
                log.add("nothing is returned");
            });
        }
        assertThat(log).containsExactly("nothing is returned");
    }

    @Test
    @Spec("R-4")
    void theSecondInterruptLeavesTheLoopAtOnceThoughItComesWhileSomethingRuns() {
        VirtualClock clock = new VirtualClock();
        try (EventLoop loop = EventLoop.builder().clock(clock).build()) {
            assertThatThrownBy(() -> loop.runUntilComplete(() -> {
                        Interruption interruption = Interruption.of(loop, currentTask(), false);
                        interruption.interrupted(Signal.INT);
                        try {
                            sleep(Duration.ofHours(1));
                        } catch (CancelledError e) {
                            log.add("cancelled");
                        }
                        interruption.interrupted(Signal.INT);
                        sleep(Duration.ofHours(1));
                    }))
                    .isInstanceOf(KeyboardInterrupt.class);
            assertThat(log).containsExactly("cancelled");
            assertThat(clock.elapsed()).isZero();
        }
    }

    @Test
    @Spec("R-3")
    void theContextIsCopiedWhenTheRunnerIsMade() {
        ContextVar<String> variable = ContextVar.withDefault("v", "default");
        Context.copyCurrent().run(() -> {
            variable.set("when it was made");
            try (Runner runner = runner()) {
                variable.set("later");
                assertThat(runner.run(variable::get)).isEqualTo("when it was made");
                runner.run(() -> variable.set("in a run"));
                assertThat(variable.get()).isEqualTo("later");
            }
        });
    }

    @Test
    @Spec("R-3")
    void aRunMayHaveAContextOfItsOwn() {
        ContextVar<String> variable = ContextVar.withDefault("v", "default");
        Context own = new Context();
        try (Runner runner = runner()) {
            runner.run(() -> variable.set("shared"));
            runner.run(
                    () -> {
                        log.add(variable.get());
                        return variable.set("own");
                    },
                    own);
            assertThat(runner.run(variable::get)).isEqualTo("shared");
        }
        own.run(() -> log.add(variable.get()));
        assertThat(log).containsExactly("default", "own");
    }

    @Test
    @Spec("R-3")
    void theLoopIsMadeOnceAndWhenItIsFirstAskedFor() {
        int[] made = {0};
        try (Runner runner = new Runner(() -> {
            made[0]++;
            return EventLoop.builder().clock(new VirtualClock()).build();
        })) {
            assertThat(made[0]).isZero();
            EventLoop loop = runner.loop();
            assertThat(loop.isClosed()).isFalse();
            assertThat(runner.run(Asyncio::getRunningLoop)).isSameAs(loop);
            assertThat(made[0]).isEqualTo(1);
        }
    }

    @Test
    @Spec("R-3")
    void closingARunnerThatHasNoLoopYetDoesNothing() {
        try (Runner runner = runner()) {
            runner.close();
            assertThat(runner.run(() -> "runs")).isEqualTo("runs");
        }
    }

    @Test
    @Spec("R-3")
    void aRunnerMakesItsLoopWhenItNeedsIt() {
        try (Runner unused = new Runner(() -> {
            throw new AssertionError("made a loop");
        })) {
            log.add("made none");
        }
        assertThat(log).containsExactly("made none");
    }

    @Test
    @Spec("R-3")
    void aClosedRunnerRunsNothing() {
        Runner runner = runner();
        runner.run(() -> log.add("ran"));
        runner.close();
        runner.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> runner.run(() -> log.add("again")))
                .withMessage("Runner is closed");
        assertThatIllegalStateException().isThrownBy(runner::loop);
    }

    @Test
    @Spec("R-3")
    void tasksGoOnFromOneRunToTheNext() {
        try (Runner runner = runner()) {
            runner.run(() -> {
                createTask(() -> {
                    sleep(Duration.ofSeconds(5));
                    log.add("from the first run");
                });
            });
            runner.run(() -> {
                assertThat(allTasks()).hasSize(2);
                sleep(Duration.ofSeconds(10));
            });
        }
        assertThat(log).containsExactly("from the first run");
    }

    // ------------------------------------------------------------------------------------------------ Ctrl-C

    @Nested
    @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
    class CtrlC {

        @BeforeEach
        void ourChildrenMustHearTheSignal() throws IOException {
            Path status = Path.of("/proc/self/status");
            assumeTrue(Files.exists(status), "signals can be looked at");
            String ignored = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> line.substring("SigIgn:".length()).strip())
                    .findFirst()
                    .orElseThrow();
            assumeTrue(
                    (Long.parseUnsignedLong(ignored, 16) & 0b10) == 0, "Ctrl-C is not ignored by whoever started us");
        }

        @Test
        @Spec("R-4")
        void theFirstCancelsTheMainTask() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(Obedient.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).containsExactly("cancelled", "cleaned up", "KeyboardInterrupt");
                assertThat(result.exitCode()).isEqualTo(130);
            }
        }

        @Test
        @Spec("R-4")
        void itReachesAMainTaskInBlockingCode() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(Blocked.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).containsExactly("cleaned up", "KeyboardInterrupt");
                assertThat(result.exitCode()).isEqualTo(130);
            }
        }

        @Test
        @Spec("R-4")
        void aMainTaskThatTakesItBackReturns() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(Uncancelling.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).containsExactly("went on");
                assertThat(result.exitCode()).isZero();
            }
        }

        @Test
        @Spec("R-4")
        void theSecondLeavesTheLoopAtOnce() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(Stubborn.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                assertThat(jvm.readLine()).isEqualTo("swallowed");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).containsExactly("cancelled at the end", "KeyboardInterrupt");
                assertThat(result.exitCode()).isEqualTo(130);
            }
        }

        @Test
        @Spec("R-4")
        void aMainTaskThatSomebodyElseCancelledTooIsCancelled() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(CancelledByOthersToo.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out())
                        .containsExactly("cancelled: interrupted from the keyboard", "cancelled: other");
                assertThat(result.exitCode()).isEqualTo(1);
            }
        }

        @Test
        @Spec("R-4")
        void aHandlerThatTheProgramSetStaysInForce() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(WithAHandlerOfItsOwn.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).containsExactly("the program's handler", "main went on");
                assertThat(result.exitCode()).isZero();
            }
        }

        @Test
        @Spec("R-4")
        void afterTheRunTheProgramsOwnHandlerIsBack() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(RunsAndWaits.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).isEmpty();
                assertThat(result.exitCode()).isEqualTo(130);
            }
        }

        @Test
        @Spec("R-4")
        void aLoopThatIsNotTheMainThreadsDoesNotTakeIt() throws Exception {
            try (ChildJvm jvm = ChildJvm.start(OnAnotherThread.class)) {
                assertThat(jvm.readLine()).isEqualTo("ready");
                jvm.interrupt();
                ChildJvm.Result result = jvm.await();
                assertThat(result.out()).isEmpty();
                assertThat(result.exitCode()).isEqualTo(130);
            }
        }
    }

    private static <X extends Exception> void runAsAProgram(Action<X> main) throws X {
        try {
            Asyncio.run(main);
        } catch (KeyboardInterrupt e) {
            System.out.println("KeyboardInterrupt");
            System.exit(130);
        }
    }

    static final class Obedient {
        static void main() {
            runAsAProgram(() -> {
                try {
                    System.out.println("ready");
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    System.out.println("cancelled");
                    throw e;
                } finally {
                    yieldNow();
                    System.out.println("cleaned up");
                }
            });
        }
    }

    static final class Blocked {
        static void main() throws InterruptedException {
            runAsAProgram(() -> {
                try {
                    System.out.println("ready");
                    Thread.sleep(Duration.ofHours(1));
                } finally {
                    System.out.println("cleaned up");
                }
            });
        }
    }

    static final class CancelledByOthersToo {
        static void main() {
            try {
                runAsAProgram(() -> {
                    try {
                        System.out.println("ready");
                        sleep(Duration.ofHours(1));
                    } catch (CancelledError e) {
                        System.out.println("cancelled: " + e.getMessage());
                    }
                    currentTask().cancel("other");
                    yieldNow();
                });
            } catch (TaskCancelledException e) {
                System.out.println("cancelled: " + e.awaitable().cancelMessage());
                System.exit(1);
            }
        }
    }

    static final class WithAHandlerOfItsOwn {
        static void main() throws Exception {
            CountDownLatch interrupted = new CountDownLatch(1);
            handleCtrlC(() -> {
                System.out.println("the program's handler");
                interrupted.countDown();
            });
            runAsAProgram(() -> {
                System.out.println("ready");
                toThread(() -> interrupted.await());
                System.out.println("main went on");
            });
        }

        /** By reflection: the compiler warns of each use of these names. */
        private static void handleCtrlC(Runnable handler) throws ReflectiveOperationException {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, _, _) -> {
                handler.run();
                return null;
            });
            signal.getMethod("handle", signal, type)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
        }
    }

    static final class Uncancelling {
        static void main() {
            runAsAProgram(() -> {
                try {
                    System.out.println("ready");
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    currentTask().uncancel();
                }
                yieldNow();
                System.out.println("went on");
            });
        }
    }

    static final class Stubborn {
        static void main() {
            runAsAProgram(() -> {
                try {
                    System.out.println("ready");
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    System.out.println("swallowed");
                }
                try {
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    System.out.println("cancelled at the end");
                    throw e;
                }
            });
        }
    }

    static final class RunsAndWaits {
        static void main() throws Exception {
            runAsAProgram(() -> sleep(Duration.ofMillis(1)));
            System.out.println("ready");
            System.in.read();
        }
    }

    static final class OnAnotherThread {
        static void main() {
            Thread.ofPlatform()
                    .start(() -> runAsAProgram(() -> {
                        try {
                            System.out.println("ready");
                            sleep(Duration.ofHours(1));
                        } finally {
                            System.out.println("cleaned up");
                        }
                    }));
        }
    }
}
