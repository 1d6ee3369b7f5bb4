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
        running.lock();
        try {
            super.cancel();
        } finally {
            running.unlock();
        }
    }

    @Override
    public boolean cancelled() {
        running.lock();
        try {
            return super.cancelled();
        } finally {
            running.unlock();
        }
    }
}
