package dev.rondo;

/** A stretch of a task that may have a deadline: what an {@link AsyncTimeoutException} says has expired. */
public sealed interface TimedScope permits Timeout, CancelScope {

    /** Returns whether the deadline came while the stretch ran. */
    boolean expired();
}
