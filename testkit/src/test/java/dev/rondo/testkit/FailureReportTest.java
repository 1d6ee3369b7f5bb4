package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FailureReportTest {

    private static String reportOf(Explorer explorer, SimBody body) {
        return String.valueOf(ExplorerTest.failureOf(explorer, body).getMessage());
    }

    // ------------------------------------------------------------------------------------------------ its parts

    @Test
    void theReportHasAllThatIsKnown() {
        ScheduleFailure failure = ExplorerTest.failureOf(Explorer.random(200), sim -> {
            sleep(Duration.ofMillis(1500));
            Bugs.readTooEarly(sim);
        });

        String seed = "[0-9]+";
        String again = "Explorer.replay\\(Tape.parse\\(\"" + failure.shrunkTape() + "\"\\)\\).check\\(…\\)";
        assertThat(failure.getMessage())
                .startsWith("java.lang.IllegalStateException: read before it was written\n")
                .containsPattern("\n  found by:  seed " + seed + "\n")
                .contains("\n  tape:      " + failure.tape() + "\n")
                .containsPattern("\n +[0-9]+ choices? that (is|are) not the plain one, of [0-9]+\n")
                .containsPattern("\n  failed at: 1.500000000 s of virtual time, after [0-9]+ steps\n")
                .contains("\n  shrunk to: " + failure.shrunkTape() + "\n")
                .containsPattern("\n +[0-9]+ choices? that (is|are) not the plain one; after [0-9]+ runs?\n")
                .containsPattern("\nTo have it again:\n  Explorer.random\\(1, " + seed + "\\).check\\(…\\)\n  " + again)
                .containsPattern("\nTasks of the shrunk schedule, when it failed: none is left\n")
                .containsPattern("\nThe last [0-9]+ events( of the shrunk schedule)?, which failed at 1.500000000 s:\n"
                        + "  0.000000000  Task-1 is created\n  0.000000000  Task-1 runs\n")
                .containsPattern("\n  1.500000000  Task-3 runs");
    }

    @Test
    void theTasksAreThoseOfTheShrunkScheduleWithTheirLines() {
        String report = reportOf(Explorer.random(100), sim -> {
            createTask(() -> sleep(Duration.ofHours(1))).name("sleeper");
            Bugs.overdraft(sim);
        });

        assertThat(report)
                .containsPattern(
                        "<Task [^>]*name='sleeper'.*\n +at dev.rondo.testkit.FailureReportTest.*FailureReportTest.java:[0-9]+");
    }

    @Test
    void theEventsSayWhoWasCancelled() {
        String report = reportOf(Explorer.random(1), sim -> {
            var cancelled = createTask(() -> sleep(Duration.ofHours(1)), "given up");
            createTask(() -> yieldNow(), "in time").await();
            cancelled.cancel();
            yieldNow();
            yieldNow();
            throw new AssertionError("in the end");
        });

        assertThat(report).contains("given up ends, cancelled\n", "in time ends\n");
    }

    @Test
    void ofManyEventsTheLastFiftyAreShown() {
        String report = reportOf(Explorer.random(1), sim -> {
            Bugs.steps(100);
            throw new AssertionError("in the end");
        });

        assertThat(report)
                .containsPattern("The last 50 events, of [0-9]{3}, which failed at")
                .doesNotContain("is created");
        assertThat(report.lines().filter(line -> line.startsWith("  0.0"))).hasSize(50);
    }

    @Test
    void ofARunThatGoesOnForEverNotEverythingIsKept() {
        EventLog log = new EventLog();
        for (int i = 0; i < 1_200_000; i++) {
            log.add(i, "event");
        }

        assertThat(log.total()).isEqualTo(1_200_000);
        assertThat(log.lines())
                .hasSize(700_000)
                .startsWith("0.000500000  event")
                .endsWith("0.001199999  event");
    }

    @Test
    void whatFailsInThePlainScheduleIsSaidToDoSo() {
        assertThat(reportOf(Explorer.random(100), Bugs::overdraft))
                .contains("shrunk to: (empty: the plain schedule)")
                .contains("0 choices that are not the plain one; after 1 run")
                .contains("Explorer.replay(Tape.parse(\"\")).check(…)");
    }

    @Test
    void theOptionsAreInTheLineThatHasItAgain() {
        assertThat(reportOf(Explorer.random(100).faults().maxSteps(900).leftovers(), Bugs::overdraft))
                .containsPattern(
                        "Explorer.random\\(1, [0-9]+\\).faults\\(\\).maxSteps\\(900\\).leftovers\\(\\).check\\(…\\)")
                .contains("Explorer.replay(Tape.parse(\"\")).faults().maxSteps(900).leftovers().check(…)");
    }

    @Test
    void whatNoSeedMakesIsHadByItsTapeAlone() {
        assertThat(reportOf(Explorer.exhaustive(), Bugs::readTooEarly))
                .containsPattern("found by:  schedule [0-9]+")
                .containsPattern("To have it again:\n  Explorer.replay");
    }

    // ------------------------------------------------------------------------------------------------ long tapes

    private static void longAndWrong(Sim sim) {
        for (int i = 0; i < 3_000; i++) {
            sim.choose(1_000, "anything");
        }
        throw new AssertionError("after a long time");
    }

    @Test
    void aLongTapeIsCutWhereTheSeedMakesItAgain() {
        ScheduleFailure failure = ExplorerTest.failureOf(Explorer.random(1), FailureReportTest::longAndWrong);

        assertThat(failure.tape().length()).isGreaterThan(2_900);
        assertThat(failure).hasMessageContaining(",… (too long to print; the seed replays it)\n");
        assertThat(failure.getMessage().length()).isLessThan(20_000);
    }

    @Test
    void aLongTapeIsPrintedInFullWhereNothingElseMakesItAgain() {
        SplittableRandom random = new SplittableRandom(1);
        Tape tape = Tape.of(random.ints(3_000, 1, 1_000).toArray());

        assertThat(reportOf(Explorer.replay(tape), FailureReportTest::longAndWrong))
                .contains(tape.toString());
    }

    // ------------------------------------------------------------------------------------------------ not the same
    // again

    @Test
    void whatDoesNotFailAgainDependsOnSomethingElse() {
        boolean[] failed = {false};
        ScheduleFailure failure = ExplorerTest.failureOf(Explorer.random(10), sim -> {
            yieldNow();
            if (!failed[0]) {
                failed[0] = true;
                throw new AssertionError("only once");
            }
        });

        assertThat(failure)
                .hasMessageStartingWith("java.lang.AssertionError: only once\n")
                .hasMessageContaining("Run again by its tape, it does not fail.")
                .hasMessageContaining("something that is not on the tape")
                .hasMessageContaining("System.nanoTime")
                .hasMessageContaining("random numbers")
                .hasMessageContaining("identity hash codes")
                .hasMessageContaining("Set.of and Map.of")
                .hasMessageContaining("other threads")
                .hasMessageContaining("Explorer.random(1, 1).check(…)")
                .hasRootCauseMessage("only once");
        assertThat(failure.shrunkTape()).isEqualTo(failure.tape());
    }

    @Test
    void whatFailsOtherwiseTheNextTimeIsNotTheSame() {
        int[] runs = {0};
        String report = reportOf(Explorer.random(1), sim -> {
            if (runs[0]++ == 0) {
                throw new AssertionError("first");
            }
            throw new IllegalStateException("second");
        });

        assertThat(report)
                .contains("it fails otherwise: java.lang.IllegalStateException: second. The program depends on");
    }

    // ------------------------------------------------------------------------------------------------ the same failure

    private static AssertionError thrownHere(String message) {
        return new AssertionError(message);
    }

    private static AssertionError thrownThere(String message) {
        return new AssertionError(message);
    }

    @Test
    void failuresAreTheSameByTypeAndMessageOrPlace() {
        assertThat(SameFailure.same(thrownHere("a"), thrownThere("a")))
                .as("message")
                .isTrue();
        assertThat(SameFailure.same(thrownHere("a"), thrownHere("b")))
                .as("place")
                .isTrue();
        assertThat(SameFailure.same(thrownHere("a"), thrownThere("b")))
                .as("neither")
                .isFalse();
        assertThat(SameFailure.same(thrownHere("a"), new IllegalStateException("a")))
                .as("type")
                .isFalse();
        assertThat(SameFailure.same(thrownHere("a"), null)).isFalse();
    }

    @Test
    void thePlaceOfAFailureIsInTheProgram() {
        try {
            assertThat(1).isEqualTo(2);
        } catch (AssertionError e) {
            assertThat(SameFailure.place(e))
                    .isNotNull()
                    .hasFieldOrPropertyWithValue("className", getClass().getName());
        }
        AssertionError ours = ExplorerTest.failureOf(Explorer.random(1), sim -> new dev.rondo.AsyncEvent().await());
        assertThat(SameFailure.place(ours.getCause()))
                .as("of what a checker has found")
                .isNull();
    }

    @Test
    void shrinkingKeepsToTheFailureThatWasFound() {
        // With the first choice plain it fails as well, but otherwise: the shrunk tape must not end there.
        ScheduleFailure failure = ExplorerTest.failureOf(Explorer.with(new ReplaySearch(Tape.of(1, 5))), sim -> {
            if (sim.choose(2, "which") == 0) {
                throw new IllegalStateException("another bug");
            }
            if (sim.choose(9, "how much") >= 3) {
                throw new AssertionError("the bug");
            }
        });

        assertThat(failure.shrunkTape()).isEqualTo(Tape.of(1, 3));
    }
}
