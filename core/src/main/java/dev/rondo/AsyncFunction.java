package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * A body of code that is given something and returns something, and may suspend: a {@link Coroutine} with a parameter.
 *
 * @param <A> what it is given
 * @param <T> what it returns
 * @param <X> the checked exception it may throw; {@code RuntimeException} where there is none. The compiler infers it
 */
@FunctionalInterface
public interface AsyncFunction<A extends @Nullable Object, T extends @Nullable Object, X extends Exception> {

    /** Runs the body. */
    T apply(A argument) throws X;
}
