package dev.rondo.testkit;

import org.jspecify.annotations.Nullable;

/**
 * What an object does where one call is made after another: its specification, for {@link Linearizability}.
 *
 * @param <S> the type of its states: immutable, with {@code equals} and {@code hashCode} by what they hold, and a
 *     {@code toString} for a reader
 */
public interface Model<S> {

    /** Returns the state before the first call. */
    S initial();

    /**
     * Returns the state after an operation, or null if in this state it cannot have ended as it did. One that would
     * have to wait cannot happen. Of one that has not returned yet, any outcome is possible.
     */
    @Nullable S step(S state, History.Operation operation);

    /**
     * Returns whether an operation may wait in this state although it could happen: for
     * {@link Linearizability#checkAtRest}. By default it may not.
     */
    default boolean mayWait(S state, History.Operation operation) {
        return step(state, operation) == null;
    }
}
