package dev.rondo.fiber;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A virtual thread that lives on a scheduler's thread without being a fiber: nothing of ours suspends it, and all its
 * waits are the JDK's. Is the scheduler of that one thread.
 *
 * <p>Unlike a thread that inherits a fiber's scheduler, it is known when this one ends, and so whether it waits.
 */
public final class Guest implements Executor {

    private final FiberScheduler scheduler;
    private volatile @Nullable Runnable step; // set by who starts the thread, before the thread runs
    private @Nullable Thread thread; // set before it is started
    private boolean parked; // in code that is not ours; scheduler's thread
    private boolean parkedTold; // while parked: what the scheduler wants to hear when it is released
    private boolean ended; // scheduler's thread, on which the body runs

    private Guest(FiberScheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Makes a thread, not yet started, that runs {@code body} on the scheduler's thread. Any thread. */
    public static Thread newThread(FiberScheduler scheduler, Runnable body) {
        Guest guest = new Guest(scheduler);
        Thread thread = VirtualThreads.create(guest, () -> guest.run(body));
        guest.thread = thread;
        return thread;
    }

    private void run(Runnable body) {
        try {
            body.run();
        } finally {
            ended = true;
        }
    }

    /** Called by the JDK when the thread, or one that was started in it, can run. As {@link Fiber#execute}. */
    @Override
    public void execute(Runnable step) {
        if (this.step == null) {
            this.step = step;
        }
        scheduler.child(this.step == step ? () -> runStep(step) : step);
    }

    private void runStep(Runnable step) {
        if (parked && thread != null) {
            parked = false;
            scheduler.leftElsewhere(thread, parkedTold);
        }
        step.run();
        if (!ended && thread != null) {
            parked = true;
            parkedTold = scheduler.parkedElsewhere(thread);
        }
    }
}
