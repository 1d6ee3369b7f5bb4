package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncQueue;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.util.ArrayList;
import java.util.List;

/** Whatever was put into a queue comes out of it once, in order, whoever leaves. */
public final class QueueScenario {

    private final AsyncQueue<Integer> queue;
    private final List<Integer> put = new ArrayList<>();
    private final List<Integer> got = new ArrayList<>();
    private int dealtWith;

    private QueueScenario(int maxsize) {
        queue = new AsyncQueue<>(maxsize);
    }

    /** One of three getters is cancelled. If it got an item first, there is one more for the others. */
    public static void cancelledGetter(Sim sim) throws Exception {
        QueueScenario on = new QueueScenario(sim.choose(3, "maxsize"));
        Task<?, ?> victim = createTask(() -> on.get(1), "victim");
        List<Task<?, ?>> others = List.of(
                createTask(() -> on.get(2), "getter a"),
                createTask(() -> on.get(1), "getter b"),
                createTask(() -> on.put(sim, 1, 2), "putter a"),
                createTask(() -> on.put(sim, 3), "putter b"),
                cancelSomeTime(sim, victim));
        if (!wasCancelled(victim)) {
            on.put(sim, 4);
        }
        on.endsWell(others);
    }

    /** One of two putters is cancelled. If it has put its item first, there is one more to get. */
    public static void cancelledPutter(Sim sim) throws Exception {
        QueueScenario on = new QueueScenario(1);
        Task<?, ?> victim = createTask(() -> on.put(sim, 9), "victim");
        List<Task<?, ?>> others = List.of(
                createTask(() -> on.put(sim, 1, 2), "putter a"),
                createTask(() -> on.put(sim, 3), "putter b"),
                createTask(
                        () -> {
                            aWhile(sim, 2);
                            on.get(3);
                        },
                        "getter"),
                cancelSomeTime(sim, victim));
        if (!wasCancelled(victim)) {
            on.get(1);
        }
        on.endsWell(others);
    }

    /** One of two getters is cancelled, in the instant in which the only item comes: without any other choice. */
    public static void smallest(Sim sim) throws Exception {
        QueueScenario on = new QueueScenario(0);
        Task<?, ?> victim = createTask(() -> on.get(1), "victim");
        Task<?, ?> other = createTask(() -> on.get(1), "getter");
        yieldNow();
        on.put(sim, 1);
        Task<?, ?> canceller = createTask(() -> victim.cancel(), "canceller");
        if (!wasCancelled(victim)) {
            on.put(sim, 2);
        }
        on.endsWell(List.of(other, canceller));
    }

    /** The same, with much going on before the item comes, and before the cancel does. */
    public static void farApart(Sim sim) throws Exception {
        QueueScenario on = new QueueScenario(0);
        Task<?, ?> victim = createTask(() -> on.get(1), "victim");
        Task<?, ?> other = createTask(() -> on.get(1), "getter");
        while (!on.queue.toString().contains("getters[2]")) {
            yieldNow();
        }
        List<Task<?, ?>> others = new ArrayList<>(List.of(other));
        others.add(createTask(
                () -> {
                    turns(200);
                    on.put(sim, 1);
                    turns(200);
                },
                "putter"));
        others.add(createTask(
                () -> {
                    turns(201);
                    victim.cancel();
                    turns(200);
                },
                "canceller"));
        for (int i = 0; i < 3; i++) {
            others.add(createTask(() -> turns(400)));
        }
        if (!wasCancelled(victim)) {
            on.put(sim, 2);
        }
        on.endsWell(others);
    }

    private static void turns(int count) {
        for (int i = 0; i < count; i++) {
            yieldNow();
        }
    }

    /** Who waits for all items to be dealt with goes on when they are, and not before. */
    public static void join(Sim sim) throws Exception {
        QueueScenario on = new QueueScenario(1);
        on.put(sim, 1);
        List<Task<?, ?>> others =
                List.of(createTask(() -> on.put(sim, 2, 3), "putter"), createTask(() -> on.deal(sim, 3), "dealer"));
        on.queue.join();
        assertThat(on.dealtWith).as("dealt with when join() returns").isPositive();
        for (Task<?, ?> other : others) {
            other.await();
        }
        on.queue.join();
        assertThat(on.dealtWith).isEqualTo(3);
        on.endsWell(List.of());
    }

    private void put(Sim sim, int... items) {
        for (int item : items) {
            if (items.length > 1) {
                aWhile(sim, 1);
            }
            queue.put(item);
            put.add(item);
        }
    }

    private void get(int count) {
        for (int i = 0; i < count; i++) {
            got.add(queue.get());
        }
    }

    private void deal(Sim sim, int count) {
        for (int i = 0; i < count; i++) {
            get(1);
            aWhile(sim, 1);
            dealtWith++;
            queue.taskDone();
        }
    }

    private void endsWell(List<Task<?, ?>> others) throws Exception {
        for (Task<?, ?> other : others) {
            other.await();
        }
        assertThat(got).as("what came out").isEqualTo(put);
        assertThat(queue.empty()).as("empty").isTrue();
    }
}
