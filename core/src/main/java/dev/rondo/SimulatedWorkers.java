package dev.rondo;

import dev.rondo.fiber.Guest;
import dev.rondo.reactor.Timer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Does on the loop's own thread what executors would do on theirs, so that a run is the same each time: each piece of
 * work gets a virtual thread there, a {@link Guest}, which begins when the loop's choices say.
 *
 * <p>To the work that is a worker's thread like any other. What it cannot do is spin until somebody else has done
 * something: nobody else runs meanwhile. How much is under way at once is not bounded, whatever the executor's bound.
 *
 * <p>Loop thread only.
 */
final class SimulatedWorkers {

    private static final long[] DELAYS_NANOS = {0, 1_000_000, 3_000_000, 10_000_000};

    private final EventLoop loop;
    private final Set<Work> delayed = new LinkedHashSet<>(); // has yet to begin
    private int threads; // made so far

    SimulatedWorkers(EventLoop loop) {
        this.loop = loop;
    }

    /** Has {@code body} run, at once or a little later. */
    Future<?> submit(Runnable body) {
        Work work = new Work(body);
        long delay = DELAYS_NANOS[loop.choose(DELAYS_NANOS.length, "worker delay")];
        if (delay == 0) {
            work.begin();
        } else {
            work.beginLater(loop.reactor().nanos() + delay);
        }
        return work;
    }

    /** The loop is about to close: what has yet to begin does so, to run to its end where stragglers do. */
    void close() {
        List.copyOf(delayed).forEach(Work::begin);
    }

    /** One piece of work. A cancel takes it back if it has not begun, or else may interrupt its thread. */
    private final class Work extends FutureTask<@Nullable Void> {

        private @Nullable Timer timer; // while it is delayed

        Work(Runnable body) {
            super(body, null);
        }

        void beginLater(long deadlineNanos) {
            timer = new Timer(deadlineNanos, new LoopItem("the start of a worker", this::begin));
            loop.reactor().schedule(timer);
            delayed.add(this);
        }

        void begin() {
            delayed.remove(this);
            timer = null;
            Thread thread = Guest.newThread(loop.scheduler(), this);
            thread.setName("rondo-worker-" + ++threads);
            thread.start();
        }

        @Override
        protected void done() {
            if (timer != null) { // it was taken back: virtual time need not come to where it would have begun
                loop.reactor().unschedule(timer);
                delayed.remove(this);
            }
        }
    }
}
