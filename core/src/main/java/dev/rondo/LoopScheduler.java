package dev.rondo;

import dev.rondo.fiber.Fiber;
import dev.rondo.fiber.FiberScheduler;
import java.util.concurrent.locks.LockSupport;

/** How fibers come back to their loop; once it is closed, to the stragglers' thread. */
final class LoopScheduler implements FiberScheduler {

    private final EventLoop loop;
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
        if (loop.observer != null && !inChild && !loop.isHere()) {
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
        if (observer != null && fiber instanceof Strand strand && strand.task != null && !inChild) {
            observer.released(strand.task, Thread.currentThread());
        }
        post(fiber::released);
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

    @Override
    public void parkedElsewhere(int change) {
        loop.reactor().outsideWork(change);
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
