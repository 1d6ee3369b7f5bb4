package dev.rondo.testkit;

import dev.rondo.Action;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.LoopObserver;
import dev.rondo.Runner;
import dev.rondo.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One run of a body in real time, with the real operating system. For the thread that makes it. */
final class RealRun implements LoopObserver {

    private final SimOptions options;
    final Clock clock = Clock.system();
    final EventLoop loop = EventLoop.builder().clock(clock).observer(this).build();
    private @Nullable Throwable verdict;
    private @Nullable Object running; // the item; read by another thread, too, once a run is stuck in one

    RealRun(SimOptions options) {
        this.options = options;
    }

    RunResult run(Action<Exception> body) {
        long start = clock.nanos();
        loop.setExceptionHandler((_, context) -> reported(context));
        try (Runner runner = new Runner(() -> loop).handleInterrupts(false)) {
            try {
                runner.run(body);
                new EndOfRun(loop, options, List.of()).checkInRealTime(runner);
            } catch (Throwable failure) {
                verdict(failure);
            }
        } catch (Throwable failure) {
            verdict(failure);
        }
        return new RunResult(verdict, new Recording(), Duration.ofNanos(clock.nanos() - start), 0, "", null, Map.of());
    }

    /** The test's own handler: what it finds wrong is wrong. */
    @Override
    public void handlerFailed(Throwable failure) {
        verdict(failure);
    }

    @Override
    public void runs(Object item) {
        running = item;
    }

    /** Returns the item that runs, or ran last. Any thread. */
    @Nullable Object running() {
        return running;
    }

    /** The first that comes is the one. */
    private void verdict(Throwable failure) {
        if (verdict == null) {
            verdict = failure;
        }
    }

    private void reported(ExceptionContext context) {
        verdict(new AssertionError(
                "reported to the loop's exception handler: " + context.message(), context.exception()));
    }
}
