package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gatherOrCancel;
import static dev.rondo.Asyncio.race;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Action;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.CancelScope;
import dev.rondo.CancelledError;
import dev.rondo.GroupPolicy;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.TaskGroupException;
import dev.rondo.testkit.Explore;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.time.Duration;

/**
 * Deadlines, scopes, groups and failures in each other, in an order that is chosen, with ends that meet in the same
 * instant. Whatever comes of it: only what was asked to cancel from outside ends cancelled, and all of that does; none
 * is told of a cancel that belonged to something it has left.
 */
class CancellationScheduleTest {

    private static final class Planned extends RuntimeException {}

    private static final int SHORTEST = 6; // of what a program is made of, those that need no others

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void nobodyIsCancelledByWhatHeHasLeft(Sim sim) {
        for (int i = 0; i < 2; i++) {
            survive(() -> stretch(sim, 4));
            goesOnUndisturbed(0);
        }
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void whoeverIsAskedToCancelEndsSoAndNobodyElse(Sim sim) throws Exception {
        int[] accepted = {0};
        Task<?, ?> victim = createTask(
                () -> {
                    survive(() -> stretch(sim, 3));
                    sleep(Duration.ofSeconds(sim.choose(2, "a pause")));
                },
                "victim");
        Task<?, ?> canceller = createTask(
                () -> {
                    sleep(Duration.ofSeconds(sim.choose(3, "when to cancel")));
                    accepted[0] += victim.cancel() ? 1 : 0;
                },
                "canceller");
        boolean cancelled = Scenarios.wasCancelled(victim);
        canceller.await();
        sim.sometimes("in the middle of it", cancelled);
        sim.sometimes("too late", !cancelled);
        assertThat(cancelled).as("was cancelled").isEqualTo(accepted[0] == 1);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aCleanupIsNotCutShortByWhatItHasLeft(Sim sim) throws Exception {
        int[] cleanedUp = {0};
        Task<?, ?> victim = createTask(
                () -> {
                    try {
                        sleep(Duration.ofDays(1));
                    } finally {
                        survive(() -> stretch(sim, 4));
                        goesOnUndisturbed(1);
                        cleanedUp[0]++;
                    }
                },
                "victim");
        yieldNow();
        while (!victim.cancel("now") || victim.cancelling() == 0) {
            yieldNow();
        }
        boolean cancelled = Scenarios.wasCancelled(victim);
        sim.sometimes("cleaned up", cleanedUp[0] == 1);
        assertThat(cancelled).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ programs

    private static void survive(Runnable stretch) {
        try {
            stretch.run();
        } catch (Planned | AsyncTimeoutException | TaskGroupException | TaskCancelledException e) {
            // as planned
        }
    }

    private static void goesOnUndisturbed(int cancels) {
        Task<?, ?> self = requireNonNull(currentTask());
        assertThat(self.cancelling()).as("requests to cancel").isEqualTo(cancels);
        try {
            yieldNow();
            sleep(Duration.ofSeconds(1));
        } catch (CancelledError e) {
            throw new AssertionError("a cancel that was nobody's", e);
        }
    }

    /** Waits, fails, or does such things inside of something that ends them. */
    private static void stretch(Sim sim, int depth) {
        switch (sim.choose(depth == 0 ? SHORTEST : 19, "what to do")) {
            case 0 -> {}
            case 1 -> yieldNow();
            case 2 -> sleep(Duration.ofSeconds(1));
            case 3 -> sleep(Duration.ofSeconds(2));
            case 4 -> throw new Planned();
            case 5 -> sleep(Duration.ofSeconds(1 + sim.choose(2, "more")));
            case 6 -> timeout(seconds(sim), () -> stretch(sim, depth - 1));
            case 7 -> CancelScope.moveOnAfter(seconds(sim), () -> stretch(sim, depth - 1));
            case 8 -> CancelScope.failAfter(seconds(sim), () -> stretch(sim, depth - 1));
            case 9 -> CancelScope.shielded(() -> stretch(sim, depth - 1));
            case 10 -> group(sim, GroupPolicy.failFast(), depth - 1);
            case 11 -> group(sim, GroupPolicy.waitAll().maxConcurrency(1), depth - 1);
            case 12 ->
                gatherOrCancel(() -> stretch(sim, depth - 1), () -> stretch(sim, depth - 1), () -> stretch(sim, 0));
            case 13 -> { // what fails after another was first is reported, as it should be, and is not what this looks
                // for
                Action<RuntimeException> racer = () -> survive(() -> stretch(sim, depth - 1));
                race(racer, racer);
            }
            case 14 -> {
                try {
                    stretch(sim, depth - 1);
                } finally {
                    survive(() -> stretch(sim, depth - 1));
                }
            }
            case 15 -> {
                survive(() -> stretch(sim, depth - 1));
                stretch(sim, depth - 1);
            }
            case 16 -> waitFor(seconds(sim), createTask(() -> survive(() -> stretch(sim, depth - 1))));
            case 17 -> {
                CancelScope scope = new CancelScope();
                scope.run(() -> taskGroup(group -> {
                    group.createTask(() -> {
                        stretch(sim, depth - 1);
                        scope.cancel("by a child");
                    });
                    stretch(sim, depth - 1);
                }));
            }
            default ->
                taskGroup(group -> {
                    int value = group.<Integer, RuntimeException>start(ready -> {
                        survive(() -> stretch(sim, depth - 1));
                        ready.started(7);
                        stretch(sim, depth - 1);
                    });
                    assertThat(value).isEqualTo(7);
                    stretch(sim, depth - 1);
                });
        }
    }

    private static void group(Sim sim, GroupPolicy policy, int depth) {
        taskGroup(policy, group -> {
            group.createTask(() -> stretch(sim, depth));
            group.createTask(() -> stretch(sim, depth));
            stretch(sim, depth);
            if (sim.choose(2, "cancel the group") == 1) {
                group.cancel("enough");
            }
        });
    }

    private static Duration seconds(Sim sim) {
        return Duration.ofSeconds(1 + sim.choose(3, "seconds"));
    }
}
