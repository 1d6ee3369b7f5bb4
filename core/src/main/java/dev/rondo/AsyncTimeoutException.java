package dev.rondo;

import org.jspecify.annotations.Nullable;

/** A {@link Timeout} has expired. Carries the scope that did, so that "mine or an inner one?" has an answer. */
public class AsyncTimeoutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable Timeout scope;

    /** Makes an exception for a scope, or for no scope of ours. */
    public AsyncTimeoutException(String message, @Nullable Timeout scope, @Nullable Throwable cause) {
        super(message, cause);
        this.scope = scope;
    }

    /** Returns the scope that expired, or null where none of Rondo's did. */
    public @Nullable Timeout scope() {
        return scope;
    }
}
