package dev.rondo;

import dev.rondo.reactor.UserCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs callbacks, which are code of the user, in a virtual thread instead of on the bare loop thread: a lock that is
 * held by a suspended coroutine then suspends the callback, where it would have stopped the loop for good.
 *
 * <p>One strand runs one callback after another. When a callback suspends, its strand is left to it, and another takes
 * over.
 */
final class CallbackRunner implements Runnable {

    private final EventLoop loop;
    private @Nullable RunnerStrand current; // takes callbacks, or waits to be given some
    private final Set<Strand> detached = new LinkedHashSet<>(); // in the midst of a callback that has suspended

    CallbackRunner(EventLoop loop) {
        this.loop = loop;
    }

    /** On the bare loop thread, while the head of the ready queue is a callback: runs it, and those that follow. */
    @Override
    public void run() {
        RunnerStrand runner = current;
        if (runner == null) {
            runner = new RunnerStrand();
            current = runner;
        }
        runner.runCallbacks();
        if (!runner.idle) {
            current = null;
            if (!runner.isDone()) {
                detached.add(runner);
            }
        }
    }

    /** Returns the strands whose callback has suspended. */
    Set<Strand> suspended() {
        return detached;
    }

    /** Gives up: returns the strands that have still to end, in the midst of a callback or for want of any. */
    List<Strand> close() {
        List<Strand> left = new ArrayList<>(detached);
        if (current != null) {
            left.add(current);
            current = null;
        }
        return left;
    }

    private final class RunnerStrand extends Strand {

        private boolean idle; // gave the thread back for want of callbacks

        RunnerStrand() {
            super(CallbackRunner.this.loop, null, new Context());
        }

        void runCallbacks() {
            idle = false;
            runNow();
        }

        @Override
        protected void body() {
            while (current == this) {
                UserCode callback = loop.nextCallback();
                if (callback != null) {
                    callback.run();
                } else {
                    idle = true;
                    beginSuspend();
                    if (!suspend()) {
                        throw new IllegalStateException("the callback runner cannot suspend");
                    }
                }
            }
            detached.remove(this);
        }
    }
}
