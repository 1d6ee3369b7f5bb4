package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Contexts, names, and what comes in the order of completion. */
class GoldenT5Test extends LoopTestCase {

    private final Golden golden = new Golden("t5");
    private final ContextVar<Integer> variable = ContextVar.withDefault("v", 0);

    @Test
    void printsWhatPythonPrinted() {
        golden.without("lazy", "eager", "['putter", "immediate", "wait timeout");
        // Difference 11: ours returns nothing. To come back is to have been woken.
        golden.differs("event set+clear wakes True False", "event set+clear wakes None False");
        run(this::main);
        golden.check();
    }

    private void main() {
        contexts();
        names();
        fairness();
        wakeUps();
        completions();
    }

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
        loop.createTask(() -> variable.set(5), null, context).await();
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
