package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.runCoroutineThreadsafe;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.chance.Choices;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Work for executors that the loop's own thread does. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class SimulatedWorkersTest {

    private static final Duration FIVE_HOURS = Duration.ofHours(5);

    private final List<String> log = new ArrayList<>();
    private final List<ExceptionContext> reported = new ArrayList<>();
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private VirtualClock clock = new VirtualClock();
    private EventLoop loop = simulating(Choices.plain());

    private EventLoop simulating(Choices choices) {
        clock = new VirtualClock();
        EventLoop loop = EventLoop.builder()
                .clock(clock)
                .choices(choices)
                .simulatedWorkers()
                .build();
        loop.setExceptionHandler((_, context) -> reported.add(context));
        return loop;
    }

    @AfterEach
    void closeTheLoop() {
        loop.close();
    }

    private <X extends Exception> void run(Action<X> main) throws X {
        loop.runUntilComplete(main);
    }

    /** Makes each choice that begins work the same, and the others plain. */
    private static Choices workersChoose(int choice) {
        return (_, what) -> what.equals("worker delay") ? choice : 0;
    }

    // ------------------------------------------------------------------------------------------------ as in a worker

    @Test
    void theWorkIsDoneOnTheLoopsThreadInAThreadOfItsOwn() {
        List<Thread> posters = new ArrayList<>();
        LoopObserver observer = new LoopObserver() {
            @Override
            public void posted(Thread by) {
                posters.add(by);
            }
        };
        try (EventLoop loop =
                EventLoop.builder().observer(observer).simulatedWorkers().build()) {
            loop.runUntilComplete(() -> {
                assertThat(toThread(() -> Thread.currentThread().getName())).isEqualTo("rondo-worker-1");
                Thread worker = toThread(Thread::currentThread);
                assertThat(worker.getName()).isEqualTo("rondo-worker-2");
                assertThat(worker).isNotSameAs(Thread.currentThread());
            });
        }
        assertThat(posters).isEmpty();
    }

    @Test
    void theWorkSeesWhatAWorkersThreadSees() throws Exception {
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        run(() -> {
            variable.set("the coroutine's");
            local.set("the coroutine's");
            toThread(() -> {
                assertThatThrownBy(Asyncio::getRunningLoop).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> loop.callSoon(() -> {}))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("callSoonThreadsafe");
                assertThat(variable.get()).isEqualTo("the coroutine's");
                assertThat((Object) local.get()).isNull();
                variable.set("the work's");
            });
            assertThat(variable.get()).isEqualTo("the coroutine's");
            String seen = loop.runInExecutor(null, variable::get).await();
            assertThat(seen).as("runInExecutor copies no context").isEqualTo("none");
        });
    }

    @Test
    void itsValueOrFailureComesBack() {
        IOException failure = new IOException("no");
        run(() -> {
            assertThat(toThread(() -> "value")).isEqualTo("value");
            assertThatThrownBy(() -> toThread(() -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThatThrownBy(() -> toThread(
                            () -> {
                                throw failure;
                            },
                            OnCancel.INTERRUPT))
                    .isSameAs(failure);
        });
    }

    @Test
    void itReachesTheLoopAsOtherThreadsDo() throws Exception {
        run(() -> {
            String value = toThread(() -> {
                loop.callSoonThreadsafe(() -> log.add("callback"));
                return runCoroutineThreadsafe(
                                () -> {
                                    sleep(FIVE_HOURS);
                                    log.add("coroutine");
                                    return "value";
                                },
                                loop)
                        .get();
            });
            assertThat(value).isEqualTo("value");
        });
        assertThat(log).containsExactly("callback", "coroutine");
        assertThat(clock.elapsed()).as("time went on while the work waited").isEqualTo(FIVE_HOURS);
    }

    @Test
    void itMayJoinACoroutineThatTakesTime() {
        run(() -> toThread(
                () -> runCoroutineThreadsafe(() -> sleep(FIVE_HOURS), loop).join()));
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
    }

    @Test
    void aBridgeWaitsWhileTimeGoesOn() throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        run(() -> {
            Task<String, ?> work = createTask(() -> toThread(bridge::get));
            sleep(FIVE_HOURS);
            bridge.put("item");
            assertThat(work.await()).isEqualTo("item");
        });
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
    }

    @Test
    void locksAndQueuesOfTheJdkSuspendTheWork() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        run(() -> {
            Task<?, ?> taker = createTask(() -> toThread(() -> {
                lock.lock();
                try {
                    log.add("takes");
                    log.add(queue.take());
                } finally {
                    lock.unlock();
                }
            }));
            Task<?, ?> second = createTask(() -> toThread(() -> {
                log.add("wants the lock");
                lock.lock();
                lock.unlock();
                log.add("had the lock");
            }));
            while (log.size() < 2) {
                yieldNow();
            }
            yieldNow();
            queue.add("item");
            taker.await();
            second.await();
        });
        assertThat(log).containsExactly("takes", "wants the lock", "item", "had the lock");
    }

    // ------------------------------------------------------------------------------------------------ virtual time

    @Test
    void workThatIsParkedInBlockingCodeHoldsVirtualTime() throws Exception {
        run(() -> {
            createTask(() -> sleep(FIVE_HOURS));
            List<Duration> seen = toThread(() -> {
                Thread.sleep(1);
                return List.of(clock.elapsed());
            });
            assertThat(seen).containsExactly(Duration.ZERO);
        });
    }

    @Test
    void whoWaitsForALockOfTheJdkLetsVirtualTimeGoOn() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        Object monitor = new Object();
        run(() -> {
            gather(
                    () -> {
                        lock.lock();
                        synchronized (monitor) {
                            sleep(FIVE_HOURS);
                        }
                        lock.unlock();
                        queue.add("item");
                    },
                    () -> {
                        lock.lock();
                        lock.unlock();
                    },
                    () -> {
                        synchronized (monitor) {
                            log.add("in the monitor");
                        }
                    },
                    () -> toThread(() -> log.add(queue.take())));
        });
        assertThat(log).contains("in the monitor", "item");
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
    }

    @Test
    void whoWaitsForAMonitorToBeNotifiedLetsVirtualTimeGoOn() throws Exception {
        Object monitor = new Object();
        run(() -> gather(
                () -> toThread(() -> {
                    synchronized (monitor) {
                        monitor.wait();
                        log.add("notified");
                    }
                }),
                () -> {
                    sleep(FIVE_HOURS);
                    synchronized (monitor) {
                        monitor.notifyAll();
                    }
                }));
        assertThat(log).containsExactly("notified");
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
    }

    @Test
    void aRealSleepInACoroutineHoldsVirtualTime() throws Exception {
        run(() -> {
            createTask(() -> sleep(FIVE_HOURS));
            yieldNow();
            Thread.sleep(1);
            assertThat(clock.elapsed()).isZero();
        });
    }

    /** Nobody outside could end it, so the observer is told, as where everybody awaits something of Rondo's. */
    @Test
    void aDeadlockOfJdkLocksIsIdle() {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        LoopObserver observer = new LoopObserver() {
            @Override
            public void idle() {
                log.add("idle");
                queue.add("rescue");
            }
        };
        try (EventLoop loop = EventLoop.builder()
                .clock(new VirtualClock())
                .observer(observer)
                .simulatedWorkers()
                .build()) {
            loop.runUntilComplete(() -> gather(() -> log.add(toThread(queue::take)), () -> sleep(FIVE_HOURS)));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(log).containsExactly("idle", "rescue");
    }

    @Test
    void theChoicesSayWhenTheWorkBegins() {
        int[] millis = {0, 1, 3, 10};
        for (int choice = 0; choice < millis.length; choice++) {
            try (EventLoop loop = simulating(workersChoose(choice))) {
                Duration begun = loop.runUntilComplete(() -> toThread(() -> clock.elapsed()));
                assertThat(begun).isEqualTo(Duration.ofMillis(millis[choice]));
            }
        }
    }

    /** Two pieces of work that each read, let the other in, and write: run in a row they make 2, overlapped 1. */
    @Test
    void orderAndOverlapAreSearched() throws Exception {
        Set<List<String>> orders = new LinkedHashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            try (EventLoop loop = simulating(Choices.seeded(seed))) {
                List<String> steps = new ArrayList<>();
                loop.runUntilComplete(() -> {
                    gather(
                            () -> toThread(() -> twoSteps("a", steps)),
                            () -> loop.runInExecutor(null, () -> twoSteps("b", steps))
                                    .await());
                });
                orders.add(steps);
            }
        }
        assertThat(orders)
                .contains(
                        List.of("a1", "a2", "b1", "b2"),
                        List.of("b1", "b2", "a1", "a2"),
                        List.of("a1", "b1", "a2", "b2"));
    }

    private static Object twoSteps(String name, List<String> steps) {
        steps.add(name + "1");
        Thread.yield();
        steps.add(name + "2");
        return name;
    }

    @Test
    void theSameSeedMakesTheSameRun() {
        List<List<String>> runs = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            List<String> steps = new ArrayList<>();
            try (EventLoop loop = simulating(Choices.seeded(7))) {
                loop.runUntilComplete(() -> {
                    gather(
                            () -> toThread(() -> twoSteps("a", steps)),
                            () -> toThread(() -> twoSteps("b", steps)),
                            () -> toThread(() -> twoSteps("c", steps)));
                });
                steps.add(clock.elapsed().toString());
            }
            runs.add(steps);
        }
        assertThat(runs.getFirst()).isEqualTo(runs.getLast());
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @Test
    void aCancelCanInterruptTheWork() {
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(
                    () -> {
                        try {
                            log.add("begins");
                            mayEnd.await();
                        } finally {
                            log.add("ends");
                        }
                    },
                    OnCancel.INTERRUPT));
            while (log.isEmpty()) {
                yieldNow();
            }
            task.cancel("why");
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            log.add("cancelled");
        });
        assertThat(log).containsExactly("begins", "ends", "cancelled");
    }

    @Test
    void aTimeOutInterruptsWorkThatWaitsForTheLoop() {
        run(() -> {
            assertThatThrownBy(() -> timeout(
                            Duration.ofSeconds(1),
                            () -> toThread(
                                    () -> runCoroutineThreadsafe(() -> sleep(FIVE_HOURS), loop)
                                            .get(),
                                    OnCancel.INTERRUPT)))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(1));
        });
    }

    @Test
    void workThatIsAbandonedGoesOnUnobserved() {
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(() -> {
                log.add("begins");
                mayEnd.await();
                log.add("ends");
            }));
            while (log.isEmpty()) {
                yieldNow();
            }
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            log.add("cancelled");
            mayEnd.countDown();
            loop.shutdownDefaultExecutor(null);
        });
        assertThat(log).containsExactly("begins", "cancelled", "ends");
    }

    @Test
    void workThatHasNotBegunIsTakenBackByEitherKindOfCancel() {
        loop.close();
        loop = simulating(workersChoose(3));
        run(() -> {
            for (OnCancel onCancel : OnCancel.values()) {
                Task<?, ?> task = createTask(() -> toThread(() -> log.add("ran"), onCancel));
                yieldNow();
                assertThat(loop.reactor().timerCount()).isEqualTo(1);
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                assertThat(loop.reactor().timerCount()).isZero();
            }
            loop.shutdownDefaultExecutor(null);
            sleep(FIVE_HOURS);
        });
        assertThat(log).isEmpty();
        assertThat(loop.workers().inFlight()).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ executors

    @Test
    void theWorkOfAnyExecutorIsSimulated() throws Exception {
        try (ExecutorService mine = Executors.newSingleThreadExecutor(
                work -> Thread.ofPlatform().name("mine").unstarted(work))) {
            run(() -> {
                String name = loop.runInExecutor(
                                mine, () -> Thread.currentThread().getName())
                        .await();
                assertThat(name).isEqualTo("rondo-worker-1");
                loop.setDefaultExecutor(mine);
                assertThat(toThread(() -> Thread.currentThread().getName())).isEqualTo("rondo-worker-2");
                mine.shutdown();
                assertThatThrownBy(() -> loop.runInExecutor(mine, () -> "never"))
                        .isInstanceOf(RejectedExecutionException.class);
                assertThat(loop.workers().inFlight()).isEmpty();
            });
        }
    }

    @Test
    void theLoopsOwnExecutorRunsCoroutinesAsEver() throws Exception {
        run(() -> {
            String value = loop.runInExecutor(loop.executor(), () -> {
                        sleep(FIVE_HOURS);
                        return "value";
                    })
                    .await();
            assertThat(value).isEqualTo("value");
        });
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
    }

    @Test
    void shutdownWaitsForCoroutinesIfThoseAreTheDefaultExecutors() throws Exception {
        run(() -> {
            loop.setDefaultExecutor(loop.executor());
            Awaitable<?, ?> working = loop.runInExecutor(null, () -> {
                sleep(FIVE_HOURS);
                return log.add("work ends");
            });
            loop.shutdownDefaultExecutor(null);
            log.add("shut down");
            working.await();
        });
        assertThat(log).containsExactly("work ends", "shut down");
    }

    @Test
    void workThatHasNotBegunHasANameInWhatIsLeft() throws Exception {
        loop.close();
        loop = simulating(workersChoose(1));
        run(() -> {
            Awaitable<?, ?> working = loop.runInExecutor(null, () -> log.add("work"));
            assertThat(loop.leftovers()).noneMatch(each -> each.contains("0x"));
            working.await();
        });
    }

    @Test
    void shutdownWaitsForTheWorkOfThePoolAlone() throws Exception {
        loop.close();
        loop = simulating(workersChoose(1));
        try (ExecutorService mine = Executors.newSingleThreadExecutor()) {
            run(() -> {
                Awaitable<?, ?> another = loop.runInExecutor(mine, () -> {
                    mayEnd.await();
                    return null;
                });
                Task<?, ?> working = createTask(() -> toThread(() -> log.add("work ends")));
                yieldNow();
                loop.shutdownDefaultExecutor(null);
                log.add("shut down");
                assertThatThrownBy(() -> toThread(() -> log.add("never")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("Executor shutdown has been called");
                working.await();
                assertThat(another.done()).isFalse();
                mayEnd.countDown();
                another.await();
            });
        }
        assertThat(log).containsExactly("work ends", "shut down");
        assertThat(reported).isEmpty();
    }

    @Test
    void shutdownReportsWhatIsStillAtWorkWhenTheTimeIsOver() throws Exception {
        Bridge<String> bridge = new Bridge<>(1);
        run(() -> {
            Awaitable<?, ?> working = loop.runInExecutor(null, bridge::get);
            yieldNow();
            yieldNow();
            loop.shutdownDefaultExecutor(Duration.ofSeconds(1));
            assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(1));
            bridge.put("item");
            assertThat((Object) working.await()).isEqualTo("item");
        });
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).isEqualTo("The executor did not finish joining its threads within 1 s");
            assertThat(context.details().get("threads").toString()).contains("rondo-worker-1\n\tat ");
        });
    }

    @Test
    void atTheEndOfARunThePoolIsWaitedFor() throws Exception {
        try (Runner runner = new Runner(() -> simulating(workersChoose(2)))) {
            runner.run(() -> {
                Awaitable<?, ?> unused = Asyncio.getRunningLoop().runInExecutor(null, () -> log.add("work"));
            });
        }
        assertThat(log).containsExactly("work");
        assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(3));
    }

    @Test
    void whatHasNotBegunWhenTheLoopClosesRunsAllTheSame() throws Exception {
        loop.close();
        loop = simulating(workersChoose(3));
        CountDownLatch ran = new CountDownLatch(1);
        run(() -> {
            Awaitable<?, ?> unused = loop.runInExecutor(null, () -> {
                ran.countDown();
                return null;
            });
        });
        loop.close();
        ran.await();
    }
}
