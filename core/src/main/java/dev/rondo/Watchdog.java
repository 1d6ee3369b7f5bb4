package dev.rondo;

import dev.rondo.reactor.Reactor;
import dev.rondo.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sees that a loop does not go on, while it does not: one daemon thread for all loops that run. Every so often it looks
 * at what each loop writes down for itself anyway, and thinks aloud in the log:
 *
 * <ul>
 *   <li>one item has been running for too long: {@link StuckItem} says which, why, and what to do;
 *   <li>virtual time stands still: {@link Standstill} says what for;
 *   <li>a loop has run items since it last looked for deadlocks: it is asked to look again.
 * </ul>
 *
 * <p>It never runs code of the user on its own thread, so nothing can stop it. Time in which it could not run itself,
 * as while the collector stops the program, does not count against anybody.
 *
 * <p>All state belongs to this thread.
 */
final class Watchdog implements Runnable {

    private static final long TICK_NANOS = 50_000_000;
    private static final long LONGEST_TICK_NANOS = 800_000_000; // while all loops sleep
    private static final long NANOS_BETWEEN_LOOKS_FOR_DEADLOCKS = 1_000_000_000;

    private static @Nullable Thread thread; // started with the first loop; guarded by the lock of RunningLoops

    private final Clock clock = Clock.system();
    private final Map<EventLoop, Watched> watched = new HashMap<>();

    /** A loop has begun to run. Called one at a time, by {@link RunningLoops#add}. */
    static void wakeUp() {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("rondo-watchdog").start(new Watchdog());
        } else {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        long last = clock.nanos();
        long nap = TICK_NANOS;
        for (; ; ) {
            long now = clock.nanos();
            boolean busy = false;
            try {
                busy = lookAtAll(Math.min(now - last, 2 * nap));
            } catch (Throwable failure) { // out of memory, say: the next tick may have better luck
                nap = LONGEST_TICK_NANOS;
            }
            last = now;
            if (watched.isEmpty()) {
                LockSupport.park(this); // until a loop begins to run
                nap = TICK_NANOS;
            } else {
                nap = busy ? TICK_NANOS : Math.min(2 * nap, LONGEST_TICK_NANOS);
                LockSupport.parkNanos(this, nap);
            }
        }
    }

    private boolean lookAtAll(long passedNanos) {
        EventLoop[] loops = RunningLoops.all();
        watched.keySet().retainAll(List.of(loops));
        boolean busy = false;
        for (EventLoop loop : loops) {
            if (loop.watchdogNanos() > 0) {
                busy |= watched.computeIfAbsent(loop, Watched::new).look(passedNanos);
            }
        }
        return busy;
    }

    /** One loop, as the watchdog saw it last. */
    private static final class Watched {

        private final EventLoop loop;
        private final Reactor reactor;
        private long items = -1; // that had begun
        private long stuckNanos; // one item has run for so long
        private long stillNanos; // virtual time has stood still for so long
        private boolean reported; // with this number of items
        private @Nullable StuckItem stuck; // about to be reported
        private long nanosSinceLook;

        Watched(EventLoop loop) {
            this.loop = loop;
            this.reactor = loop.reactor();
        }

        /** Looks at the loop; returns whether it is doing something. */
        boolean look(long passedNanos) {
            boolean still = reactor.standingStill();
            boolean asleep = reactor.asleep();
            long items = reactor.itemsTaken();
            boolean moved = items != this.items;
            if (moved) {
                this.items = items;
                reported = false;
            }
            stuckNanos = moved || asleep ? 0 : stuckNanos + passedNanos;
            stillNanos = moved || !still ? 0 : stillNanos + passedNanos;
            if (stuckNanos == 0) {
                stuck = null;
            }
            if (!reported) {
                if (stuckNanos >= loop.watchdogNanos()) {
                    reportStuck();
                } else if (stillNanos >= loop.watchdogNanos()) {
                    reported = true;
                    reactor.post(() -> Standstill.report(loop));
                }
            }
            askForDeadlocks(passedNanos);
            return moved || !asleep || still;
        }

        /** A tick or more to see how much of it is spent computing, then the report. */
        private void reportStuck() {
            Thread thread = loop.thread();
            if (stuck == null) {
                stuck = thread == null ? null : new StuckItem(loop, thread);
            } else if (stuck.canBeTold()) {
                String report = stuck.describe(stuckNanos);
                if (reactor.itemsTaken() == items) { // has not gone on while we looked
                    reported = true;
                    Report.warningFromElsewhere(report);
                }
            }
        }

        private void askForDeadlocks(long passedNanos) {
            nanosSinceLook += passedNanos;
            if (nanosSinceLook >= NANOS_BETWEEN_LOOKS_FOR_DEADLOCKS
                    && !reactor.virtualTime()
                    && loop.deadlocks().itemsAtLastLook() != items) {
                nanosSinceLook = 0;
                reactor.post(loop.deadlocks()::look);
            }
        }
    }
}
