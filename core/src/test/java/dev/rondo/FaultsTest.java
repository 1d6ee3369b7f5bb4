package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.chance.Choices;
import dev.rondo.chance.RandomFaults;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** What is allowed and seldom happens, {@link Choices#buggify}, disturbs nobody. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class FaultsTest {

    private static final long SEEDS = 300;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Map<String, Integer> faults = new HashMap<>(); // how often each was done

    /** Each fault is done at one time of four, and of the runs every other is across turns. */
    private final class Faulty extends RandomFaults {

        Faulty(long seed) {
            super(seed, 4);
        }

        @Override
        public boolean buggify(String what) {
            boolean fault = super.buggify(what);
            faults.merge(what, fault ? 1 : 0, Integer::sum);
            return fault;
        }

        @Override
        public boolean acrossTurns() {
            return random.nextBoolean();
        }
    }

    /** A fault, where it is asked for, and everything else plain. */
    private static Choices only(String fault, int[] count) {
        return new Choices() {
            @Override
            public int choose(int n, String what) {
                return 0;
            }

            @Override
            public boolean buggify(String what) {
                boolean now = what.equals(fault);
                count[0] += now ? 1 : 0;
                return now && count[0] <= 1000; // a loop that never finds anything never ends
            }
        };
    }

    private <X extends Exception> void withFaults(Action<X> program) throws X {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<ExceptionContext> reported = new ArrayList<>();
            try (EventLoop loop = EventLoop.builder()
                    .clock(new VirtualClock())
                    .choices(new Faulty(seed))
                    .simulatedWorkers()
                    .build()) {
                loop.setExceptionHandler((_, context) -> reported.add(context));
                loop.runUntilComplete(program);
                assertThat(loop.tasks().size()).as("tasks left, seed %d", seed).isZero();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            assertThat(reported).as("seed %d", seed).isEmpty();
        }
        assertThat(faults.values()).as("%s", faults).isNotEmpty().allMatch(times -> times > 0);
    }

    // ------------------------------------------------------------------------------------------------ one at a time

    private static VirtualClock runWith(String fault, int[] count, Action<RuntimeException> program) {
        VirtualClock clock = new VirtualClock();
        try (EventLoop loop =
                EventLoop.builder().clock(clock).choices(only(fault, count)).build()) {
            loop.runUntilComplete(program);
        }
        return clock;
    }

    @Test
    void aTurnThatFindsNothingWaitsInTheNext() {
        int[] count = new int[1];
        VirtualClock clock = runWith("empty poll", count, () -> sleep(SECOND));
        assertThat(clock.elapsed()).isEqualTo(SECOND);
        assertThat(count[0]).isGreaterThan(1000);
    }

    @Test
    void aStrayPermitEndsNoWaitOfOurs() {
        int[] count = new int[1];
        List<String> log = new ArrayList<>();
        runWith("stray permit", count, () -> {
            AsyncEvent event = new AsyncEvent();
            Task<?, RuntimeException> waiter = createTask(() -> {
                event.await();
                log.add("woken");
            });
            sleep(SECOND);
            log.add("sets");
            event.set();
            waiter.await();
        });
        assertThat(log).containsExactly("sets", "woken");
        assertThat(count[0]).isPositive();
    }

    @Test
    void aSpuriousWakeUpEndsNoWaitOfTheJdks() {
        int[] count = new int[1];
        List<String> log = new ArrayList<>();
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        runWith("spurious wake-up", count, () -> {
            gather(() -> log.add(take(queue)), () -> {
                while (count[0] < 3) {
                    yieldNow();
                }
                log.add("puts");
                queue.add("item");
            });
        });
        assertThat(log).containsExactly("puts", "item");
    }

    private static String take(LinkedBlockingQueue<String> queue) {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theLastMayBeFirst() {
        List<String> log = new ArrayList<>();
        runWith("last first", new int[1], () -> {
            gather(() -> log.add("a"), () -> log.add("b"), () -> log.add("c"));
        });
        assertThat(log).containsExactly("c", "b", "a");
    }

    /** Negative control: a wait that takes any return from park for its wake-up is found. */
    @Test
    void whoseWaitIsEndedByAStrayPermitIsFound() {
        assertThatThrownBy(() -> withFaults(() -> {
                    boolean[] flag = new boolean[1];
                    Task<?, RuntimeException> naive = createTask(() -> {
                        yieldNow();
                        java.util.concurrent.locks.LockSupport.park();
                        assertThat(flag[0]).as("was woken by who set the flag").isTrue();
                    });
                    while (!naive.done() && !naive.strand().isForeign()) {
                        yieldNow();
                    }
                    flag[0] = true;
                    java.util.concurrent.locks.LockSupport.unpark(naive.thread());
                    naive.await();
                }))
                .isInstanceOf(Throwable.class);
    }

    // ------------------------------------------------------------------------------------------------ all together

    @Test
    void asyncLocksEventsAndConditions() throws Exception {
        withFaults(() -> {
            AsyncLock lock = new AsyncLock();
            AsyncSemaphore semaphore = new AsyncSemaphore(2);
            AsyncBarrier barrier = new AsyncBarrier(3);
            int[] inside = new int[2];
            int[] done = new int[1];
            Action<RuntimeException> worker = () -> {
                try (var _ = semaphore.hold()) {
                    assertThat(++inside[1]).isLessThanOrEqualTo(2);
                    sleep(Duration.ofMillis(1));
                    inside[1]--;
                }
                barrier.await();
                try (var _ = lock.hold()) {
                    assertThat(++inside[0]).isEqualTo(1);
                    yieldNow();
                    inside[0]--;
                }
                done[0]++;
            };
            gather(worker, worker, worker);
            assertThat(done[0]).isEqualTo(3);
        });
    }

    @Test
    void queuesChannelsAndCancels() throws Exception {
        withFaults(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            List<Integer> got = new ArrayList<>();
            Task<?, ?> taker = createTask(() -> {
                while (true) {
                    got.add(queue.get());
                    queue.taskDone();
                }
            });
            Task<?, ?> victim = createTask(() -> {
                got.add(queue.get());
                queue.taskDone();
            });
            yieldNow();
            victim.cancel();
            for (int i = 0; i < 5; i++) {
                queue.put(i);
            }
            queue.join();
            taker.cancel();
            Asyncio.waitAll(List.of(taker, victim));
            assertThat(got).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        });
    }

    @Test
    void groupsAndTimeouts() throws Exception {
        withFaults(() -> {
            List<String> log = new ArrayList<>();
            assertThatThrownBy(() -> Asyncio.timeout(SECOND, () -> {
                        Asyncio.taskGroup(group -> {
                            group.createTask(() -> sleep(SECOND.multipliedBy(2)));
                            group.createTask(() -> {
                                sleep(SECOND.dividedBy(2));
                                log.add("half");
                            });
                        });
                    }))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(log).containsExactly("half");
            assertThat(Asyncio.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void locksOfTheJdk() throws Exception {
        withFaults(() -> {
            ReentrantLock lock = new ReentrantLock();
            Condition condition = lock.newCondition();
            Semaphore semaphore = new Semaphore(1);
            Object monitor = new Object();
            int[] counts = new int[3];
            Action<InterruptedException> worker = () -> {
                semaphore.acquire();
                assertThat(++counts[0]).isEqualTo(1);
                yieldNow();
                counts[0]--;
                semaphore.release();
                lock.lock();
                try {
                    counts[1]++;
                    while (counts[1] < 3) {
                        condition.await();
                    }
                    condition.signalAll();
                } finally {
                    lock.unlock();
                }
                synchronized (monitor) {
                    counts[2]++;
                    while (counts[2] < 3) {
                        monitor.wait();
                    }
                    monitor.notifyAll();
                }
            };
            gather(worker, worker, worker);
        });
    }

    @Test
    void queuesLatchesAndBarriersOfTheJdk() throws Exception {
        withFaults(() -> {
            LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>(1);
            CountDownLatch latch = new CountDownLatch(2);
            CyclicBarrier barrier = new CyclicBarrier(2);
            List<Integer> got = new ArrayList<>();
            Task<?, Exception> taker = createTask(() -> {
                for (int i = 0; i < 4; i++) {
                    got.add(queue.take());
                }
                barrier.await();
                latch.countDown();
            });
            Task<?, Exception> putter = createTask(() -> {
                for (int i = 0; i < 4; i++) {
                    queue.put(i);
                }
                barrier.await();
                latch.countDown();
            });
            latch.await();
            assertThat(got).containsExactly(0, 1, 2, 3);
            taker.await();
            putter.await();
        });
    }

    @Test
    void workInThreads() throws Exception {
        withFaults(() -> {
            LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
            EventLoop loop = Asyncio.getRunningLoop();
            Task<?, Exception> taker = createTask(() -> toThread(() -> {
                String item = queue.take();
                return Asyncio.runCoroutineThreadsafe(
                                () -> {
                                    sleep(SECOND);
                                    return item;
                                },
                                loop)
                        .get();
            }));
            toThread(() -> queue.add("item"));
            assertThat((Object) taker.await()).isEqualTo("item");
            Task<?, Exception> interrupted = createTask(() -> toThread(
                    () -> {
                        new CountDownLatch(1).await();
                    },
                    OnCancel.INTERRUPT));
            yieldNow();
            interrupted.cancel();
            assertThatThrownBy(interrupted::await).isInstanceOf(TaskCancelledException.class);
            loop.shutdownDefaultExecutor(null);
        });
    }

    @Test
    void cancelsOfBlockingCode() throws Exception {
        withFaults(() -> {
            LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
            Task<?, InterruptedException> victim = createTask(queue::take);
            yieldNow();
            victim.cancel();
            assertThatThrownBy(victim::await).isInstanceOf(TaskCancelledException.class);
            assertThat(victim.cancelled()).isTrue();
            Task<?, InterruptedException> second = createTask(queue::take);
            queue.add("item");
            assertThat((Object) second.await()).isEqualTo("item");
        });
    }
}
