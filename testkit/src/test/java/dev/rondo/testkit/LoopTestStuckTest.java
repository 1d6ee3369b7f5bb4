package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.rondo.AsyncEvent;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that never end by themselves, in real time. */
class LoopTestStuckTest {

    static volatile boolean released; // lets the loops go that nobody can stop
    static CountDownLatch latch = new CountDownLatch(1);

    @BeforeEach
    void hold() {
        released = false;
        latch = new CountDownLatch(1);
    }

    @AfterEach
    void letGo() {
        released = true;
        latch.countDown();
    }

    static void spin() {
        while (!released) {
            Thread.onSpinWait();
        }
    }

    static class Sample {
        static int runs;

        @LoopTest(seeds = 0, realSeconds = 1)
        void computes() {
            gather(() -> sleep(Duration.ofSeconds(1)), () -> {
                yieldNow();
                spin();
            });
        }

        @RealIo
        @LoopTest(realSeconds = 1)
        void waitsForWhatNeverComes() {
            createTask(() -> new AsyncEvent().await());
            new AsyncEvent().await();
        }

        @LoopTest(seeds = 0, realSeconds = 1)
        void waitsInBlockingCode() throws InterruptedException {
            latch.await();
        }

        @LoopTest(seeds = 0, realSeconds = 1)
        void computesTheSecondTime() {
            if (runs++ > 0) {
                spin();
            }
            fail("as planned");
        }

        @Timeout(value = 1, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
        @LoopTest(seeds = 0)
        void isTimedOnAnotherThread() {
            spin();
        }

        @Timeout(value = 1, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SAME_THREAD)
        @LoopTest(seeds = 0)
        void isTimedOnItsThread() {
            spin();
        }

        @RealIo
        @Timeout(value = 1, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SAME_THREAD)
        @LoopTest
        void isTimedInBlockingCode() throws InterruptedException {
            latch.await();
        }
    }

    @Test
    void aCoroutineThatComputesForEverFailsTheTestAndIsNamedWithItsStack() {
        Throwable failure = JUnitRun.of(Sample.class, "computes").onlyFailure();
        assertThat(failure).isInstanceOf(AssertionError.class).hasMessageContaining("does not end: after 1 s of real");
        assertThat(JUnitRun.report(failure))
                .contains("plain. Where the test was, which did not end: in one step", "LoopTestStuckTest.spin(");
    }

    @Test
    void aTestThatWaitsForEverInRealTimeFailsAndItsTasksAreListed() {
        Throwable failure = JUnitRun.of(Sample.class, "waitsForWhatNeverComes").onlyFailure();
        assertThat(failure).hasMessageContaining("does not end: after 1 s of real time");
        assertThat(JUnitRun.report(failure))
                .contains("real. Where the test was")
                .contains("Sample.waitsForWhatNeverComes(")
                .contains("Sample.lambda$waitsForWhatNeverComes");
    }

    @Test
    void aTestThatBlocksForEverInASimulationFails() {
        assertThat(JUnitRun.of(Sample.class, "waitsInBlockingCode").onlyFailure())
                .isInstanceOf(AssertionError.class)
                .satisfies(failure -> assertThat(failure.getMessage() + JUnitRun.report(failure))
                        .contains("Sample.waitsInBlockingCode(", "shrunk to: (empty")
                        .doesNotContain("fails otherwise", "java.lang.reflect", "org.junit."));
    }

    @Test
    void aTestThatDoesNotEndWhenItIsRunAgainKeepsItsFailure() {
        Sample.runs = 0;
        Throwable failure = JUnitRun.of(Sample.class, "computesTheSecondTime").onlyFailure();
        assertThat(failure).hasMessage("as planned");
        assertThat(JUnitRun.report(failure))
                .contains("not shrunk: the test, run again, did not end within 1 s of real time")
                .contains("-Drondo.tape=0");
    }

    @Test
    void junitsTimeoutWorksOnWhicheverThreadAndSaysWhereTheTestWas() {
        for (String method : new String[] {"isTimedOnAnotherThread", "isTimedOnItsThread", "isTimedInBlockingCode"}) {
            Throwable failure = JUnitRun.of(Sample.class, method).onlyFailure();
            assertThat(failure)
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining(method)
                    .hasMessageContaining("timed out after 1 second");
            assertThat(JUnitRun.report(failure))
                    .contains("Where the test was, which did not end:", "LoopTestStuckTest");
        }
    }
}
