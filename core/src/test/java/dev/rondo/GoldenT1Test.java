package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.shield;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitAll;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** What each wait costs in turns of the loop, and what it gives. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class GoldenT1Test {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Golden golden = new Golden("t1");
    private final EventLoop loop =
            EventLoop.builder().clock(TickTableTest.tickingClock()).build();
    private final TickTableTest.TurnCounter counter = new TickTableTest.TurnCounter(loop);

    @Test
    @Spec("TICK")
    void printsWhatPythonPrinted() {
        // How soon the pool's thread is done is not the loop's to say: what Python printed was a lucky run.
        golden.without("run_in_executor");
        // Difference 15: what says nothing but that it is over returns nothing.
        for (String name : List.of("Lock.acquire uncontended", "Event.wait set", "Semaphore.acquire")) {
            golden.differs("%-58s ticks=0 -> True".formatted(name), "%-58s ticks=0 -> None".formatted(name));
        }
        // Counted, since promises and tasks have texts of their own.
        golden.differs("({<Future finished result=7>}, set())", "(1, 0)");
        golden.differs("({<Task finished name='Task-7' coro=<noop() done, defined at golde", "(1, 0)");
        try (loop) {
            loop.callSoon(counter);
            loop.runUntilComplete(this::main);
        }
        golden.check();
    }

    private void measure(String name, Coroutine<?, ?> awaited) {
        int before = counter.turns;
        Object result;
        try {
            result = awaited.run();
        } catch (Throwable failure) {
            result = Golden.repr(failure);
        }
        golden.print("%-58s ticks=%d -> %s".formatted(name, counter.turns - before, Golden.repr(result)));
    }

    private static int noop() {
        return 1;
    }

    private static @Nullable Object sleeps(Duration delay, @Nullable Object result) {
        sleep(delay);
        return result;
    }

    private static Coroutine<@Nullable Object, RuntimeException> returnsNothing(Runnable action) {
        return () -> {
            action.run();
            return null;
        };
    }

    private static Golden.Tuple counted(Waited<?> waited) {
        return Golden.tuple(waited.done().size(), waited.pending().size());
    }

    private void main() {
        Promise<Integer, RuntimeException> done = loop.createFuture();
        done.setResult(7);
        measure("await done future", done::await);
        measure("await plain coroutine", GoldenT1Test::noop);
        measure("sleep(0)", () -> sleeps(Duration.ZERO, "r"));
        measure("sleep(-1)", () -> sleeps(Duration.ofSeconds(-1), null));
        measure("sleep(1e-9)", () -> sleeps(Duration.ofNanos(1), null));
        measure("create_task(noop)", createTask(GoldenT1Test::noop)::await);
        Task<Integer, RuntimeException> finished = createTask(GoldenT1Test::noop);
        yieldNow();
        yieldNow();
        measure("await finished task", finished::await);
        measure("gather()", () -> gather(List.<Task<?, RuntimeException>>of()));
        measure("gather(noop,noop)", () -> gather(GoldenT1Test::noop, GoldenT1Test::noop));
        measure("shield(done)", () -> shield(done));
        measure("shield(noop())", () -> shield(GoldenT1Test::noop));
        measure("wait([done])", () -> counted(waitAll(List.of(done))));
        measure("wait([task])", () -> counted(waitAll(List.of(createTask(GoldenT1Test::noop)))));
        measure("wait_for(noop(),1)", () -> waitFor(SECOND, GoldenT1Test::noop));
        measure("wait_for(noop(),None)", () -> waitFor(null, GoldenT1Test::noop));
        measure("wait_for(noop(),0)", () -> waitFor(Duration.ZERO, GoldenT1Test::noop));
        measure("wait_for(donefut,0)", () -> waitFor(Duration.ZERO, done));
        measure("Lock.acquire uncontended", returnsNothing(new AsyncLock()::acquire));
        AsyncEvent event = new AsyncEvent();
        event.set();
        measure("Event.wait set", returnsNothing(event::await));
        AsyncQueue<Integer> queue = new AsyncQueue<>();
        measure("Queue.put", returnsNothing(() -> queue.put(1)));
        measure("Queue.get", queue::get);
        measure("Semaphore.acquire", returnsNothing(new AsyncSemaphore(1)::acquire));
        measure("empty TaskGroup", returnsNothing(() -> taskGroup(_ -> {})));
        measure(
                "TaskGroup 1 noop",
                returnsNothing(() -> taskGroup(group -> {
                    group.createTask(GoldenT1Test::noop);
                })));
        measure("timeout(1) no await", () -> timeout(SECOND, GoldenT1Test::noop));
        measure("timeout(0) body without await", () -> timeout(Duration.ZERO, GoldenT1Test::noop));
        measure(
                "timeout(0) + sleep(0)",
                () -> timeout(Duration.ZERO, () -> {
                    yieldNow();
                    return "survived";
                }));
        measure(
                "timeout(0) + 2x sleep(0)",
                () -> timeout(Duration.ZERO, () -> {
                    yieldNow();
                    yieldNow();
                    return "survived";
                }));
        measure("Barrier(1).wait", new AsyncBarrier(1)::await);
        measure("as_completed 2", () -> {
            List<Integer> values = new ArrayList<>();
            for (var task : asCompleted(List.of(createTask(GoldenT1Test::noop), createTask(GoldenT1Test::noop)))) {
                values.add(task.await());
            }
            return values;
        });
    }
}
