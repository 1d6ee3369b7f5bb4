package dev.rondo.reactor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** What a worker is to do for an operation, and which can be taken back until the worker has begun. */
final class FileJob implements Supplier<Runnable> {

    private final Supplier<Runnable> work;
    private final Runnable takenBack;
    private final AtomicBoolean claimed = new AtomicBoolean(); // by the worker, or by who takes it back

    /**
     * Makes a job.
     *
     * @param work for the worker, which returns what is left to do for the loop thread
     * @param takenBack for the loop thread, instead, where no worker has begun
     */
    FileJob(Supplier<Runnable> work, Runnable takenBack) {
        this.work = work;
        this.takenBack = takenBack;
    }

    @Override
    public Runnable get() {
        return claimed.compareAndSet(false, true) ? work.get() : () -> {};
    }

    /** Takes the job back; returns false if a worker has begun. Loop thread only. */
    boolean takeBack() {
        if (!claimed.compareAndSet(false, true)) {
            return false;
        }
        takenBack.run();
        return true;
    }
}
