package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncEvent;
import dev.rondo.CancelledError;
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
            isNotCancelled();
        }
    }

    /** Has a task cancelled, some time, which has to end by it unless it has ended before. */
    static Task<@Nullable Void, Exception> cancelSomeTime(Sim sim, Task<?, ?> victim) {
        return createTask(
                () -> {
                    aWhile(sim, 3);
                    boolean accepted = victim.cancel();
                    assertThat(wasCancelled(victim))
                            .as("the victim was cancelled")
                            .isEqualTo(accepted);
                },
                "canceller");
    }

    /** Waits for what only a cancel of the task can end. */
    static void awaitCancel() {
        try {
            new AsyncEvent().await();
        } catch (CancelledError e) {
            assertThat(requireNonNull(currentTask()).cancelling())
                    .as("requests to cancel a task that is told of one")
                    .isPositive();
            throw e;
        }
    }

    /** Fails if the caller was asked to cancel, and goes on all the same. */
    static void isNotCancelled() {
        assertThat(requireNonNull(currentTask()).cancelling())
                .as("requests to cancel a task that goes on")
                .isZero();
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
