package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.testkit.TicketParameter.Ticket;
import dev.rondo.time.Clock;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a test on a loop may ask for, what it may not, and what all its schedules must have reached. */
class LoopTestParametersTest {

    // ------------------------------------------------------------------------------------------------ parameters

    static class TicketSample {
        static final List<Sim> sims = new ArrayList<>();

        @LoopTest(seeds = 1, repeats = false)
        void body(Ticket ticket, Sim sim) {
            sims.add(sim);
            assertThat(ticket.sim()).isSameAs(sim);
            assertThat(ticket.loop()).isSameAs(getRunningLoop());
        }

        @LoopTest(seeds = 0)
        void fails(Ticket ticket, Sim sim) {
            body(ticket, sim);
            fail("as planned");
        }
    }

    @Test
    void aProviderOfParametersIsFoundAndServesEachRun() {
        TicketSample.sims.clear();
        assertThat(JUnitRun.of(TicketSample.class, "body").failures()).isEmpty();
        assertThat(TicketSample.sims).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void theRunsThatLookIntoAFailureHaveParametersOfTheirOwn() {
        TicketSample.sims.clear();
        Throwable failure = JUnitRun.of(TicketSample.class, "fails").onlyFailure();
        assertThat(failure).hasMessage("as planned");
        assertThat(JUnitRun.report(failure)).contains("shrunk to: ");
        assertThat(TicketSample.sims).hasSizeGreaterThan(1).doesNotHaveDuplicates();
    }

    static class EarlySample {
        @BeforeEach
        void prepare(Sim sim) {}

        @LoopTest(seeds = 0)
        void body() {}
    }

    @Test
    void theSimulationIsForTheTestMethodAlone() {
        assertThat(JUnitRun.of(EarlySample.class).onlyFailure())
                .hasMessageContaining("a Sim is for the test method itself")
                .hasMessageContaining("outside of the loop");
    }

    static class UnknownSample {
        @LoopTest(seeds = 0)
        void body(Sim sim, Thread nobodyMakesOne) {}
    }

    @Test
    void aParameterThatNobodyMakesIsAFailureAndTheLoopIsClosed() {
        assertThat(JUnitRun.of(UnknownSample.class).onlyFailure()).hasMessageContaining("java.lang.Thread");
    }

    @LoopTest(seeds = 3, explore = Explore.RANDOM)
    @Retention(RetentionPolicy.RUNTIME)
    @interface ThreeSchedules {}

    static class ComposedSample {
        @ThreeSchedules
        void body() {}
    }

    @Test
    void anAnnotationOfOnesOwnMayHoldTheSettings() {
        assertThat(JUnitRun.of(ComposedSample.class).names()).containsExactly("plain", "seed 1", "seed 2", "seed 3");
    }

    static class NonsenseSample {
        @LoopTest(seeds = -1)
        void body() {}
    }

    @Test
    void settingsOfTheAnnotationThatMakeNoSenseAreSaid() {
        assertThat(JUnitRun.of(NonsenseSample.class).onlyFailure())
                .hasMessageContaining("@LoopTest(seeds = -1): give 0 for the plain schedule alone, or more");
    }

    // ------------------------------------------------------------------------------------------------ real time

    @RealIo
    static class RealSample {
        @LoopTest
        void body(Clock clock, EventLoop loop) {
            assertThat(clock.virtual()).isFalse();
            assertThat(getRunningLoop()).isSameAs(loop);
            assertThat(toThread(() -> Thread.currentThread().isVirtual())).isFalse();
            sleep(Duration.ofNanos(1));
        }

        @LoopTest
        void leaves() {
            createTask(() -> sleep(Duration.ofDays(1)));
        }

        @LoopTest
        void leavesATimer() {
            getRunningLoop().callLater(Duration.ofDays(1), () -> {});
        }

        @LoopTest
        void leavesASocket() throws IOException {
            getRunningLoop().driver().streamSocket(StandardProtocolFamily.INET);
        }

        @LoopTest
        void letsGoOfAThreadALittleLater() {
            Task<Integer, InterruptedException> work = createTask(() -> toThread(() -> {
                Thread.sleep(50);
                return 1;
            }));
            yieldNow();
            work.cancel();
            yieldNow();
            yieldNow();
        }

        @LoopTest
        void isToldByItsHandler() {
            getRunningLoop().setExceptionHandler((_, _) -> fail("the handler says so"));
            getRunningLoop().callSoon(() -> {
                throw new IllegalStateException();
            });
            sleep(Duration.ofNanos(1));
        }

        @LoopTest
        void asksForTheSimulation(Sim sim) {}

        @Nested
        class Inside {
            @LoopTest
            void body(Clock clock) {
                assertThat(clock.virtual()).isFalse();
            }
        }
    }

    static class RealMethodSample {
        @RealIo
        @LoopTest(seeds = 5)
        void body(Clock clock) {
            assertThat(clock.virtual()).isFalse();
        }
    }

    @Test
    void realIoIsOneRunInRealTime() {
        for (JUnitRun run : List.of(
                JUnitRun.of(RealSample.class, "body"),
                JUnitRun.of(RealMethodSample.class),
                JUnitRun.of(RealSample.Inside.class),
                JUnitRun.with("rondo.seeds", "7").run(RealMethodSample.class),
                JUnitRun.with("rondo.tape", "1,2").run(RealMethodSample.class))) {
            assertThat(run.failures()).isEmpty();
            assertThat(run.names()).containsExactly("real");
        }
    }

    @Test
    void realIoMayLeaveNoTasksBehindEither() {
        assertThat(JUnitRun.of(RealSample.class, "leaves").onlyFailure())
                .hasMessageContaining("1 task is left when the test ends");
    }

    @Test
    void realIoMayLeaveNothingElseBehind() {
        assertThat(JUnitRun.of(RealSample.class, "leavesATimer").onlyFailure())
                .hasMessageStartingWith("left when the test ends:\n  scheduled: <TimerHandle");
        assertThat(JUnitRun.of(RealSample.class, "leavesASocket").onlyFailure())
                .hasMessageContaining("left when the test ends:\n  sockets and files that are open: 1");
        assertThat(JUnitRun.of(RealSample.class, "letsGoOfAThreadALittleLater").failures())
                .isEmpty();
    }

    @Test
    void whatTheTestsOwnHandlerFindsWrongInRealTimeIsWrong() {
        assertThat(JUnitRun.of(RealSample.class, "isToldByItsHandler").onlyFailure())
                .hasMessageContaining("the handler says so");
    }

    @Test
    void thereIsNoSimulationInRealTime() {
        assertThat(JUnitRun.of(RealSample.class, "asksForTheSimulation").onlyFailure())
                .hasMessageContaining("there is no Sim with @RealIo");
    }

    // ------------------------------------------------------------------------------------------------ sometimes

    static class SometimesSample {
        static int runs;

        @LoopTest(seeds = 4)
        void never(Sim sim) {
            sim.sometimes("the pool was full", false);
            sim.sometimes("the pool was empty", true);
        }

        @LoopTest(seeds = 4, repeats = false)
        void once(Sim sim) {
            sim.sometimes("the third run", ++runs == 3);
        }

        @LoopTest(seeds = 4)
        void neverAndFails(Sim sim) {
            sim.sometimes("the pool was full", false);
            fail("as planned");
        }
    }

    @Test
    void aStateThatNoScheduleReachesFailsTheTestAsAWhole() {
        JUnitRun run = JUnitRun.of(SometimesSample.class, "never");
        assertThat(run.failed()).isEmpty();
        assertThat(run.failedContainers()).hasSize(1);
        assertThat(run.onlyFailure())
                .isInstanceOf(AssertionError.class)
                .hasMessage("sometimes \"the pool was full\": never in 5 schedules");
    }

    @Test
    void aStateThatOneScheduleReachesIsReached() {
        SometimesSample.runs = 0;
        assertThat(JUnitRun.of(SometimesSample.class, "once").failures()).isEmpty();
    }

    @Test
    void whoPicksAScheduleIsNotToldWhatItDoesNotReach() {
        for (JUnitRun.Settings picked : List.of(
                JUnitRun.with("rondo.seed", "3"),
                JUnitRun.with("rondo.tape", "1"),
                JUnitRun.with("rondo.seeds", "1"))) {
            assertThat(picked.run(SometimesSample.class, "never").failures()).isEmpty();
        }
        assertThat(JUnitRun.with("rondo.seeds", "9")
                        .run(SometimesSample.class, "never")
                        .onlyFailure())
                .hasMessageContaining("never in 10 schedules");
    }

    @Test
    void aTestThatFailsIsNotToldWhatItDidNotReach() {
        assertThat(JUnitRun.of(SometimesSample.class, "neverAndFails").failures())
                .hasSize(5)
                .allSatisfy(failure -> assertThat(failure).hasMessage("as planned"));
    }
}
