package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * The cancel by which a scope stops the task that it is part of, told apart from everybody else's by counting. Loop
 * thread only.
 */
final class OwnCancel {

    private final Task<?, ?> task;
    private final int requestsBefore; // those from outside that the task was told of, taken for granted
    private boolean requested;
    private boolean anotherPending; // a cancel was on its way already when ours was requested

    OwnCancel(Task<?, ?> task) {
        this.task = task;
        this.requestsBefore = task.cancelsDelivered();
    }

    /** Cancels the task, once. */
    void request(@Nullable String message) {
        if (!requested) {
            requested = true;
            anotherPending = task.cancelPending();
            task.cancel(message);
        }
    }

    boolean requested() {
        return requested;
    }

    /** Takes the request back, if there was one, and with it a cancel that has not reached the task. */
    void takeBack() {
        if (requested && task.uncancel() <= requestsBefore && !anotherPending) {
            task.cancelDelivered();
        }
    }

    /** After {@link #takeBack}: returns whether anybody else has asked the task to cancel since the scope began. */
    boolean byOthers() {
        return task.cancelling() > requestsBefore;
    }

    /** Has a cancel of others, which something else goes before, delivered where the task suspends next. */
    void redeliver(@Nullable String message) {
        task.uncancel();
        task.cancel(message);
    }
}
