package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncEvent;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.util.List;

/** Whoever waits for an event when it is set goes on, even if it is cleared at once. */
public final class EventScenario {

    private EventScenario() {}

    /** One of three who wait is cancelled; the event is set, and set again for those who came late. */
    public static void cancelledWaiter(Sim sim) throws Exception {
        AsyncEvent event = new AsyncEvent();
        Task<?, ?> victim = createTask(event::await, "victim");
        List<Task<?, ?>> others =
                List.of(createTask(event::await, "a"), createTask(event::await, "b"), cancelSomeTime(sim, victim));
        aWhile(sim, 3);
        event.set();
        if (sim.choose(2, "clear it at once") == 1) {
            event.clear();
            aWhile(sim, 3);
            event.set();
        }
        wasCancelled(victim);
        for (Task<?, ?> other : others) {
            other.await();
        }
        assertThat(event.toString()).isEqualTo("<AsyncEvent [set]>");
    }
}
