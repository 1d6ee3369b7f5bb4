package dev.rondo.testkit;

import dev.rondo.EventLoop;
import dev.rondo.chance.Choices;
import dev.rondo.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run that has a loop already, since a test's parameters are made before its body begins.
 *
 * @param sim null in real time
 * @param running returns the item that runs, or ran last; any thread
 */
record LoopRun(EventLoop loop, Clock clock, @Nullable Sim sim, Way way, Supplier<@Nullable Object> running) {

    /** The test method. */
    @FunctionalInterface
    interface Body {
        void run() throws Throwable;
    }

    private interface Way {
        RunResult run(Body body);
    }

    static LoopRun simulated(Choices choices, SimOptions options, boolean logging) {
        SimulatedRun run = new SimulatedRun(choices, options, logging);
        return new LoopRun(run.loop(), run.clock(), run.sim(), body -> run.run(_ -> call(body)), run::running);
    }

    static LoopRun real(SimOptions options) {
        RealRun run = new RealRun(options);
        return new LoopRun(run.loop, run.clock, null, body -> run.run(() -> call(body)), run::running);
    }

    /** Makes the run. Blocks the calling thread, which must be a platform thread. */
    RunResult run(Body body) {
        return way.run(body);
    }

    private static void call(Body body) throws Exception {
        try {
            body.run();
        } catch (Throwable failure) {
            throw LoopRun.<RuntimeException>undeclared(failure);
        }
    }

    @SuppressWarnings("unchecked")
    static <X extends Throwable> X undeclared(Throwable failure) throws X {
        throw (X) failure;
    }
}
