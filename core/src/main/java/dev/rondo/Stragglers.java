package dev.rondo;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * The spare thread on which coroutines of closed loops run to their end. A suspended coroutine that were simply dropped
 * might hold a lock, and whoever waits for that lock would wait for ever. One daemon thread for all; started when first
 * needed.
 */
final class Stragglers {

    private static final LinkedBlockingQueue<Runnable> STEPS = new LinkedBlockingQueue<>();
    private static final Thread THREAD =
            Thread.ofPlatform().daemon().name("rondo-stragglers").start(Stragglers::runAll);

    private Stragglers() {}

    /** Has {@code step} run on the spare thread. Any thread; never blocks. */
    static void run(Runnable step) {
        STEPS.add(step);
    }

    static boolean isCurrentThread() {
        return Thread.currentThread() == THREAD;
    }

    private static void runAll() {
        for (; ; ) {
            try {
                STEPS.take().run();
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread: go on.
            } catch (Throwable e) {
                Report.error("A coroutine of a closed loop broke its thread", e);
            }
        }
    }
}
