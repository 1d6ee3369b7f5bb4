package dev.rondo.testkit;

import dev.rondo.EventLoop;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work on a platform thread of its own, so that whoever waits for it can give up: a loop heeds no interrupt.
 */
final class OwnThread<T> {

    private final Thread thread;
    private volatile @Nullable T result;
    private volatile @Nullable Throwable failure;

    private OwnThread(String name, Supplier<T> work) {
        thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> run(work));
    }

    static <T> OwnThread<T> start(String name, Supplier<T> work) {
        OwnThread<T> own = new OwnThread<>(name, work);
        own.thread.start();
        return own;
    }

    private void run(Supplier<T> work) {
        try {
            result = work.get();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** Waits for the result; returns null if it is not there in time. Throws what the work has thrown. */
    @Nullable T await(Duration patience) throws InterruptedException {
        if (!thread.join(patience)) {
            return null;
        }
        Throwable failure = this.failure;
        if (failure != null) {
            throw LoopRun.<RuntimeException>undeclared(failure);
        }
        return result;
    }

    boolean ended() {
        return !thread.isAlive();
    }

    Thread thread() {
        return thread;
    }

    /** Nobody waits any more: a loop that only waits is stopped, one that computes for ever cannot be. */
    void abandon(EventLoop loop) {
        try {
            loop.callSoonThreadsafe(loop::stop);
        } catch (IllegalStateException e) {
            // it has closed meanwhile
        }
    }
}
