package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.KeyboardInterrupt;
import dev.rondo.TaskCancelledException;
import dev.rondo.TaskFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.opentest4j.TestAbortedException;

/** Bodies that do what no test should: the verdict is right all the same, and the run ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class HostileBodiesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Throwable failureOf(SimBody body) {
        return ExplorerTest.failureOf(Explorer.random(3), body).getCause();
    }

    @Test
    void anyErrorIsTheFailure() {
        for (Throwable error : List.of(
                new Error("an error"),
                new NoClassDefFoundError("a class"),
                new OutOfMemoryError("pretended"),
                new KeyboardInterrupt(),
                new InterruptedException("pretended"))) {
            assertThat(failureOf(sim -> {
                        throw LoopRun.<RuntimeException>undeclared(error);
                    }))
                    .isSameAs(error);
        }
        assertThat(failureOf(sim -> deeper(0))).isInstanceOf(StackOverflowError.class);
    }

    private static int deeper(int depth) {
        return deeper(depth + 1) + 1;
    }

    @Test
    void anErrorThatLeavesTheLoopIsTheFailureWhoeverThrowsIt() {
        for (Error error : List.of(new OutOfMemoryError("pretended"), new KeyboardInterrupt())) {
            assertThat(failureOf(sim -> {
                        createTask(() -> {
                            throw error;
                        });
                        sleep(SECOND);
                    }))
                    .isSameAs(error);
        }
    }

    @Test
    void aLoopThatIsStoppedOrItsMainTaskCancelledHasNotRunTheBodyToItsEnd() {
        assertThat(failureOf(sim -> {
                    getRunningLoop().stop();
                    sleep(SECOND);
                    fail("nobody comes here");
                }))
                .hasMessageContaining("Event loop stopped before task");
        assertThat(failureOf(sim -> getRunningLoop().close())).hasMessageContaining("Cannot close a running");
        assertThat(failureOf(sim -> {
                    dev.rondo.Asyncio.currentTask().cancel();
                    yieldNow();
                }))
                .isInstanceOf(TaskCancelledException.class);
    }

    @Test
    void aBodyThatIsInterruptedEagerOrInDebugModePasses() {
        assertThat(Explorer.random(20).check(sim -> {
                    getRunningLoop().setDebug(true);
                    getRunningLoop().setTaskFactory(TaskFactory.EAGER);
                    Thread.currentThread().interrupt();
                    createTask(() -> sleep(SECOND)).await();
                }))
                .isEqualTo(20);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void whatATestsOwnExceptionHandlerFindsWrongIsWrong() {
        assertThat(failureOf(sim -> {
                    getRunningLoop()
                            .setExceptionHandler((_, context) ->
                                    assertThat(context.exception()).hasMessage("another"));
                    getRunningLoop().callSoon(() -> {
                        throw new IllegalStateException("this one");
                    });
                    sleep(SECOND);
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("another");
        assertThat(Explorer.random(3).check(sim -> {
                    getRunningLoop()
                            .setExceptionHandler((_, context) ->
                                    assertThat(context.exception()).hasMessage("this one"));
                    getRunningLoop().callSoon(() -> {
                        throw new IllegalStateException("this one");
                    });
                    sleep(SECOND);
                }))
                .isEqualTo(3);
    }

    @Test
    void theSimOfARunThatIsOverIsRefused() {
        Sim[] kept = new Sim[1];
        Explorer.random(1).check(sim -> kept[0] = sim);
        for (Runnable use : List.<Runnable>of(
                () -> kept[0].always("it holds", () -> true),
                () -> kept[0].eventually("it holds", () -> true),
                () -> kept[0].sometimes("it is reached", true),
                () -> kept[0].atEnd(_ -> List.of()),
                () -> kept[0].choose(2, "which"))) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("that of an earlier run");
        }
        assertThat(kept[0].steps()).isPositive();
    }

    @Test
    void aFailureWhoseMessageCannotBeMadeIsReportedLikeAnyOther() {
        class Unspeakable extends RuntimeException {
            @Override
            public String getMessage() {
                throw new UnsupportedOperationException();
            }
        }
        ScheduleFailure failure = ExplorerTest.failureOf(Explorer.random(3), sim -> {
            throw new Unspeakable();
        });
        assertThat(failure)
                .hasMessageContaining("Unspeakable (which has no message")
                .hasMessageContaining("To have it again");
        assertThat(failure.shrunkTape()).isEqualTo(Tape.plain());
    }

    @Test
    void anAssumptionThatDoesNotHoldEndsTheExplorationAndIsNoFailure() {
        int[] runs = new int[1];
        assertThatThrownBy(() -> Explorer.random(5).check(sim -> assumeTrue(++runs[0] < 4, "not here")))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("not here");
        assertThatThrownBy(() -> Explorer.random(1).check(sim -> {
                    throw new TestAbortedException() {};
                }))
                .isInstanceOf(TestAbortedException.class);
    }

    // ------------------------------------------------------------------------------------------------ without end

    @Test
    void aBodyThatKeepsTheTimeFromPassingFailsLongBeforeItsSteps() {
        Throwable failure = failureOf(sim -> {
            while (getRunningLoop().time().compareTo(SECOND) < 0) {
                yieldNow();
            }
        });
        assertThat(failure)
                .hasMessageStartingWith("goes on after 500000 steps at PT0S, where virtual time stands still")
                .hasMessageContaining("most were of: Task-1 (");
    }

    @Test
    void asManyStepsPassWhereTheTimePasses() {
        RunResult result = Runs.plain(sim -> {
            for (int i = 0; i < 100; i++) {
                sleep(Duration.ofMillis(1));
                Bugs.steps(6_000);
            }
        });
        assertThat(result.failure()).isNull();
        assertThat(result.steps()).isGreaterThan(600_000);
    }

    @Test
    void whoAllowsMoreStepsAllowsMoreAtOnce() {
        SimBody body = sim -> Bugs.steps(600_000);
        assertThat(failureOf(body)).hasMessageContaining("goes on after 500000 steps at");
        assertThat(Explorer.random(1).maxSteps(10_000_000).check(body)).isOne();
    }

    // ------------------------------------------------------------------------------------------------ who waits

    @Test
    void workersAndThreadsOfTheLoopThatAreParkedAreNamedWithTheirStacks() {
        assertThat(failureOf(sim -> toThread(() -> {
                    new CountDownLatch(1).await();
                    return 1;
                })))
                .hasMessageStartingWith("nothing can go on any more")
                .hasMessageContaining("a virtual thread of the loop that is parked, rondo-worker-1\n")
                .hasMessageContaining("HostileBodiesTest.lambda$workersAndThreads");
        assertThat(failureOf(sim -> {
                    Thread guest = getRunningLoop().threadFactory().newThread(HostileBodiesTest::waitForEver);
                    guest.setName("guest");
                    guest.start();
                    guest.join();
                }))
                .hasMessageContaining("a virtual thread of the loop that is parked, guest\n")
                .hasMessageContaining("HostileBodiesTest.waitForEver(");
    }

    private static void waitForEver() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theTimeOfAFailureIsThatWhenItCameAndNotThatOfTheEnd() {
        RunResult result = Runs.plain(sim -> {
            createTask(() -> {
                try {
                    sleep(Duration.ofDays(1));
                } finally {
                    sleep(Duration.ofSeconds(100));
                }
            });
            sleep(SECOND);
            fail("as planned");
        });
        assertThat(result.elapsed()).isEqualTo(SECOND);
        assertThat(result.failure()).hasMessage("as planned");
    }
}
