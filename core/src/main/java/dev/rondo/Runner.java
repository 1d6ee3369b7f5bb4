package dev.rondo;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs main coroutines one after another on one loop, and leaves nothing behind when it is closed. Stands for
 * {@code asyncio.Runner}.
 *
 * <pre>{@code
 * try (Runner runner = new Runner()) {
 *     runner.run(() -> first());
 *     runner.run(() -> second());
 * }
 * }</pre>
 *
 * <p>Used by one platform thread.
 */
public final class Runner implements AutoCloseable {

    private static final Duration EXECUTOR_JOIN = Duration.ofSeconds(300);

    private final @Nullable Supplier<EventLoop> loopFactory; // null for loops with all defaults
    private final Context context = Context.copyCurrent(); // shared by all runs
    private boolean handleInterrupts = Interruption.onMainThread();
    private @Nullable EventLoop loop; // made when first needed
    private boolean closed;

    /**
     * Makes a runner whose loop has all defaults. From when that is made until the runner is closed it is what
     * {@link Asyncio#getEventLoop} returns on this thread.
     */
    public Runner() {
        this.loopFactory = null;
    }

    /** Makes a runner with a loop from {@code loopFactory}, which it closes. */
    public Runner(Supplier<EventLoop> loopFactory) {
        this.loopFactory = loopFactory;
    }

    /**
     * Sets whether Ctrl-C and SIGTERM cancel the main task. By default they do on the program's main thread only, so
     * that a library that runs a loop elsewhere does not take the signals from its program. Where the program has a
     * handler of its own for a signal, that stays in force; so does {@link EventLoop#addSignalHandler}.
     */
    public Runner handleInterrupts(boolean handle) {
        handleInterrupts = handle;
        return this;
    }

    /** Returns the loop. */
    public EventLoop loop() {
        if (closed) {
            throw new IllegalStateException("Runner is closed");
        }
        EventLoop loop = this.loop;
        if (loop == null) {
            loop = makeLoop();
            this.loop = loop;
        }
        return loop;
    }

    private EventLoop makeLoop() {
        if (loopFactory != null) {
            return loopFactory.get();
        }
        EventLoop loop = Asyncio.newEventLoop();
        Asyncio.setEventLoop(loop);
        return loop;
    }

    /**
     * Runs {@code main} as a task and returns its result. Blocks the calling thread.
     *
     * @throws X the failure of {@code main}
     * @throws TaskCancelledException if the task ended cancelled
     * @throws KeyboardInterrupt if it did so because of Ctrl-C or SIGTERM
     * @throws IllegalStateException in a running loop, on a virtual thread, or if the runner is closed
     */
    public <T extends @Nullable Object, X extends Exception> T run(Coroutine<T, X> main) throws X {
        return run(main, context);
    }

    /** Runs {@code main} as a task in the given context, itself and not a copy, in place of the one all runs share. */
    public <T extends @Nullable Object, X extends Exception> T run(Coroutine<T, X> main, Context context) throws X {
        if (RunningLoops.here() != null) {
            throw new IllegalStateException("Runner.run() and Asyncio.run() cannot be called from a running event loop."
                    + " There is no need to: call the coroutine, any method may suspend");
        }
        EventLoop loop = loop();
        Task<T, X> task = loop.createTask(main, null, context);
        try (Interruption interruption = Interruption.of(loop, task, handleInterrupts)) {
            try {
                return loop.runUntilComplete(task);
            } catch (TaskCancelledException e) {
                Signal signal = interruption.happened();
                if (e.awaitable() == task && signal != null && task.uncancel() == 0) {
                    throw new KeyboardInterrupt(signal);
                }
                throw e;
            }
        }
    }

    /** Runs {@code main} as a task. */
    public <X extends Exception> void run(Action<X> main) throws X {
        run(main.asCoroutine());
    }

    /**
     * Cancels the tasks that are left and waits for them, reports their failures, closes generators, waits for the
     * loop's pool (300 seconds at most), and closes the loop. Idempotent.
     */
    @Override
    public void close() {
        EventLoop loop = this.loop;
        if (closed || loop == null) {
            return;
        }
        closed = true;
        try {
            cancelAll(loop);
            closeGenerators(loop);
            if (loop.workers().hasPool()) {
                loop.runUntilComplete(() -> loop.shutdownDefaultExecutor(EXECUTOR_JOIN)); // what it does may need us
            }
        } finally {
            if (loopFactory == null) {
                Asyncio.setEventLoop(null);
            }
            loop.close();
        }
    }

    private static void cancelAll(EventLoop loop) {
        // Without generators: they are closed once nobody asks them any more.
        List<Task<?, ?>> left = loop.tasks().copyWithout(loop.generators());
        if (left.isEmpty()) {
            return;
        }
        left.forEach(Task::cancel);
        loop.runUntilComplete(() -> {
            for (Task<?, ?> task : left) {
                while (!task.done()) {
                    Asyncio.asCompleted(List.of(task)).iterator().next();
                }
            }
        });
        for (Task<?, ?> task : left) {
            if (!task.cancelled() && task.exception() != null) {
                loop.callExceptionHandler(ExceptionContext.about(
                        "task",
                        task,
                        task.createdAt(),
                        "unhandled exception during Asyncio.run() shutdown",
                        task.exception()));
            }
        }
    }

    private static void closeGenerators(EventLoop loop) {
        if (!loop.generators().isEmpty()) {
            loop.runUntilComplete(loop::shutdownGenerators);
        }
    }
}
