package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.awaitCancel;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.isNotCancelled;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.GroupPolicy;
import dev.rondo.Task;
import dev.rondo.TaskGroupException;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whatever is started in a group has ended when the group has, and a cancel ends where it belongs. */
public final class TaskGroupScenario {

    private TaskGroupScenario() {}

    /** One task of a group fails: the others, and the body, are cancelled, and the caller is not. */
    public static void oneFails(Sim sim) {
        AsyncEvent never = new AsyncEvent();
        List<Task<?, ?>> tasks = new ArrayList<>();
        assertThatThrownBy(() -> taskGroup(group -> {
                    tasks.add(group.createTask(never::await, "sibling a"));
                    tasks.add(group.createTask(
                            () -> {
                                aWhile(sim, 2);
                                throw new IllegalStateException("planned");
                            },
                            "who fails"));
                    tasks.add(group.createTask(
                            () -> {
                                try {
                                    never.await();
                                } finally {
                                    assertThatThrownBy(() -> group.createTask(() -> {}))
                                            .isInstanceOf(IllegalStateException.class);
                                }
                            },
                            "sibling b"));
                    if (sim.choose(2, "the body waits") == 1) {
                        never.await();
                    }
                    aWhile(sim, 2);
                }))
                .isInstanceOfSatisfying(
                        TaskGroupException.class, e -> assertThat(e.causes()).hasSize(1))
                .hasRootCauseMessage("planned");
        assertThat(tasks).allMatch(Task::done);
        isNotCancelled();
        yieldNow();
    }

    /** One of many fails after a second, and all the others are cancelled. */
    public static void manySiblings(Sim sim) {
        List<String> ended = new ArrayList<>();
        assertThatThrownBy(() -> taskGroup(group -> {
                    for (int i = 0; i < 6; i++) {
                        String name = "sibling " + i;
                        group.createTask(
                                () -> {
                                    try {
                                        new AsyncEvent().await();
                                    } finally {
                                        ended.add(name);
                                    }
                                },
                                name);
                    }
                    group.createTask(() -> {
                        sleep(Duration.ofSeconds(1));
                        throw new IllegalStateException("planned");
                    });
                }))
                .hasRootCauseMessage("planned");
        assertThat(ended).hasSize(6);
    }

    /** Who runs a group is cancelled: the tasks of the group are first. */
    public static void itsOwnerIsCancelled(Sim sim) throws Exception {
        AsyncEvent never = new AsyncEvent();
        List<Task<?, ?>> tasks = new ArrayList<>();
        Task<?, ?> owner = createTask(
                () -> taskGroup(group -> {
                    tasks.add(group.createTask(never::await, "a"));
                    aWhile(sim, 2);
                    tasks.add(group.createTask(
                            () -> {
                                try {
                                    never.await();
                                } finally {
                                    yieldNow(); // takes its time to clean up
                                }
                            },
                            "b"));
                }),
                "owner");
        Task<?, ?> canceller = cancelSomeTime(sim, owner);
        assertThat(wasCancelled(owner)).as("the owner was cancelled").isTrue();
        assertThat(tasks).as("when the group has ended").allMatch(Task::done);
        canceller.await();
    }

    /** A task fails and the owner is cancelled: the failure is thrown, and the cancel is heard all the same. */
    public static void oneFailsAndItsOwnerIsCancelled(Sim sim) throws Exception {
        Task<?, ?> owner = createTask(
                () -> {
                    try {
                        taskGroup(group -> {
                            group.createTask(() -> aWhile(sim, 2));
                            group.createTask(() -> {
                                aWhile(sim, 2);
                                throw new IllegalStateException("planned");
                            });
                        });
                    } catch (TaskGroupException e) {
                        assertThat(e).hasRootCauseMessage("planned");
                    }
                    for (int i = 0; i < 10; i++) {
                        yieldNow();
                    }
                    awaitCancel();
                },
                "owner");
        Task<?, ?> canceller = cancelSomeTime(sim, owner);
        assertThat(wasCancelled(owner)).as("the owner was cancelled").isTrue();
        canceller.await();
    }

    /** So many at a time, and one of them is cancelled while it waits for its place, or has it. */
    public static void boundedGroup(Sim sim) {
        int[] inside = {0, 0};
        int places = 1 + sim.choose(2, "places");
        sim.always("so many at a time", () -> inside[0] <= places);
        taskGroup(GroupPolicy.failFast().maxConcurrency(places), group -> {
            List<Task<?, ?>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                tasks.add(group.createTask(() -> {
                    inside[0]++;
                    try {
                        aWhile(sim, 2);
                        inside[1]++;
                    } finally {
                        inside[0]--;
                    }
                }));
            }
            cancelSomeTime(sim, tasks.get(2)).await();
        });
        assertThat(inside[1]).as("those that were not cancelled have run").isGreaterThanOrEqualTo(3);
    }
}
