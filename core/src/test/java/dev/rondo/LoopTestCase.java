package dev.rondo;

import dev.rondo.time.VirtualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * A loop on virtual time, what was logged while it ran, and what it reported. A test that hangs fails, and its thread
 * is left behind: a loop does not heed the interrupt that would end it otherwise.
 */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
abstract class LoopTestCase {

    final VirtualClock clock = new VirtualClock();
    final EventLoop loop = EventLoop.builder().clock(clock).build();
    final List<String> log = new ArrayList<>();
    final List<ExceptionContext> reported = new ArrayList<>();

    LoopTestCase() {
        loop.setExceptionHandler((_, context) -> reported.add(context));
    }

    @AfterEach
    void closeTheLoop() {
        loop.close();
    }

    <X extends Exception> void run(Action<X> main) throws X {
        loop.runUntilComplete(main);
    }

    Runnable logs(String entry) {
        return () -> log.add(entry);
    }

    List<String> reportedMessages() {
        return reported.stream().map(ExceptionContext::message).toList();
    }

    /** Suspends until the task is parked in code that is not Rondo's. */
    static void awaitForeign(Task<?, ?> task) {
        while (!task.strand().isForeign()) {
            Asyncio.yieldNow();
        }
    }

    /** Has a platform thread do something, and waits for it. */
    static <T> T onAnotherThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
