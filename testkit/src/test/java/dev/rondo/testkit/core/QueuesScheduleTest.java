package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.generate;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncLifoQueue;
import dev.rondo.AsyncPriorityQueue;
import dev.rondo.AsyncQueue;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Bridge;
import dev.rondo.CancelScope;
import dev.rondo.Channel;
import dev.rondo.EndOfChannelException;
import dev.rondo.Generator;
import dev.rondo.QueueShutDownException;
import dev.rondo.Task;
import dev.rondo.testkit.Explore;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What was put in comes out once, or is still there, whoever is cancelled or out of time in the instant in which his
 * turn comes; and nobody waits who could go.
 */
class QueuesScheduleTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private interface Put {
        void put(int item) throws Exception;
    }

    private interface Get {
        int get() throws Exception;
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aQueueLosesNothing(Sim sim) throws Exception {
        int maxsize = sim.choose(3, "maxsize");
        AsyncQueue<Integer> queue = switch (sim.choose(3, "kind")) {
            case 0 -> new AsyncQueue<>(maxsize);
            case 1 -> new AsyncLifoQueue<>(maxsize);
            default -> new AsyncPriorityQueue<>(maxsize);
        };
        sim.always("no more than it holds", () -> maxsize == 0 || queue.qsize() <= maxsize);
        traffic(sim, queue::put, queue::get, queue::shutdown);
        assertThat(queue.empty()).isTrue();
        assertThat(queue.toString()).doesNotContain("getters").doesNotContain("putters");
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aBridgeLosesNothing(Sim sim) throws Exception {
        Bridge<Integer> bridge = new Bridge<>(1 + sim.choose(2, "capacity"));
        sim.always("no more than it holds", () -> bridge.size() <= bridge.capacity());
        traffic(sim, bridge::put, bridge::get, bridge::close);
        assertThat(bridge.size()).isZero();
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aChannelLosesNothing(Sim sim) throws Exception {
        Channel<Integer> channel = new Channel<>(sim.choose(3, "capacity"));
        Channel.Sender<Integer> sender = channel.openSender();
        Channel.Receiver<Integer> receiver = channel.openReceiver();
        traffic(sim, sender::send, receiver::receive, sender::close);
        assertThat(channel.size()).isZero();
    }

    /** Three put and three get, two of these six may be cancelled, and all of them may be out of time. */
    private static void traffic(Sim sim, Put put, Get get, Runnable end) throws Exception {
        List<Integer> in = new ArrayList<>();
        List<Integer> out = new ArrayList<>();
        List<Task<?, ?>> tasks = new ArrayList<>();
        int[] outOfTime = {0};
        for (int i = 0; i < 3; i++) {
            int first = 10 * i;
            tasks.add(createTask(() -> {
                for (int item = first; item < first + 2; item++) {
                    int each = item;
                    Scenarios.aWhile(sim, 1);
                    inTime(sim, outOfTime, () -> {
                        put.put(each);
                        in.add(each);
                    });
                }
            }));
            tasks.add(createTask(() -> {
                for (int n = 0; n < 2; n++) {
                    sleep(Duration.ofSeconds(sim.choose(2, "a pause")));
                    inTime(sim, outOfTime, () -> out.add(get.get()));
                }
            }));
        }
        for (int i = 0; i < 2; i++) {
            sleep(Duration.ofSeconds(sim.choose(2, "when")));
            Scenarios.aWhile(sim, 2);
            tasks.get(sim.choose(6, "whom to cancel")).cancel();
        }
        sleep(Duration.ofSeconds(5));
        int waiting = 0;
        for (int i = 0; i < 6; i++) {
            waiting += tasks.get(i).done() ? 0 : i % 2 == 0 ? 1 : 10;
        }
        assertThat(waiting > 10 && waiting % 10 > 0)
                .as("there are those who put and those who get, and neither goes on")
                .isFalse();
        boolean putting = waiting % 10 > 0;
        while (putting && !tasks.stream().allMatch(Task::done)) {
            out.add(get.get());
            sleep(SECOND);
        }
        end.run();
        for (Task<?, ?> task : tasks) {
            try {
                Scenarios.wasCancelled(task);
            } catch (QueueShutDownException | EndOfChannelException e) {
                assertThat(putting).isFalse();
            }
        }
        try {
            for (; ; ) {
                out.add(get.get());
            }
        } catch (QueueShutDownException | EndOfChannelException e) {
            // that was all
        }
        sim.sometimes("somebody had to wait for ever", waiting > 0);
        sim.sometimes("somebody was out of time", outOfTime[0] > 0);
        assertThat(out).containsExactlyInAnyOrderElementsOf(in);
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void inTime(Sim sim, int[] outOfTime, Step step) throws Exception {
        switch (sim.choose(3, "how long")) {
            case 0 -> step.run();
            case 1 -> {
                boolean late = CancelScope.moveOnAfter(SECOND, () -> {
                            step.run();
                        })
                        .cancelled();
                outOfTime[0] += late ? 1 : 0;
            }
            default -> {
                try {
                    timeout(SECOND, () -> {
                        step.run();
                    });
                } catch (AsyncTimeoutException e) {
                    outOfTime[0]++;
                }
            }
        }
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM)
    void aGeneratorWhoseConsumerIsOutOfTimeLosesNoItem(Sim sim) throws Exception {
        List<Integer> got = new ArrayList<>();
        int[] late = {0};
        try (Generator<Integer, RuntimeException> numbers = generate(out -> {
            for (int i = 0; i < 4; i++) {
                sleep(Duration.ofSeconds(sim.choose(2, "to make it")));
                Scenarios.aWhile(sim, 1);
                out.emit(i);
            }
        })) {
            while (got.size() < 4) {
                inTime(sim, late, () -> got.add(numbers.next()));
            }
            assertThat(numbers.hasNext()).isFalse();
        }
        sim.sometimes("late twice", late[0] > 1);
        assertThat(got).containsExactly(0, 1, 2, 3);
    }

    @Test
    void aQueueOfOneWithTwoWhoPutAndTwoWhoGetInEverySchedule() {
        assertThat(Explorer.exhaustive(200_000).check(sim -> {
                    AsyncQueue<Integer> queue = new AsyncQueue<>(1);
                    List<Integer> out = new ArrayList<>();
                    List<Task<?, ?>> tasks = List.of(
                            createTask(() -> queue.put(1)),
                            createTask(() -> queue.put(2)),
                            createTask(() -> {
                                out.add(queue.get());
                            }),
                            createTask(() -> {
                                out.add(queue.get());
                            }));
                    for (Task<?, ?> task : tasks) {
                        task.await();
                    }
                    assertThat(out).containsExactlyInAnyOrder(1, 2);
                }))
                .isEqualTo(276);
    }
}
