package dev.rondo.testkit;

import static dev.rondo.Asyncio.await;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.Runs.failureOf;
import static dev.rondo.testkit.Runs.passes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncEvent;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** What comes from outside a simulation fails it; what is between its own coroutines passes. */
class OutsiderTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void threadSleepInACoroutineIsNamedAndSaysWhatToUse() {
        assertThat(failureOf(
                        sim -> createTask(() -> Thread.sleep(10), "sleeper").await()))
                .contains("sleeper is parked in blocking code:", "java.lang.Thread.sleep", "OutsiderTest")
                .contains("use Asyncio.sleep, which takes virtual time");
    }

    @Test
    void aSleepThatEndsWhileTheOthersAreBusyIsFoundAsWell() {
        assertThat(failureOf(sim -> {
                    Task<?, ?> sleeper = createTask(() -> Thread.sleep(20), "sleeper");
                    while (!sleeper.done()) {
                        yieldNow();
                    }
                }))
                .startsWith("sleeper was resumed by a thread outside the simulation, \"VirtualThread-unparker\"."
                        + " It was parked here:")
                .contains("java.lang.Thread.sleep", "OutsiderTest")
                .endsWith("use Asyncio.sleep, which takes virtual time");
    }

    @Test
    void aFutureThatARealThreadCompletesIsNamedWithThatThread() {
        CompletableFuture<String> future = new CompletableFuture<>();
        assertThat(failureOf(sim -> {
                    Task<?, ?> waiter = createTask(() -> future.get(), "waiter");
                    yieldNow();
                    Thread.ofPlatform().name("completer").start(() -> future.complete("value"));
                    while (!waiter.done()) {
                        yieldNow();
                    }
                }))
                .startsWith("waiter was resumed by a thread outside the simulation, \"completer\". It was parked here:")
                .contains("java.util.concurrent.CompletableFuture.get")
                .contains("A future that another thread completes", "toThread", "@RealIo");
    }

    @Test
    void aFutureThatIsAwaitedAndNobodyHereCompletesSaysWhatToDo() {
        assertThat(failureOf(sim -> await(new CompletableFuture<String>())))
                .startsWith("nothing can go on in this simulation before something outside it happens")
                .contains("a future of another library that is awaited", "toThread", "@RealIo");
    }

    @Test
    void objectWaitIsNotTakenForTheEntryToSynchronizedCode() {
        Object monitor = new Object();
        assertThat(failureOf(sim -> {
                    synchronized (monitor) {
                        monitor.wait(20);
                    }
                }))
                .contains("From Object.wait the JDK resumes", "AsyncCondition")
                .doesNotContain("waited to enter");
    }

    @Test
    void whatARealThreadHasForTheLoopIsNamedWithThatThread() {
        assertThat(failureOf(sim -> {
                    AsyncEvent event = new AsyncEvent();
                    EventLoop loop = getRunningLoop();
                    Thread.ofPlatform().name("caller").start(() -> loop.callSoonThreadsafe(event::set));
                    while (!event.isSet()) {
                        yieldNow();
                    }
                }))
                .startsWith("a thread outside the simulation, \"caller\", has something for the loop to do.")
                .contains("callSoonThreadsafe", "toThread", "@RealIo");
    }

    @Test
    void whatARealThreadReportsFailsTheRunAndNotThatThread() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        String message = failureOf(sim -> {
            EventLoop loop = getRunningLoop();
            Thread thread = Thread.ofPlatform()
                    .uncaughtExceptionHandler((_, failure) -> thrown.add(failure))
                    .start(() -> loop.callExceptionHandler(new ExceptionContext("seen elsewhere", null)));
            while (thread.isAlive()) {
                yieldNow();
            }
            for (; ; ) {
                yieldNow(); // until the run is stopped
            }
        });
        assertThat(message).containsAnyOf("seen elsewhere", "a thread outside the simulation");
        assertThat(thrown).isEmpty();
    }

    @Test
    void aPlainVirtualThreadThatSleepsIsFound() {
        assertThat(failureOf(sim -> {
                    Thread thread = Thread.ofVirtual().start(OutsiderTest::sleepAWhile);
                    while (thread.isAlive()) {
                        yieldNow();
                    }
                }))
                .startsWith("a thread outside the simulation, \"VirtualThread-unparker\", has something for the loop")
                .contains("A virtual thread that was started on the loop has slept", "createTask and Asyncio.sleep");
        assertThat(failureOf(sim ->
                        Thread.ofVirtual().start(OutsiderTest::sleepAWhile).join()))
                .contains("Task-1 is parked in blocking code:", "java.lang.Thread.join")
                .contains("A plain thread is none of the simulation");
    }

    private static void sleepAWhile() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatNobodyWillReleaseIsNotWaitedFor() {
        CountDownLatch latch = new CountDownLatch(1);
        assertThat(failureOf(sim -> gather(() -> latch.await(), () -> sleep(SECOND))))
                .startsWith(
                        "nothing can go on any more: every task waits, and nothing in this simulation will wake one")
                .contains("is parked in blocking code:", "java.util.concurrent.CountDownLatch.await");
    }

    @Test
    void locksAndQueuesBetweenCoroutinesPass() {
        passes(sim -> {
            ReentrantLock lock = new ReentrantLock();
            BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
            CountDownLatch latch = new CountDownLatch(2);
            List<String> log = new ArrayList<>();
            gather(
                    () -> {
                        lock.lock();
                        sleep(SECOND);
                        log.add("first has the lock");
                        lock.unlock();
                        queue.put(1);
                        queue.put(2);
                        latch.countDown();
                    },
                    () -> {
                        lock.lock();
                        log.add("second has the lock");
                        lock.unlock();
                        log.add("takes " + queue.take());
                        log.add("takes " + queue.take());
                        latch.countDown();
                    },
                    () -> {
                        latch.await();
                        log.add("both are done");
                    });
            assertThat(log)
                    .containsExactly(
                            "first has the lock", "second has the lock", "takes 1", "takes 2", "both are done");
        });
    }

    @Test
    void theyPassInEverySchedule() {
        Explorer.random(200).check(sim -> {
            ReentrantLock lock = new ReentrantLock();
            BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
            int[] inside = new int[1];
            sim.always("one has the lock", () -> inside[0] <= 1);
            gather(
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            queue.put(i);
                        }
                    },
                    () -> within(lock, inside),
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            assertThat(queue.take()).isEqualTo(i);
                        }
                        within(lock, inside);
                    });
        });
    }

    private static void within(ReentrantLock lock, int[] inside) {
        lock.lock();
        try {
            inside[0]++;
            yieldNow();
            inside[0]--;
        } finally {
            lock.unlock();
        }
    }
}
