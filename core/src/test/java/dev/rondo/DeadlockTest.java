package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tasks that wait for one another are reported, and left alone. */
class DeadlockTest extends LoopTestCase {

    /** A lock that knows its owner, so far as the report asks. */
    private static final class Owned extends LoopBound {
        private final String name;
        private final WaitList waiters = new WaitList(this, () -> {});
        private @Nullable Task<?, ?> owner;

        Owned(String name) {
            this.name = name;
        }

        void acquire() {
            while (owner != null) {
                waiters.await();
            }
            owner = Asyncio.currentTask();
        }

        void release() {
            owner = null;
            waiters.wakeFirst();
        }

        @Override
        @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
            return owner == null ? null : List.of(owner);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Has the first of the tasks that a report names cancelled, so that the test can end. */
    private void breakEachRing() {
        loop.setExceptionHandler((_, context) -> {
            reported.add(context);
            if (context.details().containsKey("deadlock")) {
                ring(context).getFirst().cancel();
            }
        });
    }

    private static List<Task<?, ?>> ring(ExceptionContext context) {
        List<Task<?, ?>> ring = new ArrayList<>();
        for (Object each : (List<?>) context.details().get("deadlock")) {
            ring.add((Task<?, ?>) each);
        }
        return ring;
    }

    private static List<String> names(ExceptionContext context) {
        return ring(context).stream().map(Task::name).toList();
    }

    private static List<Task<?, RuntimeException>> tasksInARing(int size) {
        List<Task<?, RuntimeException>> ring = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int next = (i + 1) % size;
            ring.add(createTask(() -> ring.get(next).await(), "t" + i));
        }
        return ring;
    }

    private Task<?, RuntimeException> holdsAndWants(String name, Owned holds, Owned wants) {
        return createTask(
                () -> {
                    holds.acquire();
                    try {
                        yieldNow();
                        wants.acquire();
                        wants.release();
                    } finally {
                        holds.release();
                    }
                },
                name);
    }

    private static void swallowCancelOf(Task<?, RuntimeException> task) {
        try {
            task.await();
        } catch (TaskCancelledException e) {
            // cancelled, as it had to be
        }
    }

    @Test
    void tasksThatAwaitOneAnotherAreReportedWithTheRingAndEachStack() {
        breakEachRing();
        run(() -> {
            for (Task<?, RuntimeException> task : tasksInARing(3)) {
                swallowCancelOf(task);
            }
        });
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(names(context)).containsExactlyInAnyOrder("t0", "t1", "t2");
            assertThat(context.exception()).isNull();
            assertThat(context.message())
                    .startsWith("Deadlock: 3 tasks wait for one another in a ring, 4 tasks in all cannot go on."
                            + " Unless one of them is cancelled they will wait for ever:")
                    .contains(
                            "t0 (dev.rondo.DeadlockTest.lambda) waits for task t1\n      at dev.rondo.DeadlockTest.lambda$tasksInARing$")
                    .contains("t1 (dev.rondo.DeadlockTest.lambda) waits for task t2\n      at ")
                    .contains("t2 (dev.rondo.DeadlockTest.lambda) waits for task t0\n      at ");
        });
    }

    @Test
    void locksThatAreTakenInOppositeOrderAreReportedWithTheirOwners() {
        breakEachRing();
        Owned a = new Owned("lock a");
        Owned b = new Owned("lock b");
        run(() -> {
            Task<?, RuntimeException> first = holdsAndWants("first", a, b);
            Task<?, RuntimeException> second = holdsAndWants("second", b, a);
            swallowCancelOf(first);
            second.await();
        });
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(names(context)).containsExactly("first", "second");
            assertThat(context.message())
                    .contains("waits for lock b, which needs task second", "waits for lock a, which needs task first");
        });
    }

    @Test
    void aTaskThatWaitsForItsOwnLockIsReported() {
        breakEachRing();
        Owned lock = new Owned("lock");
        run(() -> swallowCancelOf(holdsAndWants("one", lock, lock)));
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(names(context)).containsExactly("one");
            assertThat(context.message())
                    .startsWith("Deadlock: task one waits for itself, 2 tasks in all cannot go on.");
        });
    }

    @Test
    void gatherAndAsCompletedArePartsOfARing() {
        breakEachRing();
        run(() -> {
            List<Task<?, RuntimeException>> tasks = new ArrayList<>();
            tasks.add(createTask(() -> gather(List.of(tasks.get(1))), "gathers"));
            tasks.add(createTask(
                    () -> asCompleted(List.of(tasks.get(0))).forEach(each -> log.add(each.name())), "iterates"));
            swallowCancelOf(tasks.getFirst());
        });
        assertThat(reported)
                .singleElement()
                .satisfies(context -> assertThat(names(context)).containsExactlyInAnyOrder("gathers", "iterates"));
    }

    @Test
    void aGatherOfWhichOneCanStillEndIsNoDeadlock() {
        run(() -> {
            Promise<String, RuntimeException> outside = loop.createFuture();
            List<Task<?, RuntimeException>> tasks = new ArrayList<>();
            Task<String, RuntimeException> free = createTask(() -> outside.await());
            tasks.add(createTask(() -> gather(List.of(tasks.get(1), free)), "gathers"));
            tasks.add(createTask(
                    () -> asCompleted(List.of(tasks.get(0))).iterator().next(), "waits"));
            Thread.ofPlatform().start(() -> {
                awaitIdle();
                loop.callSoonThreadsafe(() -> tasks.get(1).cancel());
                loop.callSoonThreadsafe(() -> outside.setResult(""));
            });
            assertThatThrownBy(tasks.getFirst()::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(reported).isEmpty();
    }

    /** Waits, on another thread, until the loop has nothing to do. */
    private void awaitIdle() {
        while (!loop.reactor().asleep()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aNearMissThatSomebodyOutsideEndsIsSilent() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<String, RuntimeException> inner = createTask(() -> promise.await());
            Task<String, RuntimeException> outer = createTask(() -> inner.await());
            Thread.ofPlatform().start(() -> {
                awaitIdle();
                loop.callSoonThreadsafe(() -> promise.setResult(""));
            });
            outer.await();
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void workersThatPutBackWhatTheyTakeAndWaitForTheNextVisitorAreNoDeadlock() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            for (int i = 0; i < 2; i++) {
                createTask(() -> {
                    for (int attempt : queue) {
                        if (attempt < 3) {
                            queue.put(attempt + 1); // once more
                        } else {
                            log.add("done");
                        }
                    }
                });
            }
            for (int visitor = 0; visitor < 3; visitor++) {
                createTask(() -> queue.put(1)).await();
                Promise<String, RuntimeException> idle = loop.createFuture();
                Thread.ofPlatform().start(() -> {
                    awaitIdle();
                    loop.callSoonThreadsafe(() -> idle.setResult(""));
                });
                idle.await();
            }
            queue.shutdown();
        });
        assertThat(log).hasSize(3);
        assertThat(reported).isEmpty();
    }

    @Test
    void aNearMissThatATimerOrAThreadEndsIsSilent() {
        Owned a = new Owned("lock a");
        Owned b = new Owned("lock b");
        run(() -> {
            createTask(() -> {
                b.acquire();
                sleep(Duration.ofSeconds(1));
                toThread(() -> log.add("slept"));
                b.release();
            });
            yieldNow();
            holdsAndWants("first", a, b).await();
        });
        assertThat(log).containsExactly("slept");
        assertThat(reported).isEmpty();
    }

    @Test
    void aRingThatATimeoutWillBreakIsSilent() {
        Owned a = new Owned("lock a");
        Owned b = new Owned("lock b");
        run(() -> {
            Task<?, RuntimeException> first = createTask(() -> timeout(Duration.ofSeconds(1), () -> {
                a.acquire();
                try {
                    yieldNow();
                    loop.deadlocks().look();
                    b.acquire();
                } finally {
                    a.release();
                }
            }));
            Task<?, RuntimeException> second = holdsAndWants("second", b, a);
            for (int i = 0; i < 5; i++) {
                yieldNow();
            }
            loop.deadlocks().look();
            assertThatThrownBy(first::await).isInstanceOf(AsyncTimeoutException.class);
            second.await();
            assertThat(first.hasDeadline()).isFalse();
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void aRingIsReportedOnceForAsLongAsItLasts() {
        run(() -> {
            List<Task<?, RuntimeException>> ring = tasksInARing(2);
            yieldNow();
            for (int i = 0; i < 3; i++) {
                loop.deadlocks().look();
                yieldNow();
            }
            assertThat(reported).hasSize(1);
            ring.getFirst().cancel();
            yieldNow();
            yieldNow();
            loop.deadlocks().look();
            yieldNow();
            assertThat(reported).hasSize(1);
            List<Task<?, RuntimeException>> another = tasksInARing(2);
            yieldNow();
            loop.deadlocks().look();
            yieldNow();
            assertThat(reported).hasSize(2);
            another.getFirst().cancel();
        });
    }

    @Test
    void twoRingsAreTwoReports() {
        run(() -> {
            List<Task<?, RuntimeException>> one = tasksInARing(2);
            List<Task<?, RuntimeException>> other = tasksInARing(3);
            createTask(() -> other.get(1).await(), "waits for the ring");
            yieldNow();
            loop.deadlocks().look();
            yieldNow();
            assertThat(reported).extracting(context -> ring(context).size()).containsExactly(2, 3);
            one.getFirst().cancel();
            other.getFirst().cancel();
        });
    }

    @Test
    void aReportChangesNothing() {
        run(() -> {
            List<Task<?, RuntimeException>> ring = tasksInARing(2);
            yieldNow();
            loop.deadlocks().look();
            yieldNow();
            assertThat(ring).allSatisfy(task -> {
                assertThat(task.done()).isFalse();
                assertThat(task.cancelling()).isZero();
            });
            ring.getFirst().cancel();
        });
        assertThat(reported).hasSize(1);
    }

    @Test
    void manyTasksInOneRingAreLookedThroughAtOnceAndShortlyReported() {
        breakEachRing();
        run(() -> {
            for (Task<?, RuntimeException> task : tasksInARing(2_000)) {
                swallowCancelOf(task);
            }
        });
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(ring(context)).hasSize(2_000);
            assertThat(context.message()).contains("… and 1980 more").hasSizeLessThan(20_000);
        });
    }

    @Test
    void aLongChainBehindAWaitThatCanEndIsNoRing() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Awaitable<?, RuntimeException> last = promise;
            for (int i = 0; i < 20_000; i++) {
                Awaitable<?, RuntimeException> next = last;
                last = createTask(() -> next.await());
            }
            yieldNow();
            loop.deadlocks().look();
            promise.setResult("");
            last.await();
        });
        assertThat(reported).isEmpty();
    }

    /** In real time the watchdog asks for looks, so that a loop which is never idle hears of it too. */
    @Test
    void aLoopThatIsNeverIdleIsAskedToLook() {
        List<ExceptionContext> seen = new ArrayList<>();
        try (EventLoop busy = Asyncio.newEventLoop()) {
            busy.setExceptionHandler((_, context) -> seen.add(context));
            busy.runUntilComplete(() -> {
                List<Task<?, RuntimeException>> ring = tasksInARing(2);
                while (seen.isEmpty()) {
                    yieldNow();
                }
                ring.getFirst().cancel();
                swallowCancelOf(ring.getFirst());
            });
        }
        assertThat(seen)
                .singleElement()
                .satisfies(context -> assertThat(ring(context)).hasSize(2));
    }
}
