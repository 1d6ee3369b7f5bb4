package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncCondition;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;

/** A signal reaches somebody who still waits, who has the lock when it goes on. */
public final class ConditionScenario {

    private final AsyncCondition condition = new AsyncCondition();
    private int inside;
    private boolean victimCame;
    private boolean survivorCame;
    private boolean victimHadSignal;

    private ConditionScenario() {}

    /** One is signalled, and one of the two who wait is cancelled. If it had the signal, there is one more. */
    public static void cancelledWaiter(Sim sim) throws Exception {
        ConditionScenario on = new ConditionScenario();
        sim.always("one at a time", () -> on.inside <= 1);
        Task<?, ?> victim = createTask(() -> on.await(false), "victim");
        Task<?, ?> survivor = createTask(() -> on.await(true), "survivor");
        Task<?, ?> canceller = cancelSomeTime(sim, victim);
        while (!on.survivorCame || !(on.victimCame || victim.done())) {
            yieldNow();
        }
        on.signal(sim);
        wasCancelled(victim);
        if (on.victimHadSignal) { // it may have been cancelled after that
            on.signal(sim);
        }
        survivor.await();
        canceller.await();
        assertThat(on.condition.toString()).isEqualTo("<AsyncCondition [unlocked]>");
    }

    private void await(boolean survivor) {
        try (var _ = condition.hold()) {
            if (survivor) {
                survivorCame = true;
            } else {
                victimCame = true;
            }
            try {
                condition.await();
                victimHadSignal |= !survivor;
            } finally {
                inside++;
                try {
                    yieldNow();
                } finally {
                    inside--;
                }
            }
        }
    }

    private void signal(Sim sim) {
        aWhile(sim, 1);
        try (var _ = condition.hold()) {
            condition.signal();
            aWhile(sim, 2); // who was signalled waits for the lock meanwhile
        }
    }
}
