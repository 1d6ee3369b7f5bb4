package dev.rondo;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A callback posted by another thread. Its handle may be cancelled by any thread; a foreign thread that cancels while
 * the callback runs waits until it has ended, so that after {@code cancel()} it surely does not run.
 */
final class ThreadsafeHandle extends CallbackHandle {

    private final ReentrantLock running =
            new ReentrantLock(); // held while the callback runs; guards the cancelled state

    ThreadsafeHandle(EventLoop loop, Runnable callback, Context context) {
        super(loop, callback, context);
    }

    @Override
    public void run() {
        running.lock();
        try {
            super.run();
        } finally {
            running.unlock();
        }
    }

    @Override
    public void cancel() {
        boolean locked = lockUnlessOnLoop();
        try {
            super.cancel();
        } finally {
            unlock(locked);
        }
    }

    @Override
    public boolean cancelled() {
        boolean locked = lockUnlessOnLoop();
        try {
            return super.cancelled();
        } finally {
            unlock(locked);
        }
    }

    /** A coroutine that waited here for a callback that is suspended might be the one that the callback waits for. */
    private boolean lockUnlessOnLoop() {
        boolean locked = running.tryLock();
        if (!locked && !loop.isHere()) {
            running.lock();
            return true;
        }
        return locked;
    }

    private void unlock(boolean locked) {
        if (locked) {
            running.unlock();
        }
    }
}
