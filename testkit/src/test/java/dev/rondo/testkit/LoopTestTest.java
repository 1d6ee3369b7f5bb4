package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.EventLoop;
import dev.rondo.time.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** How JUnit runs tests on a loop. The classes that end in Sample are run by it inside this test. */
class LoopTestTest {

    // ------------------------------------------------------------------------------------------------ invocations

    static class CountSample {
        @LoopTest
        void byDefault() {}

        @LoopTest(seeds = 2)
        void few() {}

        @LoopTest(seeds = 0)
        void plainAlone() {}

        @LoopTest(seeds = 2, explore = Explore.RANDOM)
        void random() {}

        @LoopTest(seeds = 2, explore = Explore.PCT)
        void pct() {}
    }

    @Test
    void thePlainScheduleComesFirstAndThenOneForEachSeed() {
        assertThat(JUnitRun.of(CountSample.class, "few").names()).containsExactly("plain", "seed 1", "seed 2");
        assertThat(JUnitRun.of(CountSample.class, "random").names()).containsExactly("plain", "seed 1", "seed 2");
        assertThat(JUnitRun.of(CountSample.class, "pct").names()).containsExactly("plain", "seed 1", "seed 2");
        assertThat(JUnitRun.of(CountSample.class, "plainAlone").names()).containsExactly("plain");
        assertThat(JUnitRun.of(CountSample.class, "byDefault").names())
                .hasSize(21)
                .startsWith("plain", "seed 1")
                .endsWith("seed 20");
    }

    static class LifecycleSample {
        static final List<String> log = new ArrayList<>();
        static final List<Object> instances = new ArrayList<>();

        @TempDir
        Path directory;

        @BeforeEach
        void prepare(TestInfo info) throws IOException {
            log.add("before " + info.getDisplayName());
            Files.writeString(directory.resolve("prepared"), "yes");
        }

        @LoopTest(seeds = 1, repeats = false)
        void body() throws IOException {
            instances.add(this);
            log.add("body " + Files.readString(directory.resolve("prepared")));
            yieldNow();
        }

        @AfterEach
        void clearUp() {
            log.add("after");
        }
    }

    @Test
    void eachScheduleHasAnInstanceAndALifecycleOfItsOwn() {
        LifecycleSample.log.clear();
        LifecycleSample.instances.clear();
        assertThat(JUnitRun.of(LifecycleSample.class).failures()).isEmpty();
        assertThat(LifecycleSample.log)
                .containsExactly("before plain", "body yes", "after", "before seed 1", "body yes", "after");
        assertThat(LifecycleSample.instances).hasSize(2).doesNotHaveDuplicates();
    }

    static class CoroutineSample {
        @LoopTest(seeds = 1)
        void sleeps(Sim sim, Clock clock, EventLoop loop) {
            long before = clock.nanos();
            sleep(Duration.ofHours(5));
            assertEquals(Duration.ofHours(5), sim.elapsed());
            assertEquals(Duration.ofHours(5).toNanos(), clock.nanos() - before);
            assertThat(getRunningLoop()).isSameAs(loop);
        }
    }

    @Test
    void theBodyIsACoroutineInVirtualTimeAndGetsWhatItsParametersAskFor() {
        JUnitRun run = JUnitRun.of(CoroutineSample.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.names()).hasSize(2);
    }

    @Test
    void aVirtualThreadWillDoForJUnit() throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        Thread.ofVirtual()
                .start(() -> failures.addAll(JUnitRun.of(CoroutineSample.class).failures()))
                .join();
        assertThat(failures).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ failures

    static class BankSample {
        int balance = 100;

        void withdraw(int amount) {
            if (balance >= amount) {
                if (balance == 100) {
                    yieldNow(); // asks the bank, say
                }
                balance -= amount;
            }
        }

        @LoopTest(seeds = 20, explore = Explore.RANDOM)
        void transfers() {
            gather(
                    () -> {
                        yieldNow();
                        yieldNow();
                        withdraw(60);
                    },
                    () -> withdraw(60));
            assertEquals(true, balance >= 0, "balance");
        }
    }

    @Test
    void aFailureKeepsItsTypeAndValuesAndGetsAReportOfItsSchedule() {
        JUnitRun run = JUnitRun.of(BankSample.class);
        assertThat(run.failed()).isNotEmpty().doesNotContain("plain");
        String seed = run.failed().get(0);
        Throwable failure = run.failures().get(0);
        assertThat(failure).isInstanceOfSatisfying(AssertionFailedError.class, e -> {
            assertThat(e).hasMessageContaining("balance");
            assertThat(e.getExpected().getValue()).isEqualTo(true);
            assertThat(e.getActual().getValue()).isEqualTo(false);
        });
        assertThat(JUnitRun.report(failure))
                .contains("found by:  " + seed, "tape: ", "shrunk to: ", "The last ")
                .contains("-Dtest='LoopTestTest$BankSample#transfers' -Drondo.seed=" + seed.substring("seed ".length()))
                .contains("-Dtest='LoopTestTest$BankSample#transfers' -Drondo.tape=");
    }

    @Test
    void aFailureIsReplayedByItsSeedAndByItsShrunkTape() {
        JUnitRun first = JUnitRun.of(BankSample.class);
        String seed = first.failed().get(0);
        String number = seed.substring("seed ".length());

        JUnitRun bySeed = JUnitRun.with("rondo.seed", number).run(BankSample.class);
        assertThat(bySeed.names()).containsExactly(seed);
        assertThat(bySeed.failed()).containsExactly(seed);

        String tape = JUnitRun.shrunk(first.failures().get(0));
        JUnitRun byTape = JUnitRun.with("rondo.tape", tape).run(BankSample.class);
        assertThat(byTape.names()).containsExactly("tape " + tape);
        assertThat(byTape.failures().get(0)).hasMessageContaining("balance");
        assertThat(JUnitRun.with("rondo.tape", "").run(BankSample.class).failed())
                .isEmpty();
    }

    static class PrioritySample {
        @LoopTest(seeds = 20, explore = Explore.PCT)
        void body() {
            List<String> log = new ArrayList<>();
            gather(() -> log.add("a"), () -> log.add("b"));
            assertThat(log).containsExactly("a", "b");
        }
    }

    @Test
    void aScheduleOfPrioritiesIsReplayedByItsSeedAfterThePlainOne() {
        JUnitRun first = JUnitRun.of(PrioritySample.class);
        assertThat(first.failed()).isNotEmpty().doesNotContain("plain");
        String seed = first.failed().get(0);
        JUnitRun again =
                JUnitRun.with("rondo.seed", seed.substring("seed ".length())).run(PrioritySample.class);
        assertThat(again.names()).containsExactly("plain", seed);
        assertThat(again.failed()).containsExactly(seed);
        assertThat(JUnitRun.shrunk(again.failures().get(0)))
                .isEqualTo(JUnitRun.shrunk(first.failures().get(0)));
    }

    static class StubbornSample {
        @LoopTest(seeds = 0)
        void body() {
            throw new Stubborn();
        }

        static final class Stubborn extends RuntimeException {
            Stubborn() {
                super("as planned", null, false, false);
            }
        }
    }

    @Test
    void aFailureThatTakesNoSuppressedOnesHasItsReportPublished() {
        JUnitRun run = JUnitRun.of(StubbornSample.class);
        assertThat(run.onlyFailure()).hasMessage("as planned");
        assertThat(run.published()).hasSize(1).first().asString().contains("found by:  plain", "-Drondo.tape=0");
    }

    @Test
    void theNumberOfSeedsMayBeOverriddenButNotForATestOfTheOrderItself() {
        assertThat(JUnitRun.with("rondo.seeds", "5")
                        .run(CountSample.class, "few")
                        .names())
                .hasSize(6);
        assertThat(JUnitRun.with("rondo.seeds", "5")
                        .run(CountSample.class, "plainAlone")
                        .names())
                .containsExactly("plain");
        assertThat(JUnitRun.with("rondo.seed", "17")
                        .run(CountSample.class, "pct")
                        .names())
                .containsExactly("plain", "seed 17");
    }

    @Test
    void whatMakesNoSenseAsASettingIsSaid() {
        assertThat(JUnitRun.with("rondo.seed", "x")
                        .run(CountSample.class, "few")
                        .onlyFailure())
                .hasMessageContaining("-Drondo.seed=x: give a whole number");
        assertThat(JUnitRun.with("rondo.seeds", "-1")
                        .run(CountSample.class, "few")
                        .onlyFailure())
                .hasMessageContaining("-Drondo.seeds=-1: give a whole number, 0 or more");
        assertThat(JUnitRun.with("rondo.tape", "1,b")
                        .run(CountSample.class, "few")
                        .onlyFailure())
                .hasMessageContaining("not a tape: \"1,b\"");
        assertThat(JUnitRun.with("rondo.tape", "1", "rondo.seed", "2")
                        .run(CountSample.class, "few")
                        .onlyFailure())
                .hasMessageContaining("give one of them");
    }

    static class AssumptionSample {
        @LoopTest(seeds = 1)
        void body() {
            yieldNow();
            assumeTrue(false, "not here");
        }
    }

    @Test
    void anAssumptionThatDoesNotHoldIsNoFailure() {
        JUnitRun run = JUnitRun.of(AssumptionSample.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.aborted()).containsExactly("plain", "seed 1");
    }

    static class LeftoverSample {
        @LoopTest(seeds = 0)
        void leaves() {
            createTask(() -> sleep(Duration.ofDays(1)));
        }

        @LoopTest(seeds = 0, leftovers = true)
        void mayLeave() {
            createTask(() -> sleep(Duration.ofDays(1)));
        }

        @LoopTest(seeds = 0, maxSteps = 1000)
        void goesOn() {
            while (true) {
                yieldNow();
            }
        }
    }

    @Test
    void tasksThatAreLeftFailATestUnlessItMayLeaveThem() {
        assertThat(JUnitRun.of(LeftoverSample.class, "leaves").onlyFailure())
                .hasMessageContaining("left when the test");
        assertThat(JUnitRun.of(LeftoverSample.class, "mayLeave").failures()).isEmpty();
        assertThat(JUnitRun.of(LeftoverSample.class, "goesOn").onlyFailure()).hasMessageContaining("1000 steps");
    }

    static class CheckedSample {
        @LoopTest(seeds = 0)
        void body() throws IOException {
            yieldNow();
            throw new IOException("disk full");
        }
    }

    @Test
    void whatTheBodyThrowsIsTheFailureItself() {
        assertThat(JUnitRun.of(CheckedSample.class).onlyFailure())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("disk full");
        assertThat(JUnitRun.report(JUnitRun.of(CheckedSample.class).onlyFailure()))
                .contains("-Drondo.seeds=0", "-Drondo.tape=0");
    }

    // ------------------------------------------------------------------------------------------------ running it again

    static class NestedSample {
        static final List<String> log = new ArrayList<>();
        int outer;

        @BeforeEach
        void prepareOuter() {
            outer = 1;
            log.add("outer before");
        }

        @AfterEach
        void clearOuter() {
            log.add("outer after");
        }

        @Nested
        class Inner {
            int inner;

            @TempDir
            Path injected;

            @BeforeEach
            void prepareInner() {
                inner = outer + 1;
                log.add("inner before");
            }

            @AfterEach
            void clearInner() {
                log.add("inner after");
            }

            @LoopTest(seeds = 0)
            void body(Sim sim, @TempDir Path directory, TestInfo info) {
                assertThat(outer).isEqualTo(1);
                assertThat(inner).isEqualTo(2);
                assertThat(injected).isDirectory();
                assertThat(directory).isDirectory();
                assertThat(info.getDisplayName()).isEqualTo("plain");
                outer++;
                inner++;
                log.add("body");
                fail("as planned");
            }
        }
    }

    @Test
    void aTestIsRunAgainOnFreshInstancesWithTheWholeLifecycle() {
        NestedSample.log.clear();
        Throwable failure = JUnitRun.of(NestedSample.class).onlyFailure();
        assertThat(failure).hasMessage("as planned");
        assertThat(JUnitRun.report(failure))
                .contains("-Dtest='LoopTestTest$NestedSample$Inner#body' ", "shrunk to: ")
                .doesNotContain("fails otherwise");
        List<String> once = List.of("outer before", "inner before", "body", "inner after", "outer after");
        assertThat(NestedSample.log).startsWith(once.toArray(String[]::new));
        assertThat(NestedSample.log.size()).isGreaterThan(once.size());
        assertThat(NestedSample.log.size() % once.size()).isZero();
        for (int i = 0; i < NestedSample.log.size(); i += once.size()) {
            assertThat(NestedSample.log.subList(i, i + once.size())).isEqualTo(once);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class SharedSample {
        int runs;

        @LoopTest(seeds = 0)
        void body() {
            runs++;
            fail("run " + runs);
        }
    }

    @Test
    void anInstanceThatAllTestsShareIsSharedWhenATestIsRunAgain() {
        assertThat(JUnitRun.report(JUnitRun.of(SharedSample.class).onlyFailure()))
                .contains("shrunk to: ");
    }

    static class FickleSample {
        static int runs;

        @LoopTest(seeds = 0)
        void body() {
            if (runs++ == 0) {
                fail("only once");
            }
        }
    }

    @Test
    void aFailureThatDoesNotComeAgainIsNotShrunkAndItIsSaidWhy() {
        FickleSample.runs = 0;
        Throwable failure = JUnitRun.of(FickleSample.class).onlyFailure();
        assertThat(failure).hasMessage("only once");
        assertThat(JUnitRun.report(failure))
                .contains("Run again by its tape, it does not fail", "-Drondo.tape=0")
                .doesNotContain("shrunk to");
    }

    static class ManySample {
        @LoopTest(seeds = 6)
        void body() {
            List<Integer> order = new ArrayList<>();
            gather(() -> order.add(1), () -> order.add(2), () -> order.add(3));
            if (order.getFirst() == 2) {
                fail("two is first");
            }
            if (order.getFirst() == 3) {
                throw new IllegalStateException("three is first");
            }
        }
    }

    @Test
    void aFailureIsReportedInFullOnceAndThenSaysWhere() {
        List<Throwable> failures = JUnitRun.of(ManySample.class).failures();
        for (Class<?> type : List.of(AssertionError.class, IllegalStateException.class)) {
            List<String> reports = failures.stream()
                    .filter(type::isInstance)
                    .map(JUnitRun::report)
                    .toList();
            assertThat(reports).hasSizeGreaterThan(1);
            assertThat(reports.getFirst()).contains("shrunk to: ", "The last ");
            assertThat(reports.subList(1, reports.size()))
                    .allSatisfy(report -> assertThat(report)
                            .containsPattern("found by:  seed [0-9]+, as before by seed [0-9]+, whose report says more")
                            .containsPattern("-Drondo.seed=[0-9]+$")
                            .doesNotContain("shrunk to: ", "The last "));
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class ChangedSample {
        int runs;

        @LoopTest(seeds = 2, repeats = false)
        void body() {
            if (runs++ > 0) {
                fail("not the first");
            }
        }
    }

    @Test
    void whatShrinksToThePlainScheduleThatHasPassedDependsOnSomethingElse() {
        assertThat(JUnitRun.report(JUnitRun.of(ChangedSample.class).failures().getFirst()))
                .contains("shrunk to: (empty: the plain schedule)")
                .contains("But before, it has passed in the plain schedule. The program depends on something that");
        assertThat(JUnitRun.report(JUnitRun.of(NestedSample.class).onlyFailure()))
                .contains("shrunk to: (empty: the plain schedule)")
                .doesNotContain("it has passed");
    }

    static class OnceSample {
        static int prepared;

        @BeforeEach
        void prepare() throws IOException {
            if (prepared++ > 0) {
                throw new IOException("port in use");
            }
        }

        @LoopTest(seeds = 0)
        void body() {
            fail("as planned");
        }
    }

    @Test
    void aTestThatCannotBePreparedTwiceIsNotShrunkAndItIsSaidWhy() {
        OnceSample.prepared = 0;
        Throwable failure = JUnitRun.of(OnceSample.class).onlyFailure();
        assertThat(failure).hasMessage("as planned");
        assertThat(JUnitRun.report(failure))
                .contains("not shrunk: @BeforeEach prepare fails the second time: java.io.IOException: port in use")
                .contains("-Drondo.tape=0");
    }

    // ------------------------------------------------------------------------------------------------ run once more

    static class RepeatsSample {
        static int bodies;
        static int prepared;
        static int cleared;

        @BeforeEach
        void prepare() {
            prepared++;
        }

        @AfterEach
        void clear() {
            cleared++;
        }

        @LoopTest(seeds = 12)
        void usual() {
            bodies++;
            yieldNow();
        }

        @LoopTest(seeds = 1)
        void anotherEachTime() {
            for (int i = 0; i < bodies; i++) {
                yieldNow();
            }
            bodies++;
        }

        @LoopTest(seeds = 1, repeats = false)
        void anotherEachTimeAndKnown() {
            anotherEachTime();
        }

        @LoopTest(seeds = 1)
        void failsTheSecondTime() {
            if (bodies++ == 2) {
                fail("not the first time");
            }
        }
    }

    private static JUnitRun repeats(String method) {
        RepeatsSample.bodies = 0;
        RepeatsSample.prepared = 0;
        RepeatsSample.cleared = 0;
        return JUnitRun.of(RepeatsSample.class, method);
    }

    @Test
    void theFirstScheduleAndEveryTenthAreRunTwiceMoreWithTheLifecycleAroundThem() {
        assertThat(repeats("usual").failures()).isEmpty();
        assertThat(RepeatsSample.bodies).isEqualTo(13 + 2 * 2);
        assertThat(RepeatsSample.prepared).isEqualTo(RepeatsSample.bodies);
        assertThat(RepeatsSample.cleared).isEqualTo(RepeatsSample.bodies);
    }

    @Test
    void aTestThatGoesAnotherWayEachTimeFails() {
        JUnitRun run = repeats("anotherEachTime");
        assertThat(run.failed()).containsExactly("plain");
        assertThat(run.onlyFailure())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("the same schedule went another way when it was run again: event ")
                .hasMessageContainingAll("@LoopTest(repeats = false)", "#anotherEachTime' -Drondo.seeds=0");
        assertThat(repeats("failsTheSecondTime").onlyFailure()).hasMessageContaining("went another way");
    }

    @Test
    void aTestMayGoAnotherWayWhereNobodyAsksForRepeats() {
        assertThat(repeats("anotherEachTimeAndKnown").failures()).isEmpty();
        assertThat(RepeatsSample.bodies).isEqualTo(2);
    }

    static class OnceAndPassesSample {
        static int prepared;

        @BeforeEach
        void prepare() throws IOException {
            if (prepared++ == 1) { // the second time
                throw new IOException("port in use");
            }
        }

        @LoopTest(seeds = 1)
        void body() {}
    }

    @Test
    void aTestThatCannotBePreparedAgainIsNotRepeatedAndItIsSaid() {
        OnceAndPassesSample.prepared = 0;
        JUnitRun run = JUnitRun.of(OnceAndPassesSample.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.published())
                .singleElement()
                .satisfies(text -> assertThat(text)
                        .startsWith("plain was not repeated: @BeforeEach prepare fails the second time"));
    }
}
