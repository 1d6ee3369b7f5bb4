package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncLock;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.util.ArrayList;
import java.util.List;

/** A lock lets one in at a time, in the order in which they asked, whoever leaves the queue. */
public final class LockScenario {

    private final AsyncLock lock = new AsyncLock();
    private final List<String> asked = new ArrayList<>();
    private final List<String> got = new ArrayList<>();
    private int inside;

    private LockScenario() {}

    /** Of four who want the lock one is cancelled: before it waits, while it waits, or while it has it. */
    public static void cancelledWaiter(Sim sim) throws Exception {
        LockScenario on = new LockScenario();
        sim.always("one at a time", () -> on.inside <= 1);
        Task<?, ?> victim = createTask(() -> on.use(sim, "victim"));
        List<Task<?, ?>> others = List.of(
                createTask(() -> on.use(sim, "a")),
                createTask(() -> on.use(sim, "b")),
                createTask(() -> on.use(sim, "c")),
                cancelSomeTime(sim, victim));
        wasCancelled(victim);
        for (Task<?, ?> other : others) {
            other.await();
        }
        assertThat(on.lock.toString()).isEqualTo("<AsyncLock [unlocked]>");
        on.asked.retainAll(on.got); // without the one that was cancelled while it waited
        assertThat(on.got).as("the order in which they got it").isEqualTo(on.asked);
        on.use(sim, "who comes later");
    }

    /** Who waits leaves when it is cancelled, and not when it could have had the lock. */
    public static void cancelledWhileOthersHaveIt(Sim sim) throws Exception {
        LockScenario on = new LockScenario();
        on.lock.acquire();
        Task<?, ?> victim = createTask(() -> on.use(sim, "victim"));
        Task<?, ?> other = createTask(() -> on.use(sim, "other"));
        cancelSomeTime(sim, victim).await();
        on.lock.release();
        other.await();
        assertThat(on.got).containsExactly("other");
    }

    private void use(Sim sim, String who) {
        aWhile(sim, 1);
        asked.add(who);
        try (var _ = lock.hold()) {
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
