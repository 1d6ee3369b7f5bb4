package dev.rondo;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Work that other threads do for a loop, and the pool that does it where no other executor is named. Loop thread only;
 * what a worker has to say comes back through the loop's inbox.
 */
final class Workers {

    private final EventLoop loop;
    private @Nullable ExecutorService pool; // made when first used
    private boolean shutdown;
    private final Map<Object, Coroutine<?, ?>> inFlight = new LinkedHashMap<>(); // by what tells one from the other

    Workers(EventLoop loop) {
        this.loop = loop;
    }

    <T extends @Nullable Object, X extends Exception> Awaitable<T, X> run(
            @Nullable ExecutorService executor, Coroutine<T, X> work) {
        Promise<T, X> promise = loop.createFuture();
        AtomicBoolean taken = new AtomicBoolean(); // by the worker that does it, or by the cancel that takes it back
        begun(taken, work);
        Future<?> future;
        try {
            future = (executor != null ? executor : pool()).submit(() -> {
                if (taken.getAndSet(true)) {
                    return;
                }
                Runnable delivery = perform(work, promise);
                loop.scheduler().post(() -> {
                    ended(taken);
                    delivery.run();
                });
            });
        } catch (RuntimeException | Error e) {
            ended(taken);
            throw e;
        }
        promise.whenDone(() -> {
            if (promise.cancelled() && !taken.getAndSet(true)) {
                future.cancel(false);
                ended(taken);
            }
        });
        return promise;
    }

    private void begun(Object key, Coroutine<?, ?> work) {
        inFlight.put(key, work);
        loop.reactor().outsideWork(1);
    }

    private void ended(Object key) {
        inFlight.remove(key);
        loop.reactor().outsideWork(-1);
    }

    /** Returns the work that executors have in hand, or have yet to begin. */
    Collection<Coroutine<?, ?>> inFlight() {
        return inFlight.values();
    }

    /** In the worker: returns how to tell the promise. */
    private static <T extends @Nullable Object, X extends Exception> Runnable perform(
            Coroutine<T, X> work, Promise<T, X> promise) {
        try {
            T value = work.run();
            return () -> promise.finish(value); // does nothing if it was cancelled meanwhile
        } catch (Throwable failure) {
            return () -> promise.fail(failure);
        }
    }

    private ExecutorService pool() {
        if (shutdown) {
            throw new IllegalStateException("Executor shutdown has been called");
        }
        ExecutorService pool = this.pool;
        if (pool == null) {
            pool = daemonPool("rondo-worker-", Math.min(32, Runtime.getRuntime().availableProcessors() + 4));
            this.pool = pool;
        }
        return pool;
    }

    private static ExecutorService daemonPool(String prefix, int threads) {
        AtomicLong number = new AtomicLong();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new LinkedTransferQueue<>(), // has no lock that a coroutine could have to wait for
                work -> Thread.ofPlatform()
                        .daemon()
                        .name(prefix + number.incrementAndGet())
                        .unstarted(work));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * Ends the pool, and waits for the work it has begun. On the thread that ran the loop, which does not run any more.
     */
    void shutdownAndJoin(Duration timeout) throws InterruptedException {
        ExecutorService pool = this.pool;
        close();
        if (pool != null && !pool.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            loop.callExceptionHandler(new ExceptionContext(
                    "The executor did not finish joining its threads within " + timeout.toSeconds() + " seconds.",
                    null));
        }
    }

    void close() {
        shutdown = true;
        if (pool != null) {
            pool.shutdown();
        }
    }
}
