package dev.rondo.testkit;

import org.jspecify.annotations.Nullable;

/**
 * A schedule that a search has found breaks the program. The message is the whole report: what was wrong, the schedule,
 * the plainest one that is wrong in the same way, what happened in that, and how to have it again. The cause is the
 * failure itself.
 */
public final class ScheduleFailure extends AssertionError {

    private final Tape tape;
    private final @Nullable Tape shrunk;

    ScheduleFailure(FailureReport report) {
        super(report.text(), report.failure());
        tape = report.tape();
        shrunk = report.shrunk();
    }

    /** Returns the schedule that failed. */
    public Tape tape() {
        return tape;
    }

    /**
     * Returns the plainest schedule found that fails in the same way, or the one that failed if none was looked for, or
     * it does not fail again.
     */
    public Tape shrunkTape() {
        return shrunk == null ? tape : shrunk;
    }
}
