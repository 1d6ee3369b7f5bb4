package dev.rondo;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callbacks for signals. Those that would end this JVM are tried in another. */
@Timeout(60)
class SignalTest {

    private final List<String> log = new ArrayList<>();

    private static void raise(Signal signal) {
        try {
            ProcessBuilder kill = new ProcessBuilder(
                    "kill",
                    "-" + signal.name(),
                    Long.toString(ProcessHandle.current().pid()));
            assertThat(kill.start().waitFor()).isZero();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Spec("SG-1")
    void aSignalWakesTheLoopAndRunsItsCallbackThere() {
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        try (EventLoop loop = newEventLoop()) {
            Thread here = Thread.currentThread();
            loop.runUntilComplete(() -> {
                Promise<String, RuntimeException> heard = loop.createFuture();
                variable.set("of who added it");
                loop.addSignalHandler(Signal.USR2, () -> {
                    assertThat(getRunningLoop()).isSameAs(loop);
                    assertThat(loop.thread()).isSameAs(here);
                    sleep(Duration.ofMillis(1)); // a callback like any other: it may suspend, and touch the loop
                    heard.setResult(variable.get());
                });
                variable.set("later");
                raise(Signal.USR2);
                assertThat(heard.await()).isEqualTo("of who added it"); // nothing else would wake the loop
            });
        }
    }

    @Test
    @Spec("SG-1")
    void aCallbackTakesThePlaceOfTheEarlierAndRunsEachTime() {
        try (EventLoop loop = newEventLoop()) {
            loop.runUntilComplete(() -> {
                AsyncQueue<Integer> heard = new AsyncQueue<>();
                loop.addSignalHandler(Signal.USR2, () -> log.add("the earlier"));
                loop.addSignalHandler(Signal.USR2, () -> heard.putNowait(1));
                for (int i = 0; i < 3; i++) {
                    raise(Signal.USR2);
                    heard.get();
                }
            });
        }
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("SG-1")
    void aFailureOfACallbackGoesToTheExceptionHandler() {
        try (EventLoop loop = newEventLoop()) {
            Promise<Throwable, RuntimeException> failure = loop.createFuture();
            loop.setExceptionHandler((_, context) -> failure.setResult(context.exception()));
            loop.addSignalHandler(Signal.USR2, () -> {
                throw new IllegalStateException("of the callback");
            });
            assertThat(loop.runUntilComplete(() -> {
                        raise(Signal.USR2);
                        return failure.await();
                    }))
                    .hasMessage("of the callback");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"KILL", "STOP", "QUIT", "SEGV", "ILL", "FPE"})
    @Spec("SG-1")
    void whatCannotBeCaughtIsRefused(Signal signal) {
        try (EventLoop loop = newEventLoop()) {
            assertThatThrownBy(() -> loop.addSignalHandler(signal, () -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("SIG" + signal.name() + " cannot be caught");
            assertThat(loop.removeSignalHandler(signal)).isFalse();
        }
    }

    @Test
    @Spec("SG-1")
    void aClosedLoopRefusesAndAnotherThreadToo() throws InterruptedException {
        EventLoop loop = newEventLoop();
        loop.runUntilComplete(() -> {
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    loop.addSignalHandler(Signal.USR2, () -> {});
                } catch (IllegalStateException e) {
                    log.add("not this thread's loop");
                }
            });
            other.join();
        });
        loop.close();
        assertThatThrownBy(() -> loop.addSignalHandler(Signal.USR2, () -> {})).hasMessage("Event loop is closed");
        assertThat(log).containsExactly("not this thread's loop");
    }

    @Test
    @Spec("SG-1")
    void everyLoopWithACallbackIsTold() throws InterruptedException {
        Bridge<String> heard = new Bridge<>(10);
        try (EventLoop loop = newEventLoop()) {
            loop.addSignalHandler(Signal.USR2, () -> heard.offer("this"));
            Bridge<String> ready = new Bridge<>(1);
            Thread other = Thread.ofPlatform()
                    .start(() -> Asyncio.run(() -> {
                        AsyncEvent told = new AsyncEvent();
                        getRunningLoop().addSignalHandler(Signal.USR2, () -> {
                            heard.offer("the other");
                            told.set();
                        });
                        ready.offer("");
                        told.await();
                    }));
            loop.runUntilComplete(() -> {
                ready.get();
                raise(Signal.USR2);
                log.add(heard.get());
                log.add(heard.get());
            });
            other.join();
            assertThat(log).containsExactlyInAnyOrder("this", "the other");
            loop.runUntilComplete(() -> {
                raise(Signal.USR2); // the other loop is closed, this one is still told
                assertThat(heard.get()).isEqualTo("this");
            });
        }
    }

    @Test
    @Spec("SG-2")
    void removingTellsWhetherThereWasOneAndForgetsASignalThatCameBefore() throws InterruptedException {
        try (EventLoop loop = newEventLoop()) {
            assertThat(loop.removeSignalHandler(Signal.USR2)).isFalse();
            loop.addSignalHandler(Signal.USR2, () -> log.add("heard"));
            CountDownLatch raised = new CountDownLatch(1);
            Runnable next = raised::countDown; // told right after the loop's own callback
            Signals.add(Signal.USR2, next);
            raise(Signal.USR2);
            raised.await();
            assertThat(loop.removeSignalHandler(Signal.USR2)).isTrue();
            assertThat(loop.removeSignalHandler(Signal.USR2)).isFalse();
            Signals.remove(Signal.USR2, next);
            loop.runUntilComplete(() -> {
                yieldNow();
                yieldNow();
            });
        }
        assertThat(log).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ another JVM

    @Test
    @Spec("SG-2")
    void removingRestoresWhatTheSignalDidBefore() throws Exception {
        IgnoredSignals.assumeHeard(Signal.HUP);
        try (ChildJvm jvm = ChildJvm.start(Hangup.class)) {
            assertThat(jvm.readLine()).isEqualTo("ready");
            jvm.signal("HUP");
            assertThat(jvm.readLine()).isEqualTo("heard, removed: true");
            jvm.signal("HUP");
            assertThat(jvm.await().exitCode()).isEqualTo(129);
        }
    }

    @Test
    @Spec("SG-2")
    void closingTheLoopRemovesAll() throws Exception {
        IgnoredSignals.assumeHeard(Signal.HUP);
        try (ChildJvm jvm = ChildJvm.start(ClosesItsLoop.class)) {
            assertThat(jvm.readLine()).isEqualTo("closed");
            jvm.signal("HUP");
            ChildJvm.Result result = jvm.await();
            assertThat(result.out()).isEmpty();
            assertThat(result.exitCode()).isEqualTo(129);
        }
    }

    @Test
    @Spec("SG-2")
    void onceItsCallbackIsRemovedCtrlCCancelsTheMainTaskAgain() throws Exception {
        IgnoredSignals.assumeHeard(Signal.INT);
        try (ChildJvm jvm = ChildJvm.start(OwnCtrlC.class)) {
            assertThat(jvm.readLine()).isEqualTo("ready");
            jvm.interrupt();
            assertThat(jvm.readLine()).isEqualTo("its own");
            jvm.interrupt();
            ChildJvm.Result result = jvm.await();
            assertThat(result.out()).containsExactly("KeyboardInterrupt 130");
            assertThat(result.exitCode()).isEqualTo(130);
        }
    }

    @Test
    @Spec("R-4")
    void sigtermEndsARunInOrder() throws Exception {
        IgnoredSignals.assumeHeard(Signal.TERM);
        try (ChildJvm jvm = ChildJvm.start(Orderly.class)) {
            assertThat(jvm.readLine()).isEqualTo("ready");
            jvm.signal("TERM");
            ChildJvm.Result result = jvm.await();
            assertThat(result.out())
                    .containsExactly("cancelled: asked to end by SIGTERM", "cleaned up", "KeyboardInterrupt 143");
            assertThat(result.exitCode()).isEqualTo(143);
        }
    }

    @Test
    @Spec("R-4")
    void theSecondSignalLeavesTheLoopAtOnceWhicheverItIs() throws Exception {
        IgnoredSignals.assumeHeard(Signal.INT, Signal.TERM);
        try (ChildJvm jvm = ChildJvm.start(Stubborn.class)) {
            assertThat(jvm.readLine()).isEqualTo("ready");
            jvm.interrupt();
            assertThat(jvm.readLine()).isEqualTo("swallowed");
            jvm.signal("TERM");
            ChildJvm.Result result = jvm.await();
            assertThat(result.out()).containsExactly("KeyboardInterrupt 143");
            assertThat(result.exitCode()).isEqualTo(143);
        }
    }

    @Test
    @Spec("R-4")
    void aRunnerThatHandlesNoSignalsLeavesSigtermToTheJvm() throws Exception {
        IgnoredSignals.assumeHeard(Signal.TERM);
        try (ChildJvm jvm = ChildJvm.start(OptedOut.class)) {
            assertThat(jvm.readLine()).isEqualTo("ready");
            jvm.signal("TERM");
            ChildJvm.Result result = jvm.await();
            assertThat(result.out()).isEmpty();
            assertThat(result.exitCode()).isEqualTo(143);
        }
    }

    private static <X extends Exception> void program(Action<X> main) throws X {
        try {
            Asyncio.run(main);
        } catch (KeyboardInterrupt e) {
            System.out.println("KeyboardInterrupt " + e.exitCode());
            System.exit(e.exitCode());
        }
    }

    static final class Hangup {
        static void main() {
            Asyncio.run(() -> {
                EventLoop loop = getRunningLoop();
                loop.addSignalHandler(
                        Signal.HUP,
                        () -> System.out.println("heard, removed: " + loop.removeSignalHandler(Signal.HUP)));
                System.out.println("ready");
                sleep(Duration.ofHours(1));
            });
        }
    }

    static final class ClosesItsLoop {
        static void main() throws IOException {
            Asyncio.run(() -> getRunningLoop().addSignalHandler(Signal.HUP, () -> System.out.println("heard")));
            System.out.println("closed");
            System.in.read();
        }
    }

    static final class OwnCtrlC {
        static void main() {
            program(() -> {
                EventLoop loop = getRunningLoop();
                loop.addSignalHandler(Signal.INT, () -> {
                    loop.removeSignalHandler(Signal.INT);
                    System.out.println("its own");
                });
                System.out.println("ready");
                sleep(Duration.ofHours(1));
            });
        }
    }

    static final class Orderly {
        static void main() {
            program(() -> {
                try {
                    System.out.println("ready");
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    System.out.println("cancelled: " + e.getMessage());
                    throw e;
                } finally {
                    System.out.println("cleaned up");
                }
            });
        }
    }

    static final class Stubborn {
        static void main() {
            program(() -> {
                try {
                    System.out.println("ready");
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    System.out.println("swallowed");
                }
                sleep(Duration.ofHours(1));
            });
        }
    }

    static final class OptedOut {
        static void main() {
            try (Runner runner = new Runner().handleInterrupts(false)) {
                runner.run(() -> {
                    System.out.println("ready");
                    sleep(Duration.ofHours(1));
                });
            }
        }
    }
}
