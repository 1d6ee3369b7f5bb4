package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * A result that somebody sets: the bridge from callbacks to {@code await}. Made by {@link EventLoop#createFuture}.
 * Stands for {@code asyncio.Future}.
 *
 * @param <T> the type of the value
 * @param <X> the checked exception that {@link #await} may throw; {@code RuntimeException} where there is none
 */
public final class Promise<T extends @Nullable Object, X extends Exception> extends Awaitable<T, X> {

    Promise(EventLoop loop) {
        super(loop);
    }

    /**
     * Sets the value. Stands for {@code set_result}.
     *
     * @throws InvalidStateException if it is done already
     * @throws IllegalStateException if called by another thread: use {@code loop.callSoonThreadsafe(() ->
     *     p.setResult(v))}
     */
    public void setResult(T value) {
        loop.checkThread();
        if (!finish(value)) {
            throw new InvalidStateException("setResult on a promise that is done: " + this);
        }
    }

    /**
     * Sets the failure that {@code await} throws. Stands for {@code set_exception}.
     *
     * @param failure unchecked, or of type X
     * @throws IllegalArgumentException if {@code failure} is null
     * @throws InvalidStateException if it is done already
     * @throws IllegalStateException if called by another thread
     */
    public void setException(Throwable failure) {
        loop.checkThread();
        if (failure == null) {
            throw new IllegalArgumentException("a promise fails with an exception, and not with null");
        }
        if (!fail(failure)) {
            throw new InvalidStateException("setException on a promise that is done: " + this, failure);
        }
    }

    @Override
    public boolean cancel(@Nullable String message) {
        loop.checkThread();
        markRetrieved();
        return finishCancelled(message);
    }

    @Override
    String kind() {
        return "Promise";
    }

    @Override
    String label() {
        return "promise";
    }
}
