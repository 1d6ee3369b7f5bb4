package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.testkit.Sim;
import org.jspecify.annotations.Nullable;

/** What scenarios share: people who take their time, and somebody who is cancelled. */
final class Scenarios {

    private Scenarios() {}

    /** Lets others run, as often as chance says. */
    static void aWhile(Sim sim, int most) {
        for (int left = sim.choose(most + 1, "a while"); left > 0; left--) {
            yieldNow();
        }
    }

    /** Has a task cancelled, some time. */
    static Task<@Nullable Void, RuntimeException> cancelSomeTime(Sim sim, Task<?, ?> victim) {
        return createTask(
                () -> {
                    aWhile(sim, 3);
                    victim.cancel();
                },
                "canceller");
    }

    /** Waits for a task to end; returns whether it was cancelled. */
    static boolean wasCancelled(Task<?, ?> task) throws Exception {
        try {
            task.await();
            return false;
        } catch (TaskCancelledException e) {
            return true;
        }
    }
}
