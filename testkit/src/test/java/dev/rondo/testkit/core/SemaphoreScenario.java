package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncSemaphore;
import dev.rondo.CapacityLimiter;
import dev.rondo.Hold;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Semaphore and limiter let in as many as they have permits, no less and no more, in the order in which they asked. */
public final class SemaphoreScenario {

    private final int permits;
    private final Supplier<Hold> hold;
    private final List<String> asked = new ArrayList<>();
    private final List<String> got = new ArrayList<>();
    private int inside;
    private int waiting;
    private boolean fair = true;

    private SemaphoreScenario(int permits, Supplier<Hold> hold) {
        this.permits = permits;
        this.hold = hold;
    }

    /** Of five who want a permit one is cancelled. */
    public static void cancelledWaiter(Sim sim) throws Exception {
        int permits = 1 + sim.choose(2, "permits");
        AsyncSemaphore semaphore = new AsyncSemaphore(permits);
        new SemaphoreScenario(permits, semaphore::hold).run(sim);
        assertThat(semaphore.toString()).isEqualTo("<AsyncSemaphore [unlocked, value:" + permits + "]>");
    }

    /** The same with a limiter. */
    public static void cancelledBorrower(Sim sim) throws Exception {
        int permits = 1 + sim.choose(2, "permits");
        CapacityLimiter limiter = new CapacityLimiter(permits);
        SemaphoreScenario on = new SemaphoreScenario(permits, limiter::hold);
        on.fair = false; // who is let in and has not run yet has a token already
        on.run(sim);
        assertThat(limiter.availableTokens()).isEqualTo(permits);
    }

    /** Two permits that come together let two in, though one of those who wait is cancelled. */
    public static void releasedTwice(Sim sim) throws Exception {
        AsyncSemaphore semaphore = new AsyncSemaphore(0);
        List<Task<?, ?>> waiters = List.of(
                createTask(semaphore::acquire, "victim"),
                createTask(semaphore::acquire, "a"),
                createTask(semaphore::acquire, "b"));
        Task<?, ?> canceller = cancelSomeTime(sim, waiters.getFirst());
        aWhile(sim, 2);
        semaphore.release();
        semaphore.release();
        if (!wasCancelled(waiters.getFirst())) {
            semaphore.release();
        }
        for (Task<?, ?> other : List.of(waiters.get(1), waiters.get(2), canceller)) {
            other.await();
        }
        assertThat(semaphore.toString()).isEqualTo("<AsyncSemaphore [locked]>");
    }

    private void run(Sim sim) throws Exception {
        sim.always("no more inside than permits", () -> inside <= permits);
        Task<?, ?> victim = createTask(() -> use(sim, "victim"));
        List<Task<?, ?>> others = List.of(
                createTask(() -> use(sim, "a")),
                createTask(() -> use(sim, "b")),
                createTask(() -> use(sim, "c")),
                createTask(() -> use(sim, "d")),
                cancelSomeTime(sim, victim));
        wasCancelled(victim);
        for (Task<?, ?> other : others) {
            other.await();
        }
        if (permits == 1) { // of two who are let in together either may go on first
            asked.retainAll(got);
            assertThat(got).as("the order in which they got in").isEqualTo(asked);
        }
    }

    /** Acquires, and waits for that if others do: but for the victim, who may have been told to go already. */
    private Hold acquire(Sim sim, String who) {
        boolean others = waiting > 0 && fair;
        int change = who.equals("victim") ? 0 : 1;
        waiting += change;
        long step = sim.steps();
        try {
            return hold.get();
        } finally {
            waiting -= change;
            assertThat(others && step == sim.steps()).as("went before others").isFalse();
        }
    }

    private void use(Sim sim, String who) {
        aWhile(sim, 1);
        asked.add(who);
        try (var _ = acquire(sim, who)) {
            got.add(who);
            inside++;
            yieldNow();
        } finally {
            if (got.contains(who)) {
                inside--;
            }
        }
    }
}
