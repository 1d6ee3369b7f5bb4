package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * How something ended, as a value: made for {@code switch}. What {@link Asyncio#gatherOutcomes} returns, where asyncio
 * puts values and exceptions into one list.
 *
 * @param <T> the type of the value
 */
public sealed interface Outcome<T extends @Nullable Object> {

    /** It returned a value. */
    record Success<T extends @Nullable Object>(T value) implements Outcome<T> {}

    /** It failed. */
    record Failure<T extends @Nullable Object>(Throwable failure) implements Outcome<T> {}

    /** It was cancelled, with that message. */
    record Cancelled<T extends @Nullable Object>(@Nullable String message) implements Outcome<T> {}
}
