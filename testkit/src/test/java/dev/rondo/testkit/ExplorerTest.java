package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.chance.Choices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExplorerTest {

    static Stream<Explorer> searches() {
        return Stream.of(
                Explorer.random(200),
                Explorer.random(200, 1000),
                Explorer.pct(2, 200),
                Explorer.exhaustive(),
                Explorer.preemptions(3));
    }

    static ScheduleFailure failureOf(Explorer explorer, SimBody body) {
        ScheduleFailure failure = catchThrowableOfType(ScheduleFailure.class, () -> explorer.check(body));
        assertThat(failure).as("a failure").isNotNull();
        return failure;
    }

    // ------------------------------------------------------------------------------------------------ each search

    @ParameterizedTest
    @MethodSource("searches")
    void eachSearchFindsWhatAnOvertakingBreaks(Explorer explorer) {
        assertThat(failureOf(explorer, Bugs::readTooEarly).getCause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("read before it was written");
    }

    @ParameterizedTest
    @MethodSource("searches")
    void eachSearchPassesTheRightTwin(Explorer explorer) {
        assertThat(explorer.check(Bugs::readInTime)).isGreaterThan(1);
    }

    @ParameterizedTest
    @MethodSource("searches")
    void insideTurnsNobodyIsOvertakenByWhatBecomesReadyLater(Explorer explorer) {
        assertThat(explorer.insideTurns().check(Bugs::readTooEarly)).isPositive();
    }

    @Test
    void aShuffleIsRandomInsideEachTurn() {
        assertThat(Explorer.shuffle(200).check(Bugs::readTooEarly)).isEqualTo(200);
        Set<List<String>> orders = new HashSet<>();
        Explorer.shuffle(200).check(sim -> orders.add(orderOf(3, 0)));
        assertThat(orders).hasSize(6);
    }

    @Test
    void thePlainScheduleIsTheFirstOfThoseThatKnowIt() {
        for (Explorer explorer : List.of(Explorer.exhaustive(), Explorer.pct(3, 10), Explorer.preemptions(2))) {
            List<List<String>> orders = new ArrayList<>();
            explorer.check(sim -> orders.add(orderOf(2, 1)));
            assertThat(orders.getFirst()).containsExactly("0", "1", "0", "1");
        }
    }

    @Test
    void theSameSeedsMakeTheSameSchedules() {
        for (boolean pct : List.of(false, true)) {
            List<List<String>> first = new ArrayList<>();
            List<List<String>> second = new ArrayList<>();
            (pct ? Explorer.pct(3, 50) : Explorer.random(50)).check(sim -> first.add(orderOf(3, 3)));
            (pct ? Explorer.pct(3, 50) : Explorer.random(50)).check(sim -> second.add(orderOf(3, 3)));
            assertThat(second).isEqualTo(first);
            assertThat(new HashSet<>(first)).hasSizeGreaterThan(5);
        }
    }

    /** Runs tasks that yield, and returns whose steps came in which order. */
    private static List<String> orderOf(int tasks, int yields) {
        List<String> order = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            String name = Integer.toString(task);
            createTask(() -> {
                order.add(name);
                for (int i = 0; i < yields; i++) {
                    yieldNow();
                    order.add(name);
                }
            });
        }
        sleep(Duration.ofSeconds(1)); // until they have ended, since time passes only when nothing is ready
        return order;
    }

    // ------------------------------------------------------------------------------------------------ all schedules

    @Test
    void threeTasksOfThreeYieldsHave34650Orders() {
        Set<List<String>> orders = new HashSet<>();

        long schedules = Explorer.exhaustive().check(sim -> orders.add(orderOf(3, 3)));

        assertThat(orders).hasSize(34_650); // 12! / (4! 4! 4!): three yields make four steps
        assertThat(schedules).isEqualTo(34_650); // main only sleeps: it is ready alone, when all three have ended
    }

    @Test
    void aTaskThatSomebodyGathersHasOneStepMore() {
        long schedules = Explorer.exhaustive()
                .check(sim -> gather(() -> Bugs.steps(2), () -> Bugs.steps(2), () -> Bugs.steps(2)));

        // Three steps each, and its end, of which the gathering is told by an item of its own: 12! / (4! 4! 4!) again.
        assertThat(schedules).isEqualTo(34_650);
    }

    @Test
    void whatMainDoesBesideThemCounts() {
        long schedules = Explorer.exhaustive().check(sim -> {
            var task = createTask(() -> yieldNow());
            yieldNow();
            task.await();
        });

        // main is ready together with the task's two steps, and goes between, before or after them
        assertThat(schedules).isEqualTo(3);
    }

    @Test
    void aBodyWithoutAnyChoiceHasOneSchedule() {
        assertThat(Explorer.exhaustive().check(sim -> sleep(Duration.ofHours(1))))
                .isOne();
        assertThat(Explorer.preemptions(5).check(sim -> {})).isOne();
    }

    @Test
    void choicesOfTheTestsOwnArePartOfTheSpace() {
        Set<String> seen = new HashSet<>();

        long schedules =
                Explorer.exhaustive().check(sim -> seen.add(sim.choose(3, "colour") + "/" + sim.choose(4, "size")));

        assertThat(schedules).isEqualTo(12);
        assertThat(seen).hasSize(12);
    }

    @Test
    void aSpaceLargerThanAllowedIsNotCutSilently() {
        assertThatThrownBy(() -> Explorer.exhaustive(34_649).check(sim -> orderOf(3, 3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("more than 34649 schedules")
                .hasMessageContaining("preemptions(k)");
        assertThat(Explorer.exhaustive(34_650).check(sim -> orderOf(3, 3))).isEqualTo(34_650);
    }

    @Test
    void fewPreemptionsAreAllSchedulesWithSoManyChoicesThatAreNotPlain() {
        assertThat(Explorer.preemptions(0).check(sim -> orderOf(3, 3))).isOne();
        long all = Explorer.exhaustive().check(sim -> orderOf(3, 2));
        List<Long> counts = new ArrayList<>();
        for (int k = 0; k <= 7; k++) {
            int most = k;
            DepthFirstSearch search = new DepthFirstSearch(all, k);
            counts.add(Explorer.with(new Checked(search, most)).check(sim -> orderOf(3, 2)));
        }
        assertThat(counts).isSorted().doesNotHaveDuplicates().startsWith(1L).endsWith(all);
    }

    /** A search whose every run must not go beyond the bound. */
    private record Checked(Search search, int maxDeviations) implements Search {
        @Override
        public @Nullable Choices next() {
            return search.next();
        }

        @Override
        public void ran(Recording run) {
            assertThat(run.tape().deviations()).isLessThanOrEqualTo(maxDeviations);
            search.ran(run);
        }

        @Override
        public String label() {
            return search.label();
        }
    }

    @Test
    void aProgramThatIsAnotherEachTimeCannotBeExhausted() {
        int[] runs = {0};

        assertThatThrownBy(() -> Explorer.exhaustive().withoutRepeats().check(sim -> orderOf(runs[0]++ % 2 + 2, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("came to another choice")
                .hasMessageContaining("not on the tape");
    }

    // ------------------------------------------------------------------------------------------------ a failure

    @Test
    void aTapeIsReplayed() {
        ScheduleFailure failure = failureOf(Explorer.random(200), Bugs::readTooEarly);

        for (Tape tape : List.of(
                failure.tape(), failure.shrunkTape(), Tape.parse(failure.tape().toString()))) {
            ScheduleFailure again = failureOf(Explorer.replay(tape), Bugs::readTooEarly);
            assertThat(again.getCause()).hasMessage("read before it was written");
            assertThat(again.tape()).isEqualTo(tape);
        }
        assertThat(Explorer.replay(Tape.plain()).check(Bugs::readTooEarly)).isOne();
    }

    @Test
    void aFailureIsShrunkToTheOneOvertakingThatItTakes() {
        ScheduleFailure failure = failureOf(Explorer.random(200), Bugs::readTooEarly);

        assertThat(failure.shrunkTape().deviations())
                .isLessThanOrEqualTo(failure.tape().deviations());
        assertThat(failure.shrunkTape().deviations()).isLessThanOrEqualTo(3);
        assertThat(failureOf(Explorer.random(100), Bugs::overdraft).shrunkTape())
                .isEqualTo(Tape.plain());
    }

    @Test
    void aShuffledFailureIsReplayedInsideTurns() {
        SimBody body = sim -> assertThat(orderOf(3, 1)).first().isNotEqualTo("2");
        ScheduleFailure failure = failureOf(Explorer.shuffle(100), body);

        assertThat(failure).hasMessageContaining(".insideTurns()");
        assertThat(failureOf(Explorer.replay(failure.shrunkTape()).insideTurns(), body))
                .hasMessageContaining("not to be equal");
    }

    @Test
    void whatNobodyWillWakeIsNotWaitedFor() {
        assertThatThrownBy(() -> Explorer.random(1).check(sim -> new AsyncEvent().await()))
                .hasRootCauseMessage(
                        "nothing can go on any more: every task waits, and neither a timer nor anything else will wake one");
    }

    // ------------------------------------------------------------------------------------------------ options

    @Test
    void tasksMayBeLeftWhereThatIsAllowed() {
        SimBody body = sim -> createTask(() -> sleep(Duration.ofHours(1)));

        assertThat(failureOf(Explorer.random(5), body)).hasMessageContaining("left when the test ends");
        assertThat(Explorer.random(5).leftovers().check(body)).isEqualTo(5);
    }

    @Test
    void aRunThatGoesOnForEverIsEnded() {
        SimBody body = sim -> {
            while (true) {
                yieldNow();
            }
        };

        assertThat(failureOf(Explorer.random(1).maxSteps(500), body)).hasMessageContaining("goes on after 500 steps");
    }

    @Test
    void faultsComeOnlyWhereTheyAreAllowed() {
        SimBody body = sim -> sleep(Duration.ofHours(1));

        assertThat(Explorer.exhaustive().check(body)).isOne();
        assertThatThrownBy(() -> Explorer.exhaustive(20).faults().check(body))
                .as("the space has polls that find nothing, again and again")
                .isInstanceOf(IllegalStateException.class);
        assertThat(Explorer.preemptions(1).faults().check(body)).isGreaterThan(1);
    }

    @Test
    void aStateThatIsNeverReachedFailsTheExploration() {
        assertThat(Explorer.random(50)
                        .check(sim ->
                                sim.sometimes("turned", orderOf(2, 0).getFirst().equals("1"))))
                .isEqualTo(50);
        assertThatThrownBy(() -> Explorer.random(50).check(sim -> {
                    sim.sometimes("never here", false);
                    sim.sometimes("always here", true);
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("sometimes \"never here\": never in 50 schedules");
        assertThat(Explorer.replay(Tape.plain()).check(sim -> sim.sometimes("not in this one", false)))
                .isOne();
    }

    @Test
    void anExplorerMayBeUsedTwice() {
        Explorer explorer = Explorer.random(5);

        assertThat(explorer.check(sim -> yieldNow())).isEqualTo(5);
        assertThat(explorer.check(sim -> yieldNow())).isEqualTo(5);
    }

    @Test
    void aSearchOfOnesOwnIsForOneCheck() {
        Explorer explorer = Explorer.with(new RandomSearch(1, 5, true));

        assertThat(explorer.check(sim -> yieldNow())).isEqualTo(5);
        assertThatThrownBy(() -> explorer.check(sim -> yieldNow()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("for one check only");
    }

    @Test
    void anExplorationInsideALoopIsRefused() {
        assertThatThrownBy(() -> Asyncio.run(() -> {
                    Explorer.random(1).check(sim -> {});
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outside of any loop");
    }

    @Test
    void nonsenseIsRefused() {
        for (Runnable nonsense : List.<Runnable>of(
                () -> Explorer.random(0).check(sim -> {}),
                () -> Explorer.exhaustive(0).check(sim -> {}),
                () -> Explorer.pct(0, 5).check(sim -> {}),
                () -> Explorer.preemptions(-1),
                () -> Explorer.random(1).maxSteps(0))) {
            assertThatThrownBy(nonsense::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(".*\\b[01] or more.*");
        }
    }
}
