package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;

import org.junit.jupiter.api.Test;

/** What is awaited is cancelled by somebody else. Processes, streams and servers are another module's. */
class GoldenT7Test extends LoopTestCase {

    private final Golden golden = new Golden("t7");

    @Test
    void printsWhatPythonPrinted() {
        golden.without("b1", "b3", "b4", "b5", "b7", "b8");
        // Ours says what to do.
        golden.differs(
                "BrokenBarrierError('Barrier aborted')",
                "BrokenBarrierError('Barrier aborted: reset() makes it usable again')");
        // Difference 1: nobody asked the task to cancel, so it has failed.
        golden.differs("(True, 0)", "(False, 0)");
        run(() -> {
            golden.print("b2", this::b2);
            golden.print("b6", this::b6);
        });
        golden.check();
    }

    private Object b6() {
        AsyncBarrier barrier = new AsyncBarrier(2);
        Task<Integer, RuntimeException> waiting = createTask(barrier::await);
        yieldNow();
        barrier.abort();
        String first = broken(waiting::await);
        String second = broken(barrier::await);
        barrier.reset();
        return tuple(first, second, barrier.broken());
    }

    private static String broken(Coroutine<Integer, RuntimeException> wait) {
        try {
            return "returned " + wait.run();
        } catch (BrokenBarrierException e) {
            return repr(e);
        }
    }

    private Object b2() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        Task<String, RuntimeException> task = createTask(promise::await);
        yieldNow();
        promise.cancel();
        try {
            task.await();
            return "returned";
        } catch (TaskCancelledException e) {
            return tuple(task.cancelled(), task.cancelling());
        }
    }
}
