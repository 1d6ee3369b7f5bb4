package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import dev.rondo.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** What a loop notes down and says in debug mode, and only there. */
class DebugModeTest extends LoopTestCase {

    private static final Duration LONG = Duration.ofHours(1);

    private Task<?, RuntimeException> failingTask() {
        return loop.createTask(() -> {
            throw new IllegalStateException("nobody's");
        });
    }

    private Promise<String, RuntimeException> failedPromise() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        promise.setException(new IllegalStateException());
        return promise;
    }

    private static String methodOf(Object sourceTraceback) {
        assertThat(sourceTraceback).isInstanceOf(List.class);
        return ((StackTraceElement) ((List<?>) sourceTraceback).getFirst()).getMethodName();
    }

    // ------------------------------------------------------------------------------------------------ L-25

    @Test
    @Spec("L-25")
    void debugModeIsOffAndCanBeSwitchedOn() {
        assertThat(loop.debug()).isFalse();
        loop.setDebug(true);
        assertThat(loop.debug()).isTrue();
        loop.setDebug(false);
        assertThat(loop.debug()).isFalse();
        try (EventLoop debugging = EventLoop.builder().debug(true).build()) {
            assertThat(debugging.debug()).isTrue();
        }
    }

    @Test
    @Spec("L-25")
    void aSystemPropertySwitchesItOnForEveryLoop() {
        assertThat(debugWith("")).isTrue();
        assertThat(debugWith("true")).isTrue();
        assertThat(debugWith("false")).isFalse();
    }

    private static boolean debugWith(String value) {
        System.setProperty("rondo.debug", value);
        try (EventLoop made = Asyncio.newEventLoop()) {
            return made.debug();
        } finally {
            System.clearProperty("rondo.debug");
        }
    }

    // ------------------------------------------------------------------------------------------------ where it was
    // made

    @Test
    @Spec("D-4")
    @Spec("T-10")
    void tasksPromisesAndHandlesSayWhereTheyWereMade() {
        loop.setDebug(true);
        assertThat(loop.createFuture().toString()).matches("<Promise pending created at DebugModeTest.java:\\d+>");
        assertThat(loop.callSoon(() -> {}).toString())
                .matches("<Handle dev.rondo.DebugModeTest.lambda created at DebugModeTest.java:\\d+>");
        assertThat(loop.callLater(LONG, () -> {}).toString())
                .matches("<TimerHandle when=PT1H dev.rondo.DebugModeTest.lambda created at DebugModeTest.java:\\d+>");
        Task<?, ?> task = loop.createTask(() -> 1);
        assertThat(task.toString()).matches("<Task pending .* created at DebugModeTest.java:\\d+>");
        run(() -> task.exception());
    }

    @Test
    void otherwiseTheyDoNot() {
        assertThat(loop.createFuture()).hasToString("<Promise pending>");
        assertThat(loop.callSoon(() -> {})).hasToString("<Handle dev.rondo.DebugModeTest.lambda>");
        loop.callSoon(argument -> log.add(argument), "x");
        assertThat(loop.callSoon(log::add, "x")).hasToString("<Handle dev.rondo.DebugModeTest.lambda>");
        run(Asyncio::yieldNow);
    }

    @Test
    @Spec("D-4")
    void tenFramesAreKeptAndNoneOfOurs() {
        loop.setDebug(true);
        run(() -> {
            Promise<?, ?> promise = deep(20);
            assertThat(promise.createdAt())
                    .hasSize(10)
                    .allSatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("deep"));
            Promise<?, ?> shallow = createTask(() -> loop.createFuture()).await();
            assertThat(shallow.createdAt())
                    .singleElement()
                    .satisfies(frame -> assertThat(frame.getClassName()).isEqualTo(DebugModeTest.class.getName()));
        });
    }

    private Promise<?, ?> deep(int depth) {
        return depth == 0 ? loop.createFuture() : deep(depth - 1);
    }

    @Test
    @Spec("T-14")
    @Spec("F-10")
    void aFailureThatNobodyTookIsReportedWithThePlaceWhereItsTaskWasMade() {
        loop.setDebug(true);
        failingTask();
        failedPromise();
        run(() -> sleep(Duration.ofSeconds(2)));
        assertThat(reported)
                .extracting(context -> methodOf(context.details().get("source_traceback")))
                .containsExactlyInAnyOrder("failingTask", "failedPromise");
    }

    @Test
    void withoutDebugModeThereIsNoPlaceButTheTaskNamesItsCode() {
        failingTask();
        run(() -> sleep(Duration.ofSeconds(2)));
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.details()).containsOnlyKeys("task");
            assertThat(context.details().get("task").toString())
                    .contains(
                            "coro=<dev.rondo.DebugModeTest.lambda>",
                            "exception=java.lang.IllegalStateException: nobody's");
        });
    }

    @Test
    @Spec("T-13")
    void aTaskThatIsPendingWhenTheLoopClosesIsReportedWithThePlaceWhereItWasMade() {
        loop.setDebug(true);
        loop.createTask(() -> sleep(LONG));
        loop.close();
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).isEqualTo("Task was destroyed but it is pending!");
            assertThat(methodOf(context.details().get("source_traceback")))
                    .isEqualTo("aTaskThatIsPendingWhenTheLoopClosesIsReportedWithThePlaceWhereItWasMade");
        });
    }

    @Test
    @Spec("D-4")
    void aCallbackThatFailsIsReportedWithThePlaceWhereItWasScheduled() {
        loop.setDebug(true);
        Handle handle = loop.callSoon(() -> {
            throw new IllegalStateException();
        });
        run(Asyncio::yieldNow);
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).isEqualTo("Exception in callback dev.rondo.DebugModeTest.lambda");
            assertThat(context.details()).containsEntry("handle", handle);
            assertThat(methodOf(context.details().get("source_traceback")))
                    .isEqualTo("aCallbackThatFailsIsReportedWithThePlaceWhereItWasScheduled");
        });
    }

    // ------------------------------------------------------------------------------------------------ D-3

    @Test
    @Spec("D-3")
    void theDefaultHandlerLogsTheMessageTheDetailsInOrderAndTheFailure() {
        loop.setExceptionHandler(null);
        loop.setDebug(true);
        Task<?, ?> task = failingTask();
        try (LogSpy spy = new LogSpy()) {
            run(() -> sleep(Duration.ofSeconds(2)));
            assertThat(spy.lines()).singleElement().satisfies(line -> {
                List<String> lines = line.lines().toList();
                assertThat(lines.get(0)).isEqualTo("ERROR Task exception was never retrieved");
                assertThat(lines.get(1)).isEqualTo("source_traceback: Object created at (most recent call last):");
                assertThat(lines.get(lines.size() - 2))
                        .contains("at dev.rondo.DebugModeTest.failingTask(DebugModeTest.java:");
                assertThat(lines.getLast()).isEqualTo("task: " + task);
            });
            assertThat(spy.failures()).extracting(Throwable::getMessage).containsExactly("nobody's");
        }
    }

    @Test
    @Spec("D-1")
    @Spec("D-3")
    void whatACallbackReportsIsLoggedWithThePlaceWhereItWasScheduled() {
        loop.setExceptionHandler(null);
        loop.setDebug(true);
        try (LogSpy spy = new LogSpy()) {
            loop.callSoon(() -> loop.callExceptionHandler(new ExceptionContext("odd", null)));
            run(Asyncio::yieldNow);
            assertThat(spy.lines())
                    .singleElement()
                    .satisfies(line -> assertThat(line.lines())
                            .startsWith("ERROR odd", "handle_traceback: Handle created at (most recent call last):")
                            .anyMatch(frame ->
                                    frame.contains("whatACallbackReportsIsLoggedWithThePlaceWhereItWasScheduled")));
        }
    }

    // ------------------------------------------------------------------------------------------------ D-5

    /** A loop whose time passes when code says so. */
    private static final class TimeIsWork implements Clock {
        private long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        void work(Duration duration) {
            nanos += duration.toNanos();
        }
    }

    private static List<String> slow(TimeIsWork time, boolean debug, Action<RuntimeException> main) {
        try (LogSpy spy = new LogSpy();
                EventLoop loop = EventLoop.builder().clock(time).debug(debug).build()) {
            loop.runUntilComplete(main);
            return spy.lines();
        }
    }

    @Test
    @Spec("D-4")
    @Spec("D-5")
    void anItemThatTakesLongIsLoggedWithWhatItWas() {
        TimeIsWork time = new TimeIsWork();
        assertThat(slow(time, true, () -> {
                    EventLoop loop = Asyncio.getRunningLoop();
                    assertThat(loop.slowCallbackDuration()).isEqualTo(Duration.ofMillis(100));
                    createTask(() -> time.work(Duration.ofMillis(99)), "quick");
                    createTask(() -> time.work(Duration.ofNanos(123_456_789)), "slow");
                    loop.callSoon(() -> time.work(Duration.ofSeconds(2)));
                    loop.callSoon(() -> time.work(Duration.ofMillis(99)));
                    yieldNow();
                }))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("WARN Executing <Task finished name='slow' ")
                                .endsWith(" took 0.123 seconds"),
                        line -> assertThat(line)
                                .startsWith("WARN Executing <Handle dev.rondo.DebugModeTest.lambda created at ")
                                .endsWith(" took 2.000 seconds"));
    }

    @Test
    @Spec("D-5")
    void whatATaskTakesIsCountedFromSuspensionToSuspension() {
        TimeIsWork time = new TimeIsWork();
        assertThat(slow(time, true, () -> {
                    for (int i = 0; i < 10; i++) {
                        time.work(Duration.ofMillis(60));
                        yieldNow();
                    }
                }))
                .isEmpty();
    }

    @Test
    @Spec("D-5")
    void theLimitCanBeSet() {
        TimeIsWork time = new TimeIsWork();
        assertThat(slow(time, true, () -> {
                    Asyncio.getRunningLoop().setSlowCallbackDuration(Duration.ofSeconds(1));
                    time.work(Duration.ofMillis(999));
                    yieldNow();
                    time.work(Duration.ofMillis(1000));
                }))
                .singleElement()
                .asString()
                .endsWith(" took 1.000 seconds");
    }

    @Test
    @Spec("D-5")
    void theLimitMayBeForEver() {
        loop.setSlowCallbackDuration(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(loop.slowCallbackDuration()).isGreaterThan(Duration.ofDays(365));
    }

    @Test
    @Spec("D-5")
    void withoutDebugModeNothingIsMeasured() {
        TimeIsWork time = new TimeIsWork();
        assertThat(slow(time, false, () -> time.work(LONG))).isEmpty();
        assertThat(slow(time, false, () -> {
                    time.work(LONG);
                    Asyncio.getRunningLoop().setDebug(true); // in the midst of an item
                }))
                .isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ swallowed
    // cancels

    /** Cancels a task that runs {@code body}, lets it end, and returns what was logged. */
    private List<String> loggedWhenCancelled(Action<?> body) {
        try (LogSpy spy = new LogSpy()) {
            run(() -> {
                Task<?, ?> task = createTask(body, "stubborn");
                yieldNow();
                task.cancel("enough");
                for (int i = 0; i < 5; i++) {
                    yieldNow();
                }
                assertThat(task.done()).isTrue();
                if (!task.cancelled()) {
                    task.exception();
                }
            });
            return spy.lines();
        }
    }

    private static void swallow() {
        try {
            sleep(LONG);
        } catch (CancelledError e) {
            // swallowed: that is the point
        }
    }

    private static void assertThatItIsSaid(List<String> logged) {
        assertThat(logged)
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("WARN CancelledError caught and not re-raised: <Task finished name='stubborn'")
                        .contains("Object created at (most recent call last):", "loggedWhenCancelled"));
    }

    @Test
    void aTaskThatSwallowsItsCancelIsNamed() {
        loop.setDebug(true);
        assertThatItIsSaid(loggedWhenCancelled(DebugModeTest::swallow));
    }

    @Test
    void soIsOneThatSwallowsItsInterrupt() {
        loop.setDebug(true);
        assertThatItIsSaid(loggedWhenCancelled(() -> {
            try {
                new LinkedBlockingQueue<>().take();
            } catch (InterruptedException e) {
                // swallowed
            }
        }));
    }

    @Test
    void soIsOneThatFailsForAReasonThatDoesNotNameTheCancel() {
        loop.setDebug(true);
        assertThatItIsSaid(loggedWhenCancelled(() -> {
            swallow();
            throw new IllegalStateException("another reason");
        }));
    }

    @Test
    void whoEndsCancelledOrSaysWhyOrTakesTheRequestBackHasSwallowedNothing() {
        loop.setDebug(true);
        assertThat(loggedWhenCancelled(() -> sleep(LONG))).isEmpty();
        assertThat(loggedWhenCancelled(() -> {
                    try {
                        sleep(LONG);
                    } catch (CancelledError e) {
                        throw new IllegalStateException("because of the cancel", e);
                    }
                }))
                .isEmpty();
        assertThat(loggedWhenCancelled(() -> {
                    swallow();
                    Asyncio.currentTask().uncancel();
                }))
                .isEmpty();
    }

    @Test
    void aTimeoutThatIsCaughtIsNoSwallowedCancel() {
        loop.setDebug(true);
        try (LogSpy spy = new LogSpy()) {
            run(() -> assertThatThrownBy(() -> timeout(Duration.ofSeconds(1), () -> sleep(LONG)))
                    .isInstanceOf(AsyncTimeoutException.class));
            assertThat(spy.lines()).isEmpty();
        }
    }

    @Test
    void whoAwaitsTheOneThatSwallowsIsNotBlamed() {
        loop.setDebug(true);
        try (LogSpy spy = new LogSpy()) {
            run(() -> {
                Task<String, RuntimeException> stubborn = createTask(
                        () -> {
                            swallow();
                            return "";
                        },
                        "stubborn");
                Task<?, RuntimeException> waiting = createTask(() -> stubborn.await(), "waiting");
                yieldNow();
                waiting.cancel();
                waiting.await();
            });
            assertThat(spy.lines()).singleElement().asString().contains("name='stubborn'");
        }
    }

    @Test
    void withoutDebugModeNothingIsSaid() {
        assertThat(loggedWhenCancelled(DebugModeTest::swallow)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ C-16

    @Test
    @Spec("C-16")
    void aFailureAfterACancelKeepsTheCancelAsSuppressed() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {
                try {
                    sleep(LONG);
                } finally {
                    failCleanUp();
                }
            });
            yieldNow();
            task.cancel("enough");
            assertThatThrownBy(task::await)
                    .hasMessage("clean-up failed")
                    .satisfies(failure -> assertThat(failure.getSuppressed())
                            .singleElement()
                            .isInstanceOf(CancelledError.class)
                            .satisfies(
                                    cancel -> assertThat(((Throwable) cancel)).hasMessage("enough")));
        });
    }

    private static void failCleanUp() {
        throw new IllegalStateException("clean-up failed");
    }

    @Test
    @Spec("C-16")
    void aFailureWithoutACancelHasNothingToKeep() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {
                swallow();
                Asyncio.currentTask().uncancel();
                failCleanUp();
            });
            yieldNow();
            task.cancel("taken back");
            assertThatThrownBy(task::await).hasNoSuppressedExceptions();
        });
    }
}
