package dev.rondo.testkit;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.chance.Choices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PctSearchTest {

    /** Returns how many of the schedules fail. */
    private static long failures(Search search, SimBody body) {
        long failures = 0;
        for (Choices choices; (choices = search.next()) != null; ) {
            RunResult result = SimulatedRun.run(body, choices, SimOptions.DEFAULT, false);
            search.ran(result.recording());
            failures += result.failure() == null ? 0 : 1;
        }
        return failures;
    }

    @Test
    void aBugOfDepthThreeIsFoundMuchSoonerThanAtRandom() {
        long random = failures(new RandomSearch(1, 5_000, true), Bugs::openThenClosed);
        long pct = failures(new PctSearch(3, 1, 5_000), Bugs::openThenClosed);

        // Of 20,000 each: 9 at random (the first was the 1,444th), 363 by priorities.
        assertThat(pct).isGreaterThan(50).isGreaterThan(10 * random);
    }

    @Test
    void aBugOfDepthThreeTakesADepthOfThree() {
        assertThat(failures(new PctSearch(1, 1, 2_000), Bugs::openThenClosed)).isZero();
        assertThat(failures(new PctSearch(2, 1, 2_000), Bugs::openThenClosed)).isZero();
    }

    @Test
    void theRightTwinPasses() {
        assertThat(Explorer.pct(3, 2_000).check(Bugs::heldOpen)).isEqualTo(2_000);
    }

    @Test
    void withoutAChangeOneCoroutineGoesBeforeTheOther() {
        List<String> orders = new ArrayList<>();
        Explorer.pct(1, 200).withoutRepeats().check(sim -> {
            StringBuilder order = new StringBuilder();
            gather(() -> letters(order, "a"), () -> letters(order, "b"));
            orders.add(order.toString());
        });

        assertThat(orders.getFirst()).as("the plain schedule").isEqualTo("abababab");
        assertThat(orders.subList(1, 200)).containsOnly("aaaabbbb", "bbbbaaaa").contains("aaaabbbb", "bbbbaaaa");
    }

    private static void letters(StringBuilder order, String letter) {
        order.append(letter);
        for (int i = 0; i < 3; i++) {
            yieldNow();
            order.append(letter);
        }
    }

    @Test
    void whoSpinsUntilAnotherHasWorkedDoesNotStarveIt() {
        long schedules = Explorer.pct(3, 200).maxSteps(6_000).check(sim -> {
            boolean[] done = {false};
            gather(() -> spinUntil(done), () -> spinUntil(done), () -> {
                Bugs.steps(20); // the loop's own patience would let it take one step in a thousand
                done[0] = true;
            });
        });

        assertThat(schedules).isEqualTo(200);
    }

    private static void spinUntil(boolean[] done) {
        while (!done[0]) {
            yieldNow();
        }
    }

    @Test
    void theSeedAloneMakesTheScheduleAgain() {
        ScheduleFailure failure = ExplorerTest.failureOf(Explorer.pct(3, 5_000), Bugs::openThenClosed);
        long seed = Long.parseLong(failure.getMessage().replaceAll("(?s).*Explorer.pct\\(3, 2, ([0-9]+)\\).*", "$1"));

        assertThat(ExplorerTest.failureOf(Explorer.pct(3, 2, seed), Bugs::openThenClosed)
                        .tape())
                .isEqualTo(failure.tape());
    }

    @Test
    void callbacksAndTimersGoTheirWayToo() {
        assertThat(Explorer.pct(3, 200).check(sim -> {
                    List<String> order = new ArrayList<>();
                    dev.rondo.EventLoop loop = dev.rondo.Asyncio.getRunningLoop();
                    loop.callSoon(() -> order.add("first"));
                    loop.callSoon(() -> order.add("second"));
                    loop.callLater(Duration.ofSeconds(1), () -> order.add("later"));
                    dev.rondo.Asyncio.sleep(Duration.ofSeconds(2));
                    assertThat(order).containsExactly("first", "second", "later");
                }))
                .isEqualTo(200);
    }
}
