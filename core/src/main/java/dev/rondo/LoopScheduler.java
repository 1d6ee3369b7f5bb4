package dev.rondo;

import dev.rondo.fiber.Fiber;
import dev.rondo.fiber.FiberScheduler;

/** How fibers come back to their loop; once it is closed, to the stragglers' thread. */
final class LoopScheduler implements FiberScheduler {

    private final EventLoop loop;

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
        loop.reactor().post(delivery);
        if (loop.isClosed()) {
            Stragglers.run(loop.reactor()::drainInbox); // whichever of us saw it last: nothing posted is lost
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
                loop.reactor().ready(new ChildStep(step));
            }
        });
    }

    @Override
    public void parkedElsewhere(int change) {
        loop.reactor().outsideWork(change);
    }

    /** A step of a virtual thread that user code started in a coroutine. */
    record ChildStep(Runnable step) implements Runnable {
        @Override
        public void run() {
            try {
                step.run();
            } catch (Throwable failure) {
                Report.error("A virtual thread that was started in a coroutine broke its step", failure);
            }
        }
    }
}
