package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncBarrier;
import dev.rondo.AsyncBoundedSemaphore;
import dev.rondo.AsyncCondition;
import dev.rondo.AsyncEvent;
import dev.rondo.AsyncLock;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.BrokenBarrierException;
import dev.rondo.CancelScope;
import dev.rondo.CapacityLimiter;
import dev.rondo.Hold;
import dev.rondo.Task;
import dev.rondo.testkit.Explore;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Locks and their like, with several at once that are cancelled, or out of time, in the instant in which their turn
 * comes: never too many inside, and in the end all is free again.
 */
class SynchronizationScheduleTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    // ------------------------------------------------------------------------------------------------ so many inside

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aLockHasOneInside(Sim sim) throws Exception {
        AsyncLock lock = new AsyncLock();
        crowd(sim, 1, lock::hold);
        assertThat(lock.toString()).isEqualTo("<AsyncLock [unlocked]>");
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aSemaphoreHasAsManyInsideAsItLetsIn(Sim sim) throws Exception {
        int most = 1 + sim.choose(2, "how many");
        AsyncBoundedSemaphore semaphore = new AsyncBoundedSemaphore(most);
        crowd(sim, most, semaphore::hold);
        assertThat(semaphore.toString()).contains("unlocked, value:" + most + "]");
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aLimiterHasAsManyInsideAsItHasTokens(Sim sim) throws Exception {
        int most = 1 + sim.choose(2, "how many");
        CapacityLimiter limiter = new CapacityLimiter(most);
        sim.always("tokens", () -> limiter.borrowedTokens() <= most);
        crowd(sim, most, limiter::hold);
        assertThat(limiter.availableTokens()).isEqualTo(most);
    }

    /** Five want in, in three ways, and two of them may be cancelled at any time. */
    private static void crowd(Sim sim, int most, Supplier<Hold> door) throws Exception {
        int[] inside = {0};
        int[] outOfTime = {0};
        sim.always("so many inside", () -> inside[0] <= most);
        Runnable visit = () -> {
            try (var _ = door.get()) {
                inside[0]++;
                try {
                    if (sim.choose(2, "stay") == 1) {
                        sleep(SECOND);
                    } else {
                        yieldNow();
                    }
                } finally {
                    inside[0]--;
                }
            }
        };
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int way = sim.choose(3, "in which way");
            tasks.add(createTask(() -> {
                Scenarios.aWhile(sim, 1);
                switch (way) {
                    case 0 -> visit.run();
                    case 1 ->
                        outOfTime[0] +=
                                CancelScope.moveOnAfter(SECOND, visit::run).cancelled() ? 1 : 0;
                    default -> {
                        try {
                            timeout(SECOND, visit::run);
                        } catch (AsyncTimeoutException e) {
                            outOfTime[0]++;
                        }
                    }
                }
            }));
        }
        int cancelled = 0;
        for (int i = 0; i < 2; i++) {
            sleep(Duration.ofSeconds(sim.choose(2, "when")));
            Scenarios.aWhile(sim, 2);
            tasks.get(sim.choose(5, "whom to cancel")).cancel();
        }
        for (Task<?, ?> task : tasks) {
            cancelled += Scenarios.wasCancelled(task) ? 1 : 0;
        }
        sim.sometimes("two were cancelled", cancelled == 2);
        sim.sometimes("somebody was out of time", outOfTime[0] > 0);
    }

    // ------------------------------------------------------------------------------------------------ signals

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aSignalReachesOneThatCanUseItAndHasTheLock(Sim sim) throws Exception {
        AsyncCondition condition = new AsyncCondition();
        int[] state = {0, 0, 0}; // items, inside, taken
        sim.always("one at a time", () -> state[1] <= 1);
        List<Task<?, ?>> takers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            takers.add(createTask(() -> {
                try (var _ = condition.hold()) {
                    while (state[0] == 0) {
                        condition.await();
                    }
                    state[1]++;
                    state[0]--;
                    state[2]++;
                    state[1]--;
                }
            }));
        }
        Task<?, ?> giver = createTask(() -> {
            for (int i = 0; i < 2; i++) {
                Scenarios.aWhile(sim, 2);
                try (var _ = condition.hold()) {
                    state[0]++;
                    condition.signal();
                    Scenarios.aWhile(sim, 1);
                }
            }
        });
        Scenarios.aWhile(sim, 4);
        takers.get(sim.choose(3, "whom to cancel")).cancel();
        giver.await();
        sleep(SECOND);
        sim.sometimes(
                "the one that was cancelled had taken",
                state[2] == 2 && takers.stream().noneMatch(task -> task.cancelled()));
        assertThat(state[0]).as("items with somebody waiting").isZero();
        assertThat(condition.locked()).isFalse();
        for (Task<?, ?> taker : takers) {
            taker.cancel();
            Scenarios.wasCancelled(taker);
        }
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void anEventTellsAllThatAreNotCancelledBefore(Sim sim) throws Exception {
        EventScenario.cancelledWaiter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aBarrierThatIsResetAbortedAndLeftCanBeUsedAgain(Sim sim) throws Exception {
        AsyncBarrier barrier = new AsyncBarrier(2);
        int[] passed = {0, 0};
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tasks.add(createTask(() -> {
                Scenarios.aWhile(sim, 1);
                try {
                    barrier.await();
                    passed[0]++;
                } catch (BrokenBarrierException e) {
                    passed[1]++;
                }
            }));
        }
        Scenarios.aWhile(sim, 3);
        switch (sim.choose(4, "what comes between")) {
            case 0 -> barrier.reset();
            case 1 -> {
                barrier.abort();
                yieldNow();
                barrier.reset();
            }
            case 2 -> tasks.get(1).cancel();
            default -> {
                tasks.get(0).cancel();
                barrier.reset();
            }
        }
        sleep(SECOND);
        sim.sometimes("two were turned away", passed[1] == 2);
        sim.sometimes("all passed", passed[0] == 4);
        assertThat(barrier.nWaiting()).as("no two of them").isLessThan(2);
        if (barrier.nWaiting() == 1) {
            barrier.await();
        }
        for (Task<?, ?> task : tasks) {
            Scenarios.wasCancelled(task);
        }
        assertThat(barrier.toString()).isEqualTo("<AsyncBarrier [filling, waiters:0/2]>");
    }

    // ------------------------------------------------------------------------------------------------ every schedule

    @Test
    void threeThatWantALockInEverySchedule() {
        assertThat(Explorer.exhaustive(100_000).check(sim -> {
                    AsyncLock lock = new AsyncLock();
                    everyone(sim, 1, lock::hold, 3);
                }))
                .isEqualTo(1362);
    }

    @Test
    void threeThatWantASemaphoreOfTwoInEverySchedule() {
        assertThat(Explorer.exhaustive(100_000).check(sim -> {
                    AsyncBoundedSemaphore semaphore = new AsyncBoundedSemaphore(2);
                    everyone(sim, 2, semaphore::hold, 3);
                }))
                .isEqualTo(1888);
    }

    private static void everyone(Sim sim, int most, Supplier<Hold> door, int count) throws Exception {
        int[] inside = {0};
        sim.always("so many inside", () -> inside[0] <= most);
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(createTask(() -> {
                try (var _ = door.get()) {
                    inside[0]++;
                    try {
                        yieldNow();
                    } finally {
                        inside[0]--;
                    }
                }
            }));
        }
        tasks.add(createTask(() -> tasks.get(1).cancel()));
        for (Task<?, ?> task : tasks) {
            Scenarios.wasCancelled(task);
        }
    }

    @Test
    void anEventThatIsSetAndClearedInEverySchedule() {
        assertThat(Explorer.exhaustive(100_000).check(sim -> {
                    AsyncEvent event = new AsyncEvent();
                    Task<?, ?> first = createTask(event::await);
                    Task<?, ?> second = createTask(event::await);
                    yieldNow();
                    event.set();
                    first.cancel();
                    event.clear();
                    sleep(SECOND);
                    if (!second.done()) {
                        event.set(); // it came when it was cleared
                    }
                    Scenarios.wasCancelled(first);
                    second.await();
                }))
                .isEqualTo(10);
    }

    @Test
    void aTimeoutAgainstWhatItWaitsForInTheSameInstantInEverySchedule() {
        assertThat(Explorer.exhaustive(100_000).check(sim -> {
                    Task<?, ?> task = createTask(() -> {
                        try {
                            timeout(SECOND, () -> sleep(SECOND));
                        } catch (AsyncTimeoutException e) {
                            // as well as not
                        }
                        Scenarios.isNotCancelled();
                        yieldNow();
                    });
                    Task<?, ?> other = createTask(() -> sleep(SECOND));
                    task.await();
                    other.await();
                }))
                .isEqualTo(416);
    }
}
