package dev.rondo;

import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The spare thread on which coroutines of closed loops run to their end. A suspended coroutine that were simply dropped
 * might hold a lock, and whoever waits for that lock would wait for ever. One daemon thread for all; started when first
 * needed.
 */
final class Stragglers {

    /**
     * Who has been told so often in one go that the loop is closed, and has never suspended, catches everything: it
     * would have this thread for ever, and with it all the others.
     */
    private static final int PATIENCE = 100_000;

    private static final LinkedBlockingQueue<Runnable> STEPS = new LinkedBlockingQueue<>();
    private static final Thread THREAD =
            Thread.ofPlatform().daemon().name("rondo-stragglers").start(Stragglers::runAll);

    private static @Nullable Strand current; // whose step runs; others may compare themselves with it
    private static int refusals; // in this step

    private Stragglers() {}

    /** Has {@code step} run on the spare thread. Any thread; never blocks. */
    static void run(Runnable step) {
        STEPS.add(step);
    }

    static boolean isCurrentThread() {
        return Thread.currentThread() == THREAD;
    }

    /**
     * Told before an await, or the like, fails because there is no loop: ends those who would never end. Any thread.
     */
    static void refused() {
        Strand strand = current;
        if (strand != null && strand.isCurrentThread() && ++refusals == PATIENCE) {
            Report.warningFromElsewhere(
                    strand.label() + " goes on after its loop was closed, and catches whatever it is"
                            + " told: it is suspended for good. Let CancelledError pass");
            strand.suspendForGood();
        }
    }

    private static void runAll() {
        for (; ; ) {
            try {
                Runnable step = STEPS.take();
                current = step instanceof Strand strand ? strand : null;
                refusals = 0;
                step.run();
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread: go on.
            } catch (Throwable e) {
                Report.error("A coroutine of a closed loop broke its thread", e);
            }
        }
    }
}
