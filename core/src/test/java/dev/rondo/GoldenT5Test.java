package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.waitAll;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Contexts, names, and what comes in the order of completion. */
class GoldenT5Test extends LoopTestCase {

    private final Golden golden = new Golden("t5");
    private final ContextVar<Integer> variable = ContextVar.withDefault("v", 0);

    @Test
    void printsWhatPythonPrinted() {
        // Difference 15: ours returns nothing. To come back is to have been woken.
        golden.differs("event set+clear wakes True False", "event set+clear wakes None False");
        try (EventLoop ticking =
                EventLoop.builder().clock(TickTableTest.tickingClock()).build()) {
            TickTableTest.TurnCounter counter = new TickTableTest.TurnCounter(ticking);
            ticking.callSoon(counter);
            ticking.runUntilComplete(() -> eagerStarts(ticking, counter));
        }
        run(this::main);
        golden.check();
    }

    private void main() {
        contexts();
        names();
        fairness();
        wakeUps();
        queues();
        completions();
        waits();
    }

    // ------------------------------------------------------------------------------------------------ eager start

    private void eagerStarts(EventLoop loop, TickTableTest.TurnCounter counter) {
        started("lazy", () -> createTask(named("A")));
        started("eager_start=True", () -> createTask(named("A"), TaskOptions.eager()));
        loop.setTaskFactory(TaskFactory.EAGER);
        started("eager factory", () -> createTask(named("B")));
        started(
                "eager factory, eager_start=False",
                () -> createTask(named("B"), TaskOptions.none().eagerStart(false)));
        measure(counter, "eager gather(noop,noop)", () -> gather(() -> 1, () -> 1));
        measure(counter, "eager TaskGroup 1 noop", () -> {
            taskGroup(group -> {
                group.createTask(() -> 1);
            });
            return null;
        });
        measure(counter, "eager TG child fails eagerly", () -> {
            List<String> out = new ArrayList<>();
            try {
                taskGroup(group -> {
                    group.createTask(() -> {
                        throw new IllegalArgumentException();
                    });
                    out.add("create returned");
                    group.createTask(() -> 1);
                    yieldNow();
                    out.add("after sleep0");
                    yieldNow();
                    out.add("x");
                });
            } catch (TaskGroupException e) {
                out.add("EG");
            }
            return out;
        });
        loop.setTaskFactory(null);
    }

    private Coroutine<String, RuntimeException> named(String name) {
        return () -> {
            log.add(name + ":start");
            yieldNow();
            log.add(name + ":end");
            return name;
        };
    }

    private void started(String how, Supplier<Task<String, RuntimeException>> creation) {
        Task<String, RuntimeException> task = creation.get();
        log.add("after create");
        task.await();
        golden.print(how + " " + repr(log));
        log.clear();
    }

    private void measure(TickTableTest.TurnCounter counter, String name, Coroutine<?, RuntimeException> awaited) {
        int before = counter.turns;
        Object result = awaited.run();
        golden.print("%-58s ticks=%d -> %s".formatted(name, counter.turns - before, repr(result)));
    }

    // ------------------------------------------------------------------------------------------------ waiting in line

    private void fairness() {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);
        List<Object> order = new ArrayList<>();
        semaphore.acquire();
        List<Task<?, RuntimeException>> waiting = new ArrayList<>();
        for (Object name : List.of(0, 1, 2)) {
            waiting.add(createTask(() -> holds(semaphore, order, name)));
        }
        yieldNow();
        semaphore.release();
        golden.print("sem locked right after release w/ waiters: " + repr(semaphore.locked()));
        waiting.add(createTask(() -> holds(semaphore, order, "late")));
        waiting.forEach(Task::await);
        golden.print("sem order " + repr(order));

        AsyncLock lock = new AsyncLock();
        lock.acquire();
        order.clear();
        waiting.clear();
        for (Object name : List.of(0, 1, 2)) {
            waiting.add(createTask(() -> holds(lock, order, name)));
        }
        yieldNow();
        lock.release();
        golden.print("lock.locked() right after release w/ waiters " + repr(lock.locked()));
        waiting.add(createTask(() -> holds(lock, order, "late")));
        waiting.forEach(Task::await);
        golden.print("lock order " + repr(order));
    }

    private static void holds(AsyncSemaphore semaphore, List<Object> order, Object name) {
        try (var _ = semaphore.hold()) {
            order.add(name);
        }
    }

    private static void holds(AsyncLock lock, List<Object> order, Object name) {
        try (var _ = lock.hold()) {
            order.add(name);
        }
    }

    private void wakeUps() {
        AsyncEvent event = new AsyncEvent();
        Task<?, RuntimeException> waiting = createTask(event::await);
        yieldNow();
        event.set();
        event.clear();
        golden.print("event set+clear wakes " + repr(waiting.await()) + " " + repr(event.isSet()));
    }

    private void queues() {
        AsyncQueue<Integer> full = new AsyncQueue<>(2);
        full.putNowait(1);
        full.putNowait(2);
        Task<?, RuntimeException> putter = createTask(() -> full.put(3));
        yieldNow();
        full.shutdown();
        List<Object> got = new ArrayList<>();
        try {
            putter.await();
        } catch (QueueShutDownException e) {
            got.add("putter QueueShutDown");
        }
        got.add(full.getNowait());
        got.add(full.get());
        try {
            full.getNowait();
        } catch (QueueShutDownException e) {
            got.add("get QueueShutDown");
        }
        full.taskDone();
        full.taskDone();
        boolean two = false;
        try {
            full.taskDone();
        } catch (IllegalArgumentException e) {
            two = true; // Python's program looks at a private field
        }
        golden.print(repr(got) + " unfinished " + (two ? 2 : "more"));

        AsyncQueue<Integer> dropped = new AsyncQueue<>();
        dropped.putNowait(1);
        dropped.putNowait(2);
        Task<?, RuntimeException> join = createTask(dropped::join);
        yieldNow();
        dropped.shutdown(true);
        join.await();
        golden.print("immediate shutdown unblocks join " + dropped.qsize());
    }

    private void waits() {
        Waited<Task<String, RuntimeException>> waited = waitAll(
                List.of(after(Duration.ofSeconds(5), "slow"), after(Duration.ZERO, "quick")), Duration.ofMillis(10));
        golden.print(
                "wait timeout " + waited.done().size() + " " + waited.pending().size() + " "
                        + repr(waited.pending().stream().map(Task::cancelled).toList()));
        waited.pending().forEach(Task::cancel);
    }

    // ------------------------------------------------------------------------------------------------ contexts, names

    private void set5() {
        variable.set(5);
    }

    private void contexts() {
        createTask(this::set5).await();
        golden.print("ctx: task copies " + variable.get());
        set5();
        golden.print("ctx: direct await shares " + variable.get());
        variable.set(0);
        Context context = Context.copyCurrent();
        createTask(this::set5, TaskOptions.none().context(context)).await();
        int inContext = context.call(variable::get);
        golden.print("ctx explicit " + variable.get() + " " + inContext);

        List<Integer> got = new ArrayList<>();
        variable.set(1);
        loop.callSoon(() -> got.add(variable.get()));
        variable.set(2);
        yieldNow();
        golden.print("call_soon snapshot at schedule " + repr(got));
        Promise<Integer, RuntimeException> promise = loop.createFuture();
        variable.set(3);
        promise.addDoneCallback(_ -> got.add(variable.get()));
        variable.set(4);
        promise.setResult(1);
        yieldNow();
        golden.print("done cb snapshot at add " + repr(got));
    }

    private void names() {
        Task<Integer, RuntimeException> unnamed = createTask(() -> 1);
        Task<Integer, RuntimeException> named = createTask(() -> 1, String.valueOf(123));
        golden.print(unnamed.name().substring(0, 5) + " " + repr(named.name().equals("123")));
    }

    private static Task<String, RuntimeException> after(Duration delay, String value) {
        return createTask(() -> {
            sleep(delay);
            return value;
        });
    }

    private void completions() {
        List<Object> out = new ArrayList<>();
        Iterator<Task<String, RuntimeException>> timed = asCompleted(
                        List.of(after(Duration.ZERO, "a"), after(Duration.ofSeconds(5), "late")), Duration.ofMillis(20))
                .iterator();
        while (timed.hasNext()) {
            try {
                out.add(timed.next().await());
            } catch (AsyncTimeoutException e) {
                out.add("TO");
            }
        }
        golden.print("as_completed " + repr(out));

        out.clear();
        var tasks = Set.of(after(Duration.ofMillis(20), "x"), after(Duration.ofMillis(10), "y"));
        for (Task<String, RuntimeException> task : asCompleted(tasks)) {
            out.add(tuple(tasks.contains(task), task.result()));
        }
        golden.print("as_completed async " + repr(out));
    }
}
