package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * Something that the caller has until it closes this, made for {@code try (var _ = lock.hold()) { … }}: what stands for
 * {@code async with lock}. Returned by the {@code hold} methods of locks, conditions, semaphores and limiters.
 */
public final class Hold implements AutoCloseable {

    private @Nullable Runnable release; // null once it has been called

    Hold(Runnable release) {
        this.release = release;
    }

    /**
     * Gives back what is held, on the thread of its loop. Does not suspend; the second time it does nothing.
     *
     * @throws IllegalStateException if somebody has released a lock behind the holder's back, or on another thread
     */
    @Override
    public void close() {
        Runnable release = this.release;
        if (release != null) {
            this.release = null;
            release.run();
        }
    }
}
