package dev.rondo.fiber;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A body of code that can be suspended and resumed: a virtual thread that is its own scheduler, so that whatever makes
 * it runnable says which fiber it was.
 *
 * <pre>
 *   NEW ──start──▶ READY ──run──▶ RUNNING ──body ends──▶ DONE
 *                    ▲              │  │
 *                    ├──wake── SUSPENDED  suspend(): in code of ours, waits for wake()
 *                    │                 │
 *                    └──execute── FOREIGN  parked in code that is not ours (a socket, a lock, Thread.sleep): whoever
 *                                          unparks it makes it ready
 *   RUNNING ──runInside(new fiber)──▶ ASIDE ──that is suspended, or done──▶ RUNNING, at once
 * </pre>
 *
 * <p>Confined to its scheduler's thread, but for {@link #execute}. Suspending is a {@code Thread.yield}, not a park:
 * cheaper, blind to interrupts and stray permits, and it shows when the thread is pinned. The JDK then believes that
 * the fiber is queued all the time, and asks for it once more; {@link #execute} ignores that while the state is not
 * FOREIGN.
 */
public abstract class Fiber implements Executor, Runnable {

    // Numbers, not an enum: several are stored at each switch, and a reference stored into an old object costs more.
    private static final int NEW = 0;
    private static final int READY = 1;
    private static final int RUNNING = 2;
    private static final int SUSPENDED = 3;
    private static final int FOREIGN = 4;
    private static final int ASIDE = 5;
    private static final int DONE = 6;

    private final FiberScheduler scheduler;
    private int state = NEW; // scheduler's thread
    private @Nullable Thread thread; // set at the first run; any thread may compare itself with it
    private @Nullable Runnable continuation; // one step of the thread; set by the JDK at the first run
    private boolean parkedTold; // while FOREIGN: what the scheduler wants to hear when it is released
    private @Nullable Fiber inside; // while ASIDE: the one that runs its first stretch
    private @Nullable Fiber outside; // in its first stretch: the one that has stepped aside for it

    /** Makes a fiber that has not been started. */
    protected Fiber(FiberScheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Fails, saying what to add to the command line, unless this JVM can run fibers. */
    public static void ensureAvailable() {
        VirtualThreads.ensureAvailable();
    }

    /** What the fiber runs, in its own thread; must not throw. */
    protected abstract void body();

    /** Called on the bare thread before each stretch of the fiber. */
    protected abstract void mounted();

    /** Called on the bare thread after each stretch of the fiber. */
    protected abstract void unmounted();

    /** Makes a new fiber ready. */
    public final void start() {
        if (state != NEW) {
            throw new IllegalStateException("the fiber was started before");
        }
        makeReady();
    }

    /**
     * Runs the fiber until it is suspended or done. Called by its scheduler, on the bare thread; does nothing unless
     * ready.
     */
    @Override
    public final void run() {
        if (state != READY) {
            return;
        }
        Fiber next = this;
        while (next != null) {
            next.stretch();
            next = next.state == ASIDE ? next.inside : next.takeOutside(); // by a loop: they may nest deeply
        }
    }

    private @Nullable Fiber takeOutside() {
        Fiber fiber = outside;
        if (fiber != null) {
            outside = null;
        }
        return fiber;
    }

    private void stretch() {
        state = RUNNING;
        mounted();
        try {
            step();
        } finally {
            if (state == RUNNING) {
                // Still running, yet it gave the thread back: it parked in somebody else's code. (Or a debugger holds
                // it and it did not run at all; then, too, the JDK will hand it to execute() once it can.)
                state = FOREIGN;
                parkedTold = scheduler.parkedElsewhere(requireNonNull(thread));
            }
            unmounted();
        }
    }

    private void step() {
        if (thread == null) {
            thread = VirtualThreads.create(this, this::runBody);
            thread.start(); // comes back through execute() with the continuation
        }
        Runnable continuation = this.continuation;
        if (continuation == null) {
            throw new IllegalStateException("the virtual thread did not ask to be scheduled when it was started");
        }
        continuation.run();
    }

    private void runBody() {
        try {
            body();
        } finally {
            state = DONE;
        }
    }

    /**
     * Called by the JDK when a virtual thread that has this scheduler can run: this fiber's, or one that was started
     * inside it. Any thread, in the midst of anybody's code: must not throw, block, or run code of the user.
     */
    @Override
    public final void execute(Runnable step) {
        if (continuation == null) {
            continuation = step;
        } else if (step != continuation) {
            scheduler.child(step);
        } else if (scheduler.onSchedulerThread()) {
            released();
        } else {
            scheduler.releasedElsewhere(this);
        }
    }

    /**
     * For {@link FiberScheduler#releasedElsewhere}, on the scheduler's thread: the JDK says the fiber can go on. True
     * only if it was not one of ours that held it.
     */
    public final void released() {
        if (state == FOREIGN) {
            scheduler.leftElsewhere(requireNonNull(thread), parkedTold);
            makeReady();
        } else if (state == RUNNING) { // it called Thread.yield itself, or was unparked while it was about to park
            makeReady();
        } else if (state == DONE && continuation != null) {
            scheduler.child(
                    continuation); // the body has ended, but the thread's own epilogue had to wait for something
        }
    }

    /** Begins to suspend: from here on a {@link #wake} counts. Called in the fiber; {@link #suspend} must follow. */
    protected final void beginSuspend() {
        state = SUSPENDED;
    }

    /**
     * Gives the thread back until {@link #wake}. Called in the fiber, after {@link #beginSuspend}.
     *
     * @return false if the fiber cannot be suspended here, because a native method or a class initialiser is on its
     *     stack, or because the stack is too large: it has not been, and the caller must undo what would have woken it
     */
    protected final boolean suspend() {
        yieldUnlessTooDeep();
        if (state == RUNNING) { // run() has been here
            return true;
        }
        state = RUNNING;
        return false;
    }

    /**
     * Steps aside for the first stretch of a new fiber, and goes on as soon as that is suspended or done, before
     * anything that is ready. Called in this fiber. Nothing can wake it meanwhile.
     *
     * @return false if this fiber cannot be suspended here: the other is as new as before
     */
    protected final boolean runInside(Fiber newcomer) {
        state = ASIDE;
        inside = newcomer;
        newcomer.outside = this;
        yieldUnlessTooDeep();
        inside = null;
        if (state == RUNNING) { // run() has been here
            return true;
        }
        newcomer.outside = null;
        state = RUNNING;
        return false;
    }

    /**
     * Lets everything that is ready run first. Called in the fiber. Does nothing where the fiber cannot be suspended.
     */
    protected final void yieldToOthers() {
        yieldUnlessTooDeep(); // comes back through execute() while RUNNING, which makes it ready
    }

    private static void yieldUnlessTooDeep() {
        try {
            Thread.yield();
        } catch (StackOverflowError e) {
            // The stack of a suspended thread is one object on the heap, and G1 makes none larger than half a region.
            // The JDK has changed nothing: we go on as if pinned.
        }
    }

    /** Makes a suspended fiber ready; does nothing in any other state. On the scheduler's thread. */
    protected final void wake() {
        if (state == SUSPENDED) {
            makeReady();
        }
    }

    /** Runs a new or suspended fiber at once, ahead of the queue. On the bare thread. */
    protected final void runNow() {
        state = READY;
        run();
    }

    private void makeReady() {
        state = READY;
        scheduler.ready(this);
    }

    /** Returns whether the caller is this fiber. */
    public final boolean isCurrentThread() {
        // Racy for a foreign thread, and exact all the same: only one thread can find itself here.
        return thread == Thread.currentThread();
    }

    /** Returns whether the fiber is suspended in code of ours. */
    public final boolean isSuspended() {
        return state == SUSPENDED;
    }

    /** Returns whether the fiber is parked in code that is not ours. */
    public final boolean isForeign() {
        return state == FOREIGN;
    }

    /** Returns whether the fiber has the thread. Any thread, which may be told of the past. */
    public final boolean isRunning() {
        return state == RUNNING;
    }

    /** Returns whether the body has ended. */
    public final boolean isDone() {
        return state == DONE;
    }

    /** Returns whether the fiber has never run. */
    public final boolean isNew() {
        return thread == null;
    }

    /** Interrupts the fiber's thread: releases it from most foreign blocking calls. */
    public final void interrupt() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Returns whether the thread has been interrupted, and has not heard of it. */
    public final boolean isInterrupted() {
        return thread != null && thread.isInterrupted();
    }

    /** Returns the fiber's thread, or null before its first run. */
    public final @Nullable Thread thread() {
        return thread;
    }
}
