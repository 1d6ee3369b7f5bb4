package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.chance.Choices;
import dev.rondo.time.VirtualClock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who decides which of the ready items goes first. */
class ChoicesTest {

    /** Runs five tasks of three steps each, and returns the order of the steps. */
    private static List<String> fiveTasks(Choices choices) {
        List<String> log = new ArrayList<>();
        try (EventLoop loop = loopWith(choices)) {
            loop.runUntilComplete(() -> {
                List<Task<?, RuntimeException>> tasks = new ArrayList<>();
                for (String name : List.of("a", "b", "c", "d", "e")) {
                    tasks.add(createTask(() -> {
                        for (int step = 1; step <= 3; step++) {
                            log.add(name + step);
                            yieldNow();
                        }
                    }));
                }
                for (Task<?, RuntimeException> task : tasks) {
                    task.await();
                }
            });
        }
        return log;
    }

    private static EventLoop loopWith(Choices choices) {
        return EventLoop.builder().clock(new VirtualClock()).choices(choices).build();
    }

    @Test
    void plainChoicesAreFirstInFirstOut() {
        assertThat(fiveTasks(Choices.plain()))
                .containsExactly(
                        "a1", "b1", "c1", "d1", "e1", "a2", "b2", "c2", "d2", "e2", "a3", "b3", "c3", "d3", "e3");
    }

    @Test
    void theSameSeedMakesTheSameRun() {
        assertThat(fiveTasks(Choices.seeded(42))).isEqualTo(fiveTasks(Choices.seeded(42)));
    }

    @Test
    void seedsFindOtherOrders() {
        Set<List<String>> orders = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            orders.add(fiveTasks(Choices.seeded(seed)));
        }
        assertThat(orders).hasSizeGreaterThan(15);
    }

    @Test
    void eachTaskTakesItsOwnStepsInOrderAndOnePerTurn() {
        List<String> log = fiveTasks(Choices.seeded(7));
        assertThat(log.stream().map(entry -> entry.substring(1))).isSorted();
    }

    @Test
    void callbacksKeepTheirOrderWhoeverChooses() {
        for (long seed = 0; seed < 50; seed++) {
            List<Integer> order = new ArrayList<>();
            try (EventLoop loop = loopWith(Choices.seeded(seed))) {
                loop.runUntilComplete(() -> {
                    for (int i = 0; i < 5; i++) {
                        int number = i;
                        loop.callSoon(() -> order.add(number));
                        createTask(() -> yieldNow());
                    }
                    yieldNow();
                    yieldNow();
                });
            }
            assertThat(order).as("seed %d", seed).containsExactly(0, 1, 2, 3, 4);
        }
    }

    @Test
    void aChoiceIsAskedForOnlyWhereThereIsOne() {
        List<Integer> asked = new ArrayList<>();
        Choices last = (n, what) -> {
            asked.add(n);
            assertThat(what).isEqualTo("ready");
            return n - 1;
        };
        List<String> log = new ArrayList<>();
        try (EventLoop loop = loopWith(last)) {
            loop.runUntilComplete(() -> {
                gather(() -> log.add("a"), () -> log.add("b"), () -> log.add("c"));
            });
        }
        assertThat(log).containsExactly("c", "b", "a");
        assertThat(asked).startsWith(3, 2).allSatisfy(n -> assertThat(n).isGreaterThan(1));
    }
}
