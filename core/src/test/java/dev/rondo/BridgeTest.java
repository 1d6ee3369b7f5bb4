package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeTest extends LoopTestCase {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private <T> Task<?, InterruptedException> taker(String name, Bridge<T> bridge) {
        return createTask(() -> {
            log.add(name + " " + bridge.get());
        });
    }

    private static void awaitCancelled(Task<?, ?> task) {
        assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::await);
        assertThat(task.cancelled()).isTrue();
    }

    /** Starts a thread, platform or virtual, that waits in the bridge by the time this returns. */
    private static Thread blocked(boolean virtual, Runnable work) {
        Thread.Builder builder =
                virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        Thread thread = builder.start(work);
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return thread;
    }

    // ------------------------------------------------------------------------------------------------ without waiting

    @Test
    void offerAndPollWaitForNobody() {
        Bridge<String> bridge = new Bridge<>(2);
        assertThat(bridge.poll()).isNull();
        assertThat(bridge.offer("a")).isTrue();
        assertThat(bridge.offer("b")).isTrue();
        assertThat(bridge.offer("c")).isFalse();
        assertThat(bridge.size()).isEqualTo(2);
        assertThat(bridge).hasToString("<Bridge capacity=2 size=2>");
        assertThat(bridge.poll()).isEqualTo("a");
        assertThat(bridge.offer("c")).isTrue();
        assertThat(bridge.poll()).isEqualTo("b");
        assertThat(bridge.poll()).isEqualTo("c");
        assertThat(bridge.poll()).isNull();
    }

    @Test
    void aCapacityOfZeroAndANullAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Bridge<>(0)).withMessage("capacity < 1: 0");
        Bridge<String> bridge = new Bridge<>(1);
        assertThatNullPointerException().isThrownBy(() -> bridge.offer(null));
        assertThatNullPointerException().isThrownBy(() -> bridge.put(null));
        assertThat(bridge.size()).isZero();
        assertThat(bridge.capacity()).isEqualTo(1);
    }

    // ------------------------------------------------------------------------------------------------ coroutines

    @Test
    void coroutinesOfOneLoopWaitForEachOther() throws Exception {
        run(() -> {
            Bridge<Integer> bridge = new Bridge<>(1);
            Task<?, InterruptedException> producer = createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    bridge.put(i);
                    log.add("put " + i);
                }
            });
            yieldNow();
            assertThat(log).containsExactly("put 0");
            sleep(SECOND);
            for (int i = 0; i < 3; i++) {
                assertThat(bridge.get()).isEqualTo(i);
            }
            producer.await();
        });
        assertThat(log).containsExactly("put 0", "put 1", "put 2");
    }

    @Test
    void waitersAreWokenInTheirOrder() throws Exception {
        run(() -> {
            Bridge<Integer> bridge = new Bridge<>(3);
            var takers = List.of(taker("a", bridge), taker("b", bridge), taker("c", bridge));
            yieldNow();
            for (int i = 1; i <= 3; i++) {
                assertThat(bridge.offer(i)).isTrue();
            }
            for (Task<?, InterruptedException> taker : takers) {
                taker.await();
            }
        });
        assertThat(log).containsExactly("a 1", "b 2", "c 3");
    }

    @Nested
    class Cancelled {

        private final Bridge<Integer> bridge = new Bridge<>(1);

        @Test
        void whileItWaitsAGetterLeavesNothingBehind() throws Exception {
            run(() -> {
                for (int i = 0; i < 3; i++) {
                    assertThatExceptionOfType(AsyncTimeoutException.class)
                            .isThrownBy(() -> timeout(SECOND, () -> bridge.get()));
                }
                assertThat(bridge.waiting()).isZero();
                bridge.put(1);
                assertThat(bridge.get()).isEqualTo(1);
            });
        }

        @Test
        void whileItWaitsAPutterDoesNotPut() throws Exception {
            run(() -> {
                bridge.put(1);
                Task<?, InterruptedException> putter = createTask(() -> bridge.put(2));
                yieldNow();
                assertThat(bridge.waiting()).isEqualTo(1);
                putter.cancel();
                awaitCancelled(putter);
                assertThat(bridge.waiting()).isZero();
                assertThat(bridge.get()).isEqualTo(1);
                assertThat(bridge.poll()).isNull();
            });
        }

        @Test
        void afterItWasWokenAGetterPassesTheItemOn() throws Exception {
            run(() -> {
                var takers = List.of(taker("a", bridge), taker("b", bridge));
                yieldNow();
                bridge.offer(1);
                takers.get(0).cancel();
                awaitCancelled(takers.get(0));
                takers.get(1).await();
            });
            assertThat(log).containsExactly("b 1");
        }

        @Test
        void afterItWasWokenAPutterPassesTheRoomOn() throws Exception {
            run(() -> {
                bridge.put(0);
                Task<?, InterruptedException> cancelled = createTask(() -> bridge.put(1));
                Task<?, InterruptedException> other = createTask(() -> bridge.put(2));
                yieldNow();
                assertThat(bridge.poll()).isEqualTo(0);
                cancelled.cancel();
                awaitCancelled(cancelled);
                other.await();
                assertThat(bridge.poll()).isEqualTo(2);
            });
        }

        /** The wake-up is on its way from another thread when the cancel comes. */
        @Test
        void afterAnotherThreadHasWokenItAGetterPassesTheItemOn() throws Exception {
            run(() -> {
                var takers = List.of(taker("a", bridge), taker("b", bridge));
                yieldNow();
                Thread other = Thread.ofPlatform().daemon().start(() -> bridge.offer(1));
                while (other.isAlive()) {
                    Thread.onSpinWait(); // holds up the loop: the wake-up is not delivered before the cancel
                }
                takers.get(0).cancel();
                awaitCancelled(takers.get(0));
                takers.get(1).await();
            });
            assertThat(log).containsExactly("b 1");
        }
    }

    @Test
    void aLoopThatIsClosedPassesOnWhatItsCoroutinesWereWokenFor() throws Exception {
        Bridge<Integer> bridge = new Bridge<>(1);
        CountDownLatch ended = new CountDownLatch(1);
        EventLoop dying = EventLoop.builder().clock(clock).build();
        dying.setExceptionHandler((_, _) -> {}); // of the task that is pending
        dying.runUntilComplete(() -> {
            dying.createTask(() -> {
                try {
                    bridge.get();
                } finally {
                    ended.countDown();
                }
            });
            yieldNow();
        });
        run(() -> {
            Task<?, InterruptedException> taker = taker("other loop", bridge);
            yieldNow();
            bridge.offer(1); // wakes the one whose loop is stopped
            yieldNow();
            assertThat(taker.done()).isFalse();
            dying.close();
            taker.await();
        });
        ended.await();
        assertThat(log).containsExactly("other loop 1");
        assertThat(bridge.waiting()).isZero();
    }

    // ------------------------------------------------------------------------------------------------ threads

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aThreadIsBlockedUntilACoroutinePuts(boolean virtual) throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        FutureTask<String> get = new FutureTask<>(bridge::get);
        blocked(virtual, get);
        run(() -> bridge.put("from a coroutine"));
        assertThat(get.get()).isEqualTo("from a coroutine");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aThreadIsBlockedUntilACoroutineMakesRoom(boolean virtual) throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        bridge.put("first"); // at once, on a thread that runs no loop
        FutureTask<Boolean> put = new FutureTask<>(() -> {
            bridge.put("second");
            return true;
        });
        blocked(virtual, put);
        run(() -> {
            assertThat(bridge.get()).isEqualTo("first");
            assertThat(bridge.get()).isEqualTo("second");
        });
        assertThat(put.get()).isTrue();
    }

    @Test
    void aCoroutineIsWokenByAThread() throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        run(() -> {
            Task<?, InterruptedException> taker = taker("coroutine", bridge);
            yieldNow();
            Thread.ofPlatform().daemon().start(() -> bridge.offer("from a thread"));
            taker.await();
        });
        assertThat(log).containsExactly("coroutine from a thread");
    }

    @Test
    void aVirtualThreadStartedInACoroutineIsBlockedAndNotTheLoop() throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        run(() -> {
            FutureTask<String> get = new FutureTask<>(bridge::get);
            Thread child = Thread.ofVirtual().start(get);
            while (child.getState() != Thread.State.WAITING) {
                yieldNow();
            }
            bridge.put("item");
            assertThat(get.get()).isEqualTo("item");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptedThreadTakesNothing(boolean virtual) throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        FutureTask<String> get = new FutureTask<>(bridge::get);
        Thread thread = blocked(virtual, get);
        thread.interrupt();
        assertThatThrownBy(get::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(bridge.waiting()).isZero();
        bridge.put("kept");
        assertThat(bridge.poll()).isEqualTo("kept");
    }

    @Test
    void anInterruptDoesNotMatterWhereNothingIsWaitedFor() throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        Thread.currentThread().interrupt();
        bridge.put("a");
        assertThat(bridge.get()).isEqualTo("a");
        assertThat(Thread.interrupted()).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ closing

    @Test
    void closedNothingGoesInAndTheRestComesOut() throws Exception {
        Bridge<Integer> bridge = new Bridge<>(2);
        bridge.put(1);
        bridge.put(2);
        bridge.close();
        bridge.close();
        assertThat(bridge).hasToString("<Bridge capacity=2 size=2 closed>");
        assertClosed(() -> bridge.offer(3));
        assertClosed(() -> bridge.put(3));
        assertThat(bridge.get()).isEqualTo(1);
        assertThat(bridge.poll()).isEqualTo(2);
        assertClosed(bridge::poll);
        assertClosed(bridge::get);
        assertThat(bridge.size()).isZero();
    }

    @Test
    void allThatWaitHearThatItIsClosed() throws Exception {
        Bridge<Integer> empty = new Bridge<>(1);
        Bridge<Integer> full = new Bridge<>(1);
        full.put(0);
        FutureTask<Integer> get = new FutureTask<>(empty::get);
        FutureTask<Boolean> put = new FutureTask<>(() -> {
            full.put(1);
            return true;
        });
        blocked(false, get);
        blocked(true, put);
        run(() -> {
            Task<?, InterruptedException> taker = taker("taker", empty);
            Task<?, InterruptedException> putter = createTask(() -> full.put(2));
            yieldNow();
            empty.close();
            full.close();
            assertClosed(taker::await);
            assertClosed(putter::await);
        });
        assertThatThrownBy(get::get).hasCauseInstanceOf(QueueShutDownException.class);
        assertThatThrownBy(put::get).hasCauseInstanceOf(QueueShutDownException.class);
        assertThat(full.get()).isZero();
        assertThat(log).isEmpty();
    }

    private static void assertClosed(ThrowingCallable use) {
        assertThatExceptionOfType(QueueShutDownException.class).isThrownBy(use).withMessage("the bridge is closed");
    }

    // ------------------------------------------------------------------------------------------------ all at once

    /**
     * Coroutines of two loops and threads of both kinds put and take, and those that take are cancelled and interrupted
     * again and again. Every item arrives once; then the bridge is closed, and everybody hears of it.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void nothingIsLostNorDoubledBetweenLoopsAndThreads(int capacity) throws Exception {
        int producers = 6;
        int each = 5_000;
        Bridge<Integer> bridge = new Bridge<>(capacity);
        AtomicIntegerArray arrived = new AtomicIntegerArray(producers * each);
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> loops = new ArrayList<>();
        List<Thread> putting = new ArrayList<>();
        List<Thread> taking = new ArrayList<>();
        CountDownLatch allPut = new CountDownLatch(producers);

        for (int l = 0; l < 2; l++) {
            int first = l * each;
            loops.add(thread(failures, () -> {
                try (EventLoop loop = newEventLoop()) {
                    loop.runUntilComplete(() -> {
                        List<Task<?, InterruptedException>> tasks = new ArrayList<>();
                        tasks.add(createTask(() -> {
                            putAll(bridge, first, each);
                            allPut.countDown();
                        }));
                        for (int i = 0; i < 3; i++) {
                            tasks.add(createTask(() -> takeUntilClosed(bridge, arrived, true)));
                        }
                        for (Task<?, InterruptedException> task : tasks) {
                            task.await();
                        }
                    });
                }
            }));
        }
        for (int p = 2; p < producers; p++) {
            int first = p * each;
            Action<InterruptedException> work = () -> {
                putAll(bridge, first, each);
                allPut.countDown();
            };
            putting.add(p % 2 == 0 ? thread(failures, work) : virtualThread(failures, work));
        }
        for (int t = 0; t < 4; t++) {
            Action<InterruptedException> work = () -> takeUntilClosed(bridge, arrived, false);
            taking.add(t % 2 == 0 ? thread(failures, work) : virtualThread(failures, work));
        }

        while (allPut.getCount() > 0 && failures.isEmpty()) {
            taking.get(ThreadLocalRandom.current().nextInt(taking.size())).interrupt();
            Thread.yield();
        }
        bridge.close();
        for (List<Thread> threads : List.of(putting, taking, loops)) {
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failures).isEmpty();
        for (int i = 0; i < arrived.length(); i++) {
            assertThat(arrived.get(i)).as("item %s", i).isEqualTo(1);
        }
        assertThat(bridge.waiting()).isZero();
        assertThat(bridge.size()).isZero();
    }

    private static void putAll(Bridge<Integer> bridge, int first, int count) throws InterruptedException {
        for (int i = first; i < first + count; i++) {
            bridge.put(i);
        }
    }

    private static void takeUntilClosed(Bridge<Integer> bridge, AtomicIntegerArray arrived, boolean coroutine)
            throws InterruptedException {
        try {
            for (int n = 0; ; n++) {
                Integer item;
                if (coroutine && n % 3 == 0) {
                    item = takeOrBeCancelled(bridge);
                } else if (coroutine) {
                    item = bridge.get();
                } else {
                    item = takeOrBeInterrupted(bridge);
                }
                if (item != null) {
                    arrived.incrementAndGet(item);
                }
            }
        } catch (QueueShutDownException e) {
            // the end
        }
    }

    /** A task of its own takes an item, and is cancelled a turn later: whichever comes first. */
    private static Integer takeOrBeCancelled(Bridge<Integer> bridge) throws InterruptedException {
        Task<Integer, InterruptedException> task = createTask(bridge::get);
        yieldNow();
        task.cancel();
        try {
            return task.await();
        } catch (TaskCancelledException e) {
            return null;
        }
    }

    private static Integer takeOrBeInterrupted(Bridge<Integer> bridge) {
        try {
            return bridge.get();
        } catch (InterruptedException e) {
            return null;
        }
    }

    private static Thread thread(ConcurrentLinkedQueue<Throwable> failures, Action<InterruptedException> work) {
        return Thread.ofPlatform().daemon().start(() -> runAndNote(failures, work));
    }

    private static Thread virtualThread(ConcurrentLinkedQueue<Throwable> failures, Action<InterruptedException> work) {
        return Thread.ofVirtual().start(() -> runAndNote(failures, work));
    }

    private static void runAndNote(ConcurrentLinkedQueue<Throwable> failures, Action<InterruptedException> work) {
        try {
            work.run();
        } catch (Throwable failure) {
            failures.add(failure);
        }
    }
}
