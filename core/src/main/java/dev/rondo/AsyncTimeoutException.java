package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Timeout} or a {@link CancelScope} has expired. Carries the scope that did, so that "mine or an inner one?"
 * has an answer.
 */
public class AsyncTimeoutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable TimedScope scope;

    /** Makes an exception for a scope, or for no scope of ours. */
    public AsyncTimeoutException(String message, @Nullable TimedScope scope, @Nullable Throwable cause) {
        super(message, cause);
        this.scope = scope;
    }

    /** Returns the {@link Timeout} or {@link CancelScope} that expired, or null where none of Rondo's did. */
    public @Nullable TimedScope scope() {
        return scope;
    }
}
