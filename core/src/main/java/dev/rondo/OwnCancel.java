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
    private boolean pending; // the task could not be told of it at once
    private int deliveries; // the task's, at that time

    OwnCancel(Task<?, ?> task) {
        this.task = task;
        this.requestsBefore = task.cancelsDelivered();
    }

    /** Cancels the task, once. */
    void request(@Nullable String message) {
        if (!requested) {
            requested = true;
            task.cancel(message);
            pending = task.cancelPending();
            deliveries = task.deliveries();
        }
    }

    boolean requested() {
        return requested;
    }

    /** Takes the request back, if there was one, and with it a cancel that has not reached the task. */
    void takeBack() {
        if (requested) {
            if (pending && task.deliveries() == deliveries) {
                task.keepPending(task.undelivered() - 1);
            }
            task.keepPending(task.uncancel() - requestsBefore); // there cannot be more: ours may have come again
        }
    }

    /** After {@link #takeBack}: returns whether anybody else has asked the task to cancel since the scope began. */
    boolean byOthers() {
        return task.cancelling() > requestsBefore;
    }

    /** Has a cancel of others, which something else goes before, delivered where the task suspends next. */
    void redeliver(@Nullable String message) {
        task.keepPending(task.undelivered() - 1);
        task.uncancel();
        task.cancel(message);
    }
}
