package dev.rondo;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task of a group that somebody waits for until it says that it is ready. What happens before that is the waiter's,
 * what happens later the group's.
 *
 * <pre>
 *   STARTING ──started(value)──▶ READY      the waiter goes on with the value, the task is one of the group
 *       └─────────ends─────────▶ ENDED      the waiter goes on with the task's outcome
 * </pre>
 */
final class Startup<V extends @Nullable Object, X extends Exception> extends Wait implements TaskGroup.Ready<V> {

    private final Strand waiter;
    private final Task<@Nullable Void, X> child;
    private boolean ready;
    private boolean cancelPassedOn; // that of the waiter, to the task
    private boolean cancelIsPending; // the task has said that it is ready before it was told of a cancel
    private boolean ended; // the body of the task
    private @Nullable V value;
    private boolean abandoned; // by a waiter that could not wait

    private Startup(TaskGroup group, AsyncConsumer<? super TaskGroup.Ready<V>, X> body, Strand waiter) {
        this.waiter = waiter;
        child = group.newChild(
                () -> {
                    try {
                        body.accept(this);
                    } finally {
                        ended = true;
                    }
                    return null;
                },
                TaskOptions.none());
        group.whenDone(child, () -> childDone(group));
    }

    @SuppressWarnings("NullAway") // whether the value may be null is V's to say
    static <V extends @Nullable Object, X extends Exception> V await(
            TaskGroup group, AsyncConsumer<? super TaskGroup.Ready<V>, X> body) throws X {
        Strand waiter = EventLoop.running().currentStrand();
        Startup<V, X> startup = new Startup<>(group, body, waiter);
        if (!startup.ready) { // else it was started at once
            boolean cancelAccepted = waiter.park(startup);
            if (cancelAccepted && startup.cancelIsPending) {
                throw waiter.throwAborted();
            }
            if (cancelAccepted && startup.child.cancelled()) {
                throw waiter.throwAborted(startup.child.cancelMessage());
            }
            waiter.throwIfCancelled();
        }
        if (!startup.ready) {
            startup.child.result(); // throws, unless the body has returned
            throw new IllegalStateException(startup.child + " returned without calling ready.started(…)");
        }
        return startup.value;
    }

    @Override
    public void started(V value) {
        waiter.loop.checkThread();
        if (ready || ended) {
            throw new IllegalStateException(
                    ready ? "started() has been called before, with " + this.value : child + " has ended");
        }
        ready = true;
        cancelIsPending = cancelPassedOn && child.cancelPending();
        this.value = value;
        if (!abandoned) {
            waiter.wakeUp();
        }
    }

    private void childDone(TaskGroup group) {
        if (ready || abandoned) {
            group.childDone(child);
        } else {
            waiter.wakeUp();
            group.letGo(child);
        }
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        cancelPassedOn = child.cancel(message);
        return cancelPassedOn;
    }

    @Override
    void abandon(Strand strand) {
        abandoned = true;
    }

    @Override
    Collection<? extends Awaitable<?, ?>> awaited() {
        return List.of(child);
    }

    @Override
    public String toString() {
        return "start of " + child.label();
    }
}
