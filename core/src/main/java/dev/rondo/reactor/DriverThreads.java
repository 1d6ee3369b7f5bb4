package dev.rondo.reactor;

import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Daemon threads that do what may block. They start when there is work and end when there has been none for a while.
 *
 * <p>Not a {@code ThreadPoolExecutor}, for that has locks: a coroutine that had to wait for one would be suspended in
 * the middle of what must be one step.
 */
final class DriverThreads {

    private static final long IDLE_SECONDS = 10;

    private final LinkedTransferQueue<Runnable> jobs = new LinkedTransferQueue<>();
    private final AtomicInteger threads = new AtomicInteger();
    private final String name;
    private final int most;

    /** Makes threads, at most so many at once: what comes when all are busy waits. */
    DriverThreads(String name, int most) {
        this.name = name;
        this.most = most;
    }

    /** Has one of the threads run a job, which must not throw. Never blocks. */
    void run(Runnable job) {
        if (jobs.tryTransfer(job)) {
            return; // an idle thread has it
        }
        jobs.add(job);
        if (mayStart()) {
            Thread.ofPlatform()
                    .daemon()
                    .name(name)
                    .inheritInheritableThreadLocals(false)
                    .start(this::work);
        }
    }

    private boolean mayStart() {
        for (int n = threads.get(); n < most; n = threads.get()) {
            if (threads.compareAndSet(n, n + 1)) {
                return true;
            }
        }
        return false;
    }

    private void work() {
        do {
            for (Runnable job; (job = next()) != null; ) {
                job.run();
                Thread.interrupted(); // a file whose reader is interrupted is closed: no job may leave that to the next
            }
            threads.decrementAndGet();
        } while (!jobs.isEmpty() && mayStart()); // a job that came just then found all threads there and started none
    }

    private @Nullable Runnable next() {
        try {
            return jobs.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return jobs.poll(); // nobody of ours interrupts these threads: end when nothing is left
        }
    }
}
