package dev.rondo;

import dev.rondo.fiber.Fiber;
import dev.rondo.fiber.FiberScheduler;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** How fibers come back to their loop; once it is closed, to the stragglers' thread. */
final class LoopScheduler implements FiberScheduler {

    private final EventLoop loop;
    private final Set<Thread> parked = new LinkedHashSet<>(); // in code that is not ours
    private boolean inChild; // one runs; loop thread, but observers may be told of the past by others

    LoopScheduler(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public boolean onSchedulerThread() {
        return loop.isHere() || (loop.isClosed() && Stragglers.isCurrentThread());
    }

    @Override
    public void ready(Fiber fiber) {
        if (loop.isClosed()) {
            Stragglers.run(fiber);
        } else {
            loop.reactor().ready(fiber);
        }
    }

    @Override
    public void post(Runnable delivery) {
        if (loop.observer != null && !isChild() && !loop.isHere() && !loop.isClosed()) {
            loop.observer.posted(Thread.currentThread());
        }
        loop.reactor().post(delivery);
        if (loop.isClosed()) {
            Stragglers.run(loop.reactor()::drainInbox); // whichever of us saw it last: nothing posted is lost
        }
    }

    @Override
    public void releasedElsewhere(Fiber fiber) {
        LoopObserver observer = loop.observer;
        if (observer != null
                && fiber instanceof Strand strand
                && strand.task != null
                && !isChild()
                && !loop.isClosed()) {
            observer.released(strand.task, Thread.currentThread());
        }
        post(fiber::released);
    }

    /** Returns whether the caller is the virtual thread of the loop that runs now, and is none of ours. */
    private boolean isChild() {
        return inChild && Thread.currentThread().isVirtual(); // others that are virtual are taken for it
    }

    /** Unparks the fiber's thread for no reason, if that is chosen: which blocking code and we have to put up with. */
    void mayUnpark(Fiber fiber, String what) {
        if (loop.buggify(what)) {
            LockSupport.unpark(fiber.thread());
        }
    }

    /** Has the loop's thread run {@code delivery}: at once, if the caller is there, or else soon. Any thread. */
    void deliver(Runnable delivery) {
        if (onSchedulerThread()) {
            delivery.run();
        } else {
            post(delivery);
        }
    }

    @Override
    public void child(Runnable step) {
        post(() -> {
            if (loop.isClosed()) {
                Stragglers.run(step);
            } else {
                loop.reactor().ready(new ChildStep(this, step));
            }
        });
    }

    /** Returns whether it counts as outside work, for which virtual time stands still. */
    @Override
    public boolean parkedElsewhere(Thread thread) {
        boolean outside = !loop.workers().simulated() || !waitsForTheSimulation(thread);
        parked.add(thread);
        loop.reactor().outsideWork(outside ? 1 : 0);
        return outside;
    }

    @Override
    public void leftElsewhere(Thread thread, boolean outside) {
        parked.remove(thread);
        loop.reactor().outsideWork(outside ? -1 : 0);
    }

    /** Returns the threads of the loop, those of tasks among them, that are parked in code that is not ours. */
    Set<Thread> parked() {
        return parked;
    }

    /**
     * Returns whether the thread waits for a lock, a monitor, a queue or a future, without a time limit. In a
     * simulation those who could end that are on the loop, and may have to wait for the time to come. A socket's wait
     * has no blocker, and a sleep has a limit.
     */
    private static boolean waitsForTheSimulation(Thread thread) {
        return switch (thread.getState()) {
            case BLOCKED -> true;
            case WAITING -> LockSupport.getBlocker(thread) != null || waitsToBeNotified(thread);
            default -> false;
        };
    }

    private static boolean waitsToBeNotified(Thread thread) {
        StackTraceElement[] frames = thread.getStackTrace();
        return frames.length > 0 && frames[0].getClassName().equals("java.lang.Object");
    }

    /** A step of a virtual thread that user code started in a coroutine. */
    record ChildStep(LoopScheduler scheduler, Runnable step) implements Runnable {
        @Override
        public String toString() {
            return "a virtual thread that was started on the loop";
        }

        @Override
        public void run() {
            scheduler.inChild = true;
            try {
                step.run();
            } catch (Throwable failure) {
                Report.error("A virtual thread that was started in a coroutine broke its step", failure);
            } finally {
                scheduler.inChild = false;
            }
        }
    }
}
