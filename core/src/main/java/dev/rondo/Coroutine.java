package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * A body of code that may suspend: any method is one. Nothing runs until it is given to {@link Asyncio#run},
 * {@link Asyncio#createTask} and their like. Stands for asyncio's coroutine.
 *
 * @param <T> what it returns
 * @param <X> the checked exception it may throw; {@code RuntimeException} where there is none. The compiler infers it
 */
@FunctionalInterface
public interface Coroutine<T extends @Nullable Object, X extends Exception> {

    /** Runs the body. */
    T run() throws X;
}
