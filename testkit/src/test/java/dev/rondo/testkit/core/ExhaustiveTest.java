package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncBarrier;
import dev.rondo.AsyncCondition;
import dev.rondo.AsyncEvent;
import dev.rondo.AsyncLock;
import dev.rondo.AsyncQueue;
import dev.rondo.CancelledError;
import dev.rondo.Task;
import dev.rondo.TaskGroupException;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small programs in every schedule there is; how many there are changes only if what suspends and wakes does. */
class ExhaustiveTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void threeTasksOfThreeSteps() {
        assertThat(Explorer.exhaustive().check(_ -> {
                    for (int i = 0; i < 3; i++) {
                        createTask(() -> {
                            yieldNow();
                            yieldNow();
                            yieldNow();
                        });
                    }
                    sleep(SECOND);
                }))
                .isEqualTo(34_650); // 12! / (4!)³
    }

    private static void lockOfACancelledWaiter(Sim sim) {
        AsyncLock lock = new AsyncLock();
        List<String> got = new ArrayList<>();
        Task<?, ?> first = createTask(() -> useOnce(lock, got, "first"));
        Task<?, ?> second = createTask(() -> useOnce(lock, got, "second"));
        createTask(() -> useOnce(lock, got, "third"));
        createTask(() -> (sim.choose(2, "who is cancelled") == 0 ? second : first).cancel());
        sleep(SECOND);
        sim.sometimes("all have had it", got.size() == 3);
        sim.sometimes("one has not", got.size() == 2);
        assertThat(got).contains("third");
        assertThat(lock.locked()).isFalse();
    }

    private static void useOnce(AsyncLock lock, List<String> got, String who) {
        try (var _ = lock.hold()) {
            got.add(who);
            yieldNow();
        }
    }

    @Test
    void aLockAndACancel() {
        assertThat(Explorer.exhaustive().check(ExhaustiveTest::lockOfACancelledWaiter))
                .isEqualTo(628);
    }

    @Test
    void aQueueWhoseGetterIsCancelled() {
        assertThat(Explorer.exhaustive().check(sim -> {
                    AsyncQueue<String> queue = new AsyncQueue<>();
                    List<String> got = new ArrayList<>();
                    Task<?, ?> victim = createTask(() -> got.add(queue.get()));
                    Task<?, ?> other = createTask(() -> got.add(queue.get()));
                    createTask(() -> queue.put("item"));
                    createTask(() -> victim.cancel());
                    sleep(SECOND);
                    sim.sometimes("the victim had it before it was cancelled", !other.done());
                    assertThat(got).containsExactly("item");
                    other.cancel();
                }))
                .isEqualTo(53);
    }

    @Test
    void anEventWithTwoWaitersAndACancel() {
        assertThat(Explorer.exhaustive().check(sim -> {
                    AsyncEvent event = new AsyncEvent();
                    List<String> told = new ArrayList<>();
                    Task<?, ?> victim = createTask(() -> {
                        event.await();
                        told.add("victim");
                    });
                    createTask(() -> {
                        event.await();
                        told.add("other");
                    });
                    createTask(event::set);
                    createTask(() -> victim.cancel());
                    sleep(SECOND);
                    sim.sometimes("the victim was told", told.contains("victim"));
                    sim.sometimes("the victim was not told", !told.contains("victim"));
                    assertThat(told).contains("other");
                }))
                .isEqualTo(53);
    }

    @Test
    void aConditionWhoseWaiterIsCancelledAsItIsNotified() {
        assertThat(Explorer.exhaustive().check(sim -> {
                    AsyncCondition condition = new AsyncCondition();
                    int[] items = {0};
                    List<String> got = new ArrayList<>();
                    Task<?, ?> victim = createTask(() -> takeOne(condition, items, got, "victim"));
                    Task<?, ?> other = createTask(() -> takeOne(condition, items, got, "other"));
                    createTask(() -> {
                        try (var _ = condition.hold()) {
                            items[0]++;
                            condition.signal();
                        }
                    });
                    createTask(() -> victim.cancel());
                    sleep(SECOND);
                    assertThat(got).as("who took the item").hasSize(1);
                    assertThat(items[0]).isZero();
                    sim.sometimes("the victim took it", got.contains("victim"));
                    other.cancel();
                }))
                .isEqualTo(53);
    }

    private static void takeOne(AsyncCondition condition, int[] items, List<String> got, String who) {
        try (var _ = condition.hold()) {
            while (items[0] == 0) {
                condition.await();
            }
            items[0]--;
            got.add(who);
        }
    }

    @Test
    void aBarrierOfThree() {
        assertThat(Explorer.exhaustive().check(_ -> {
                    AsyncBarrier barrier = new AsyncBarrier(3);
                    List<Integer> indices = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        createTask(() -> indices.add(barrier.await()));
                    }
                    sleep(SECOND);
                    assertThat(indices).containsExactlyInAnyOrder(0, 1, 2);
                }))
                .isEqualTo(12);
    }

    @Test
    void aGroupOfWhichOneFails() {
        assertThat(Explorer.exhaustive().check(sim -> {
                    List<String> ended = new ArrayList<>();
                    try {
                        taskGroup(group -> {
                            group.createTask(() -> {
                                throw new IllegalStateException("broken");
                            });
                            group.createTask(() -> {
                                try {
                                    yieldNow();
                                    ended.add("by itself");
                                } catch (CancelledError e) {
                                    ended.add("cancelled");
                                    throw e;
                                }
                            });
                        });
                        throw new AssertionError("the group did not fail");
                    } catch (TaskGroupException e) {
                        assertThat(e.causes()).singleElement().isInstanceOf(IllegalStateException.class);
                    }
                    sim.sometimes("the sibling had ended", ended.contains("by itself"));
                    sim.sometimes("the sibling was cancelled", ended.contains("cancelled"));
                    sim.sometimes("the sibling had not begun", ended.isEmpty());
                }))
                .isEqualTo(19);
    }
}
