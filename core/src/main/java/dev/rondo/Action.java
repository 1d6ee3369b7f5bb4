package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Coroutine} that returns nothing.
 *
 * @param <X> the checked exception it may throw; {@code RuntimeException} where there is none. The compiler infers it
 */
@FunctionalInterface
public interface Action<X extends Exception> {

    /** Runs the body. */
    void run() throws X;

    /** Returns this as a coroutine whose result is null. */
    default Coroutine<@Nullable Void, X> asCoroutine() {
        return new ActionCoroutine<>(this);
    }
}
