package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** What an observer of a loop is told, and when. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class LoopObserverTest {

    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final EventLoop loop = EventLoop.builder()
            .clock(new VirtualClock())
            .observer(new Logging())
            .build();
    private Runnable whenIdle = () -> {};

    private final class Logging implements LoopObserver {
        @Override
        public void created(Task<?, ?> task) {
            log.add(task.name() + " is created");
        }

        @Override
        public void runs(Object item) {
            log.add((item instanceof Task<?, ?> task ? task.name() : item) + " runs");
        }

        @Override
        public void waits(Task<?, ?> task, Object what) {
            log.add(task.name() + " waits for " + (what instanceof Task<?, ?> other ? other.name() : what));
        }

        @Override
        public void parked(Task<?, ?> task) {
            log.add(task.name() + " is parked");
        }

        @Override
        public void released(Task<?, ?> task, Thread by) {
            assertThat(Thread.currentThread()).isSameAs(by);
            log.add(task.name() + " is released by " + by.getName());
        }

        @Override
        public void posted(Thread by) {
            assertThat(Thread.currentThread()).isSameAs(by);
            log.add(by.getName() + " posts");
        }

        @Override
        public void ended(Task<?, ?> task) {
            log.add(task.name() + (task.done() ? " has ended" : " has no outcome"));
        }

        @Override
        public void handlerFailed(Throwable failure) {
            log.add("the handler failed: " + failure.getMessage());
        }

        @Override
        public void idle() {
            log.add("idle");
            whenIdle.run();
        }
    }

    @AfterEach
    void closeTheLoop() {
        loop.close();
    }

    private List<String> logWithoutEnd() {
        List<String> lines = new ArrayList<>(log);
        int end = lines.indexOf("Task-1 has ended");
        return lines.subList(0, end + 1);
    }

    @Test
    void itIsToldOfEachStepInOrder() throws Exception {
        loop.runUntilComplete(() -> {
            Task<?, ?> child = createTask(() -> {
                yieldNow();
                sleep(Duration.ofSeconds(1));
            });
            child.await();
        });
        assertThat(logWithoutEnd())
                .containsExactly(
                        "Task-1 is created",
                        "Task-1 runs",
                        "Task-2 is created",
                        "Task-1 waits for Task-2",
                        "Task-2 runs",
                        "Task-2 waits for its next turn",
                        "Task-2 runs",
                        "Task-2 waits for sleep of Task-2",
                        "sleep of Task-2 runs",
                        "Task-2 runs",
                        "Task-2 has ended",
                        "Task-1 runs",
                        "Task-1 has ended");
    }

    @Test
    void itIsToldOfCallbacksAndFailuresToo() throws Exception {
        loop.runUntilComplete(() -> {
            loop.callSoon(() -> log.add("callback"));
            Task<?, ?> failing = createTask(() -> {
                throw new IllegalStateException();
            });
            yieldNow();
            assertThat(failing.done()).isTrue();
            Throwable unused = failing.exception();
        });
        assertThat(logWithoutEnd())
                .containsExactly(
                        "Task-1 is created",
                        "Task-1 runs",
                        "Task-2 is created",
                        "Task-1 waits for its next turn",
                        "<Handle dev.rondo.LoopObserverTest.lambda> runs",
                        "callback",
                        "Task-2 runs",
                        "Task-2 has ended",
                        "Task-1 runs",
                        "Task-1 has ended");
    }

    @Test
    void itIsToldOfAnExceptionHandlerThatThrows() throws Exception {
        List<String> handled = new ArrayList<>();
        loop.runUntilComplete(() -> {
            loop.callSoon(() -> {
                throw new IllegalStateException("the callback");
            });
            loop.setExceptionHandler((_, context) -> handled.add(String.valueOf(context.exception())));
            yieldNow();
            assertThat(log).noneMatch(line -> line.startsWith("the handler failed"));
            loop.setExceptionHandler((_, _) -> {
                throw new IllegalStateException("not mine");
            });
            loop.callSoon(() -> {
                throw new IllegalStateException("the callback");
            });
            yieldNow();
        });
        assertThat(handled).hasSize(1);
        assertThat(log).contains("the handler failed: not mine");
    }

    @Test
    void aWaitThatACancelEndsAtOnceIsNoWait() throws Exception {
        loop.runUntilComplete(() -> {
            Task<?, ?> task = Asyncio.currentTask();
            task.cancel();
            try {
                sleep(Duration.ofSeconds(1));
            } catch (CancelledError e) {
                task.uncancel();
            }
        });
        assertThat(log).noneMatch(line -> line.contains("waits for"));
    }

    @Test
    void eachLoopThatIsObservedNumbersItsTasksFromOne() throws Exception {
        for (int n = 0; n < 2; n++) {
            try (EventLoop loop =
                    EventLoop.builder().observer(new LoopObserver() {}).build()) {
                assertThat((String) loop.runUntilComplete(
                                () -> Asyncio.currentTask().name()))
                        .isEqualTo("Task-1");
            }
        }
    }

    @Test
    void whatIsTheLoopsOwnIsCalledTheSameInEachRun() throws Exception {
        loop.runUntilComplete(() -> {
            Task<?, ?> sleeper = createTask(() -> sleep(Duration.ofSeconds(2)));
            Asyncio.waitAll(List.of(sleeper), Duration.ofSeconds(1));
            CancelScope.moveOnAfter(Duration.ofSeconds(1), () -> sleep(Duration.ofSeconds(2)));
        });
        assertThat(log)
                .contains("the timeout of a wait of Task-1 runs", "the deadline of a cancel scope runs")
                .noneMatch(line -> line.matches(".*(@|0x).*"));
    }

    // ------------------------------------------------------------------------------------------------ other threads

    @Test
    void itIsToldOfAThreadThatReleasesATask() throws Exception {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        loop.runUntilComplete(() -> {
            Task<?, ?> taker = createTask(queue::take);
            LoopTestCase.awaitForeign(taker);
            Thread.ofPlatform().name("other").start(() -> queue.add("item"));
            taker.await();
        });
        assertThat(log)
                .containsSubsequence(
                        "Task-2 is parked",
                        "Task-2 is released by other",
                        "other posts",
                        "Task-2 runs",
                        "Task-2 has ended");
    }

    @Test
    void aTaskThatReleasesAnotherIsNoOtherThread() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        loop.runUntilComplete(() -> {
            lock.lock();
            Task<?, ?> second = createTask(() -> {
                lock.lock();
                lock.unlock();
            });
            yieldNow();
            lock.unlock();
            second.await();
        });
        assertThat(log)
                .contains("Task-2 is parked")
                .noneMatch(line -> line.contains("released") || line.contains("posts"));
    }

    @Test
    void itIsToldOfAThreadThatCallsIn() throws Exception {
        loop.runUntilComplete(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            loop.callSoonThreadsafe(() -> log.add("from here"));
            Thread.ofPlatform().name("other").start(() -> loop.callSoonThreadsafe(() -> promise.setResult("")));
            promise.await();
        });
        assertThat(log).containsOnlyOnce("other posts").contains("from here");
        assertThat(log.stream().filter(line -> line.endsWith("posts"))).hasSize(1);
    }

    @Test
    void aThreadThatCallsInWhileAVirtualThreadOfTheLoopRunsIsNotOverlooked() throws Exception {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        loop.runUntilComplete(() -> {
            Task<?, ?> taker = createTask(queue::take);
            LoopTestCase.awaitForeign(taker);
            Thread child = loop.threadFactory().newThread(() -> {
                Thread other = Thread.ofPlatform().name("other").start(() -> queue.add("item"));
                while (other.isAlive()) {
                    Thread.onSpinWait(); // has the loop's thread meanwhile
                }
            });
            child.start();
            taker.await();
        });
        assertThat(log).containsSubsequence("Task-2 is released by other", "other posts", "Task-2 runs");
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Test
    void itIsToldWhenNothingWillGoOn() throws Exception {
        AsyncEvent event = new AsyncEvent();
        whenIdle = () -> loop.callSoonThreadsafe(event::set);
        loop.runUntilComplete(() -> event.await());
        assertThat(log).startsWith("Task-1 is created", "Task-1 runs").containsOnlyOnce("idle");
        assertThat(log.get(2)).startsWith("Task-1 waits for ");
        assertThat(log.get(3)).isEqualTo("idle");
    }

    @Test
    void onceTheLoopIsClosedItIsToldNothing() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(2);
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        loop.setExceptionHandler((_, _) -> {});
        loop.runUntilComplete(() -> {
            Task<?, ?> suspended = createTask(() -> {
                try {
                    sleep(Duration.ofSeconds(1));
                } finally {
                    mayGoOn.await();
                    yieldNowQuietly();
                    over.countDown();
                }
            });
            Task<?, ?> parked = createTask(() -> {
                try {
                    queue.take();
                } finally {
                    over.countDown();
                }
            });
            LoopTestCase.awaitForeign(parked);
            assertThat(suspended.done()).isFalse();
        });
        loop.close();
        log.clear();
        mayGoOn.countDown();
        over.await();
        assertThat(log).isEmpty();
    }

    private static void yieldNowQuietly() {
        try {
            yieldNow();
        } catch (CancelledError | IllegalStateException e) {
            // the loop is closed
        }
    }
}
