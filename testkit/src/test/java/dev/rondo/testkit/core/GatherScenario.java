package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code gather} waits for all of its children, gives their values in order, and passes a cancel on to all. */
public final class GatherScenario {

    private GatherScenario() {}

    /** Three children take their time. */
    public static void valuesInOrder(Sim sim) throws Exception {
        List<Task<Integer, RuntimeException>> children = new ArrayList<>();
        int[] ended = {0};
        for (int i = 0; i < 3; i++) {
            int number = i;
            children.add(createTask(() -> {
                aWhile(sim, 2);
                ended[0]++;
                return number;
            }));
        }
        assertThat(gather(children)).containsExactly(0, 1, 2);
        assertThat(ended[0]).isEqualTo(3);
    }

    /** One child fails: that is thrown at once, and the others go on. */
    public static void oneFails(Sim sim) throws Exception {
        int[] ended = {0};
        assertThatThrownBy(() -> gather(
                        () -> {
                            aWhile(sim, 2);
                            ended[0]++;
                        },
                        () -> {
                            aWhile(sim, 2);
                            throw new IllegalStateException("planned");
                        },
                        () -> {
                            sleep(Duration.ofSeconds(1));
                            ended[0]++;
                        }))
                .hasMessage("planned");
        assertThat(sim.elapsed()).isZero();
        sleep(Duration.ofSeconds(2));
        assertThat(ended[0]).isEqualTo(2);
    }

    /** Who gathers is cancelled: all the children are. */
    public static void cancelled(Sim sim) throws Exception {
        AsyncEvent never = new AsyncEvent();
        Task<?, ?> victim = createTask(() -> gather(never::await, never::await, never::await), "victim");
        Task<?, ?> canceller = cancelSomeTime(sim, victim);
        assertThat(wasCancelled(victim)).isTrue();
        canceller.await();
        sleep(Duration.ofSeconds(1)); // what is left now is a leftover
    }
}
