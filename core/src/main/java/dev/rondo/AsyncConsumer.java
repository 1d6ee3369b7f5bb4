package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncFunction} that returns nothing.
 *
 * @param <A> what it is given
 * @param <X> the checked exception it may throw; {@code RuntimeException} where there is none. The compiler infers it
 */
@FunctionalInterface
public interface AsyncConsumer<A extends @Nullable Object, X extends Exception> {

    /** Runs the body. */
    void accept(A argument) throws X;
}
