package dev.rondo;

import dev.rondo.fiber.Fiber;
import org.jspecify.annotations.Nullable;

/**
 * A line of execution on the loop: a task's, or the callback runner's. Holds the waist between whatever waits and the
 * loop: {@link #park} with a wait that can be aborted, {@link #wakeUp} by whoever fulfils the wait. Everything that
 * suspends is built from these two (and {@link #yieldNow}).
 *
 * <p>Loop thread only.
 */
abstract class Strand extends Fiber {

    /** How many operations may complete without suspending before the others get their turn. */
    private static final int INLINE_COMPLETIONS = 64;

    final EventLoop loop;
    final @Nullable Task<?, ?> task; // null in the callback runner, which cannot be cancelled
    Context context;

    private @Nullable Wait wait; // what it is suspended on; null from the moment it is woken
    private boolean aborting; // the wait is being asked to accept a cancel
    private boolean aborted; // it has accepted one
    private @Nullable String abortMessage;
    private @Nullable CancelScope abortScope; // for whose sake; null if it was a cancel of the task

    // Its place in the list that it waits in; WaitList's alone.
    @Nullable Strand previousInList;

    @Nullable Strand nextInList;

    Strand(EventLoop loop, @Nullable Task<?, ?> task, Context context) {
        super(loop.scheduler());
        this.loop = loop;
        this.task = task;
        this.context = context;
    }

    @Override
    protected final void mounted() {
        loop.mounted(this);
        if (loop.debug()) {
            loop.slowItems().strandBegins();
        }
    }

    @Override
    protected final void unmounted() {
        if (loop.debug()) {
            loop.slowItems().ends(task != null ? task : this);
        }
        if (task != null && isForeign()) {
            task.parkedInForeignCode();
            if (loop.observer != null && !loop.isClosed()) {
                loop.observer.parked(task);
            }
            loop.scheduler().mayUnpark(this, "spurious wake-up");
        }
    }

    /**
     * Starts this new strand with its first stretch, for which the caller steps aside; in the next turn where the
     * caller is no strand of a running loop, or cannot step aside.
     */
    final void startNow() {
        Strand caller = loop.strandHere();
        if (caller == null || !caller.runInside(this)) {
            start();
        }
    }

    /**
     * Suspends until {@link #wakeUp}. Called in this strand, with {@code wait} already where its fulfiller finds it.
     *
     * @return whether a cancel was accepted by the wait. What that means is the wait's: a task that is awaited may have
     *     swallowed it. Callers then look at {@link #throwIfCancelled}
     */
    boolean park(Wait wait) {
        if (loop.isClosed()) {
            wait.abandon(this);
            throw loopIsClosed();
        }
        this.wait = wait;
        aborted = false;
        abortMessage = null;
        abortScope = null;
        beginSuspend();
        if (task != null) {
            task.deliverPendingCancel(); // one that came while we ran reaches the wait now, as if it came just after
        }
        if (loop.observer != null && task != null && this.wait != null) {
            loop.observer.waits(task, wait);
        }
        loop.scheduler().mayUnpark(this, "stray permit");
        boolean suspended = suspend();
        this.wait = null;
        if (!suspended) {
            wait.abandon(this);
            if (aborted) {
                throw throwAborted(); // goes first: it would be lost
            }
            throw new IllegalStateException(
                    "cannot suspend here: a native method or a static initialiser is on the stack"
                            + " (await before or after it, or move the work to toThread), or the stack is too deep for the garbage"
                            + " collector (-XX:+UseParallelGC knows no limit, G1 half a region: -XX:G1HeapRegionSize=32m)");
        }
        if (loop.isClosed()) {
            wait.abandon(this);
            throw loopIsClosed();
        }
        return aborted;
    }

    private static CancelledError loopIsClosed() {
        Stragglers.refused();
        return new CancelledError("the event loop is closed");
    }

    /** Never returns, unless the strand cannot be suspended here. Called in it, once its loop is closed. */
    final void suspendForGood() {
        beginSuspend();
        suspend();
    }

    /** Parks on a wait that means nothing else by an accepted cancel than that the strand is cancelled. */
    void parkOrThrow(Wait wait) {
        if (park(wait)) {
            throw throwAborted();
        }
        throwIfCancelled();
    }

    /** Throws the cancel that the last wait has accepted. */
    CancelledError throwAborted() {
        throw throwAborted(abortMessage);
    }

    /** Throws the cancel that the last wait has accepted: with this message, unless it was that of a scope. */
    CancelledError throwAborted(@Nullable String message) {
        if (abortScope != null) {
            throw new CancelledError(abortMessage, abortScope);
        }
        throw throwCancelled(message);
    }

    /** Returns what the strand is suspended on, or null if it is not, or has been woken. */
    @Nullable Wait waitingFor() {
        return wait;
    }

    /** Makes this strand ready: its wait is over. */
    final void wakeUp() {
        wait = null;
        wake();
    }

    /** Passes a cancel on to what the strand waits for; returns false if nothing accepts it. */
    boolean abortWait(@Nullable String message, @Nullable CancelScope scope) {
        Wait wait = this.wait;
        if (wait != null && aborted && scope != null) {
            return true; // has accepted a cancel already; that of a scope would be no news
        }
        if (wait == null) {
            return false;
        }
        aborting = true;
        boolean accepted;
        try {
            accepted = wait.abort(this, message);
        } finally {
            aborting = false;
        }
        if (accepted) {
            aborted(message, scope);
        }
        return accepted;
    }

    /**
     * Returns whether a cancel is being passed on to what the strand waits for. If it comes back, they wait in a ring.
     */
    boolean isAborting() {
        return aborting;
    }

    /** Leaves what the strand waits for, without telling it of a cancel. */
    void leaveWait() {
        Wait wait = this.wait;
        if (wait != null) {
            wait.abandon(this);
            wakeUp();
        }
    }

    /** Notes that what the strand waits for has accepted a cancel. One of the task counts before one of a scope. */
    void aborted(@Nullable String message, @Nullable CancelScope scope) {
        if (!aborted || (abortScope != null && scope == null)) {
            aborted = true;
            abortMessage = message;
            abortScope = scope;
        }
    }

    /** Suspends for one turn. */
    void yieldNow() {
        if (loop.observer != null && task != null && !loop.isClosed()) {
            loop.observer.waits(task, "its next turn");
        }
        yieldToOthers();
        if (loop.isClosed()) {
            throw loopIsClosed();
        }
        throwIfCancelled();
    }

    /** Called when an operation completed without suspending: after many in a row, lets the others run. */
    void completedInline() {
        if (++loop.inlineCompletions >= INLINE_COMPLETIONS) {
            loop.inlineCompletions = 0;
            yieldNow();
        }
    }

    /** Throws if the task was asked to cancel and has not been told. */
    void throwIfCancelled() {
        if (task != null) {
            task.throwIfCancelled();
        }
    }

    /** Delivers a cancel of the task: throws it. */
    CancelledError throwCancelled(@Nullable String message) {
        CancelledError error = new CancelledError(message);
        if (task != null) {
            task.cancelDelivered();
            task.told(error);
        }
        throw error;
    }

    /** A short name for messages. */
    final String label() {
        return task != null ? task.label() : "a callback";
    }

    /** The shortest name: of the task. */
    final String name() {
        return task != null ? task.name() : "a callback";
    }

    @Override
    public String toString() {
        return label();
    }

    /**
     * The loop is closed: lets the strand run to its end elsewhere, with a {@link CancelledError} where it is
     * suspended.
     */
    void loopClosed() {
        if (isForeign()) {
            if (task != null) {
                task.cancel("the event loop is closed");
            } else {
                interrupt();
            }
        } else if (isSuspended()) {
            wakeUp();
        } else if (!isNew()) {
            Stragglers.run(this); // was ready: the queue it stood in is gone
        }
    }
}
