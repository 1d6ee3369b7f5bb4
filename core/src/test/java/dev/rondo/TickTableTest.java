package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.gatherOrCancel;
import static dev.rondo.Asyncio.shield;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitAll;
import static dev.rondo.Asyncio.waitAny;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.rondo.spec.Spec;
import dev.rondo.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How many turns of the loop each wait takes, as asyncio's were counted. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class TickTableTest {

    private static final Duration FOREVER = Duration.ofDays(1000);

    /** Reads one nanosecond later each time, so that the shortest sleep is over in the next turn. */
    static Clock tickingClock() {
        return new AtomicLong()::incrementAndGet;
    }

    /** A callback that queues itself anew: it runs once in each turn, before all else. */
    static final class TurnCounter implements Runnable {
        private final EventLoop loop;
        int turns;

        TurnCounter(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            turns++;
            loop.callSoon(this);
        }
    }

    @ParameterizedTest
    @MethodSource
    @Spec("TICK")
    void takes(int ticks, Object outcome, Coroutine<?, Exception> body) throws Exception {
        try (EventLoop loop = EventLoop.builder().clock(tickingClock()).build()) {
            TurnCounter counter = new TurnCounter(loop);
            loop.callSoon(counter);
            loop.runUntilComplete(() -> {
                int before = counter.turns;
                Object result;
                try {
                    result = body.run();
                } catch (AsyncTimeoutException e) {
                    result = AsyncTimeoutException.class;
                }
                assertThat(counter.turns - before).isEqualTo(ticks);
                assertThat(result).isEqualTo(outcome);
            });
        }
    }

    static Stream<Arguments> takes() {
        return Stream.of(
                row("await done promise", 0, 7, () -> done(7).await()),
                row("call of a method that does not suspend", 0, 1, TickTableTest::noop),
                row("await finished task", 0, 1, () -> finishedTask().await(), 2),
                row("sleep(0)", 1, null, () -> sleepFor(Duration.ZERO)),
                row("sleep(-1)", 1, null, () -> sleepFor(Duration.ofSeconds(-1))),
                row("yieldNow()", 1, null, () -> {
                    yieldNow();
                    return null;
                }),
                row("AsyncQueue.put with room", 0, null, () -> {
                    new AsyncQueue<Integer>(1).put(7);
                    return null;
                }),
                row("AsyncQueue.get with an item", 0, 7, () -> {
                    AsyncQueue<Integer> queue = new AsyncQueue<>();
                    queue.putNowait(7);
                    return queue.get();
                }),
                row("sleep(tiny)", 2, null, () -> sleepFor(Duration.ofNanos(1))),
                row(
                        "await new task",
                        2,
                        1,
                        () -> createTask(TickTableTest::noop).await()),
                row("gather()", 0, List.of(), () -> gather(List.<Task<Integer, RuntimeException>>of())),
                row("gather(done, done)", 0, List.of(1, 2), () -> gather(List.of(done(1), done(2)))),
                row("gather(noop, noop)", 3, List.of(1, 1), () -> gather(TickTableTest::noop, TickTableTest::noop)),
                row("lock.acquire(), uncontended", 0, null, action(() -> new AsyncLock().acquire())),
                row("lock.hold(), uncontended", 0, null, action(() -> new AsyncLock().hold())),
                row("semaphore.acquire(), uncontended", 0, null, action(() -> new AsyncSemaphore().acquire())),
                row("await set event", 0, null, action(() -> {
                    AsyncEvent event = new AsyncEvent();
                    event.set();
                    event.await();
                })),
                row("barrier of one", 0, 0, () -> new AsyncBarrier(1).await()),
                row("empty taskGroup", 0, 1, () -> taskGroup(_ -> 1)),
                row(
                        "taskGroup(noop)",
                        3,
                        1,
                        () -> taskGroup(tg -> {
                            tg.createTask(TickTableTest::noop);
                            return 1;
                        })),
                row(
                        "gatherOrCancel(noop, noop)",
                        3,
                        List.of(1, 1),
                        () -> gatherOrCancel(TickTableTest::noop, TickTableTest::noop)),
                row("timeout(1) without await", 0, 1, () -> timeout(Duration.ofSeconds(1), TickTableTest::noop)),
                row("timeout(0) without await", 0, 1, () -> timeout(Duration.ZERO, TickTableTest::noop)),
                row(
                        "timeout(0) and sleep(0)",
                        1,
                        AsyncTimeoutException.class,
                        () -> timeout(Duration.ZERO, () -> {
                            yieldNow();
                            return "survived";
                        })),
                row(
                        "timeout(0) and twice sleep(0)",
                        1,
                        AsyncTimeoutException.class,
                        () -> timeout(Duration.ZERO, () -> {
                            yieldNow();
                            yieldNow();
                            return "survived";
                        })),
                row("asCompleted(noop, noop)", 3, List.of(1, 1), () -> {
                    List<Object> values = new ArrayList<>();
                    for (var task :
                            asCompleted(List.of(createTask(TickTableTest::noop), createTask(TickTableTest::noop)))) {
                        values.add(task.await());
                    }
                    return values;
                }),
                row("shield(done)", 0, 7, () -> shield(done(7))),
                row("shield(noop)", 3, 1, () -> shield(TickTableTest::noop)),
                row(
                        "waitAll(done)",
                        2,
                        1,
                        () -> waitAll(List.of(done(7))).done().size()),
                row(
                        "waitAll(task)",
                        3,
                        1,
                        () -> waitAll(List.of(createTask(TickTableTest::noop)))
                                .done()
                                .size()),
                row(
                        "waitAny(done, task)",
                        2,
                        1,
                        () -> waitAny(List.of(done(7), createTask(() -> sleepFor(FOREVER))))
                                .done()
                                .size()),
                row("waitFor(1, noop)", 0, 1, () -> waitFor(Duration.ofSeconds(1), TickTableTest::noop)),
                row("waitFor(never, noop)", 0, 1, () -> waitFor(null, TickTableTest::noop)),
                row(
                        "waitFor(0, noop)",
                        3,
                        AsyncTimeoutException.class,
                        () -> waitFor(Duration.ZERO, TickTableTest::noop)),
                row("waitFor(0, done)", 0, 7, () -> waitFor(Duration.ZERO, done(7))),
                row("await eager task", 0, 1, () -> eager(TickTableTest::noop).await()),
                row(
                        "await eager task that yields",
                        2,
                        1,
                        () -> eager(() -> {
                                    yieldNow();
                                    return 1;
                                })
                                .await()),
                row(
                        "gather(eager, eager)",
                        0,
                        List.of(1, 1),
                        () -> gather(List.of(eager(TickTableTest::noop), eager(TickTableTest::noop)))),
                row("shield(eager)", 0, 1, () -> shield(eager(TickTableTest::noop))),
                row(
                        "waitAll(eager)",
                        2,
                        1,
                        () -> waitAll(List.of(eager(TickTableTest::noop)))
                                .done()
                                .size()),
                row(
                        "asCompleted(eager)",
                        2,
                        1,
                        () -> asCompleted(List.of(eager(TickTableTest::noop)))
                                .iterator()
                                .next()
                                .await()));
    }

    private static Arguments row(String name, int ticks, Object outcome, Coroutine<?, Exception> body) {
        return row(name, ticks, outcome, body, 0);
    }

    /** A row whose body takes some turns to prepare what is awaited. */
    private static Arguments row(
            String name, int ticks, Object outcome, Coroutine<?, Exception> body, int ticksOfPreparation) {
        return argumentSet(name, ticks + ticksOfPreparation, outcome, body);
    }

    private static Coroutine<?, Exception> action(Action<Exception> action) {
        return action.asCoroutine();
    }

    private static Task<Integer, RuntimeException> eager(Coroutine<Integer, RuntimeException> coroutine) {
        return createTask(coroutine, TaskOptions.eager());
    }

    private static int noop() {
        return 1;
    }

    private static Object sleepFor(Duration delay) {
        sleep(delay);
        return null;
    }

    private static <T> Promise<T, RuntimeException> done(T value) {
        Promise<T, RuntimeException> promise = Asyncio.getRunningLoop().createFuture();
        promise.setResult(value);
        return promise;
    }

    private static Task<Integer, RuntimeException> finishedTask() {
        Task<Integer, RuntimeException> task = createTask(TickTableTest::noop);
        yieldNow();
        yieldNow();
        return task;
    }
}
