package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncBarrier;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.List;

/** A barrier lets nobody through before all have come, and then all of them. */
public final class BarrierScenario {

    private BarrierScenario() {}

    /** Three come to a barrier for two, and one of them is cancelled; whoever is left over is joined by one more. */
    public static void cancelledParty(Sim sim) throws Exception {
        AsyncBarrier barrier = new AsyncBarrier(2);
        int[] counts = {0, 0}; // came, left
        sim.always("nobody passes alone", () -> counts[1] == 0 || counts[0] > 1);
        Task<?, ?> victim = createTask(() -> pass(sim, barrier, counts), "victim");
        List<Task<?, ?>> others = List.of(
                createTask(() -> pass(sim, barrier, counts), "a"),
                createTask(() -> pass(sim, barrier, counts), "b"),
                cancelSomeTime(sim, victim));
        wasCancelled(victim);
        sleep(Duration.ofSeconds(1)); // until nothing goes on any more
        assertThat(barrier.nWaiting()).as("two, and they would have gone").isLessThan(2);
        if (barrier.nWaiting() == 1) {
            barrier.await();
        }
        for (Task<?, ?> other : others) {
            other.await();
        }
        assertThat(barrier.toString()).isEqualTo("<AsyncBarrier [filling, waiters:0/2]>");
    }

    private static void pass(Sim sim, AsyncBarrier barrier, int[] counts) {
        aWhile(sim, 1);
        counts[0]++;
        barrier.await();
        counts[1]++;
    }
}
