package dev.rondo;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Work that other threads do for a loop, and the pool that does it where no other executor is named. Loop thread only;
 * what a worker has to say comes back through the loop's inbox.
 */
final class Workers {

    private final EventLoop loop;
    private @Nullable ExecutorService pool; // made when first used, or the user's
    private boolean shutdown;
    private final Set<Thread> busy = ConcurrentHashMap.newKeySet(); // the workers' to keep; told of when one is stuck

    Workers(EventLoop loop) {
        this.loop = loop;
    }

    /** Has {@code work} done; a cancel of the result takes it back, or else leaves it to itself. */
    <T extends @Nullable Object, X extends Exception> Awaitable<T, X> run(
            @Nullable ExecutorService executor, Coroutine<T, X> work) {
        Promise<T, X> promise = loop.createFuture();
        Job job = submit(executor, () -> {
            try {
                T value = work.run();
                return () -> promise.finish(value); // does nothing if it was cancelled meanwhile
            } catch (Throwable failure) {
                return () -> promise.fail(failure);
            }
        });
        promise.whenDone(() -> {
            if (promise.cancelled()) {
                job.takeBack();
            }
        });
        return promise;
    }

    /** Has {@code work} done, whose answer is then run on the bare loop thread. */
    Job submit(@Nullable ExecutorService executor, Supplier<Runnable> work) {
        AtomicBoolean taken = new AtomicBoolean();
        loop.reactor().outsideWork(1);
        try {
            return new Job(taken, (executor != null ? executor : pool()).submit(() -> {
                        if (!taken.getAndSet(true)) {
                            perform(work);
                        }
                    }));
        } catch (RuntimeException | Error e) {
            loop.reactor().outsideWork(-1);
            throw e;
        }
    }

    /** In the worker. */
    private void perform(Supplier<Runnable> work) {
        busy.add(Thread.currentThread());
        Runnable answer = work.get();
        busy.remove(Thread.currentThread());
        loop.scheduler().post(() -> {
            loop.reactor().outsideWork(-1);
            answer.run();
        });
    }

    /** Work that an executor has been given. */
    final class Job {

        private final AtomicBoolean taken; // by the worker that does it, or by the cancel that takes it back
        private final Future<?> future;

        private Job(AtomicBoolean taken, Future<?> future) {
            this.taken = taken;
            this.future = future;
        }

        /** Takes the work back; returns false if it has begun: then its answer will come. */
        boolean takeBack() {
            if (taken.getAndSet(true)) {
                return false;
            }
            future.cancel(false);
            loop.reactor().outsideWork(-1);
            return true;
        }

        /** Interrupts the thread that does the work, if it still does. */
        void interrupt() {
            future.cancel(true);
        }
    }

    // ------------------------------------------------------------------------------------------------ the pool

    void setPool(ExecutorService pool) {
        this.pool = pool;
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
                        .inheritInheritableThreadLocals(false) // not those of whichever coroutine came first
                        .unstarted(work));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Ends the pool, and suspends until the work it has been given is done, or the time is over. */
    void shutdownAndWait(@Nullable Duration timeout) {
        ExecutorService pool = this.pool;
        close();
        if (pool == null) {
            return;
        }
        if (timeout == null) {
            awaitTermination(pool);
            return;
        }
        try {
            Timeout.run(timeout, _ -> awaitTermination(pool));
        } catch (AsyncTimeoutException e) {
            loop.callExceptionHandler(new ExceptionContext(
                    "The executor did not finish joining its threads within " + Durations.seconds(timeout),
                    null,
                    Map.of("threads", stacksOfBusyThreads())));
        }
    }

    private boolean awaitTermination(ExecutorService pool) {
        return Blocking.call(loop.currentStrand(), () -> pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS));
    }

    private String stacksOfBusyThreads() {
        return busy.stream()
                .map(thread -> Stream.of(thread.getStackTrace())
                        .map(frame -> "\n\tat " + frame)
                        .collect(Collectors.joining("", "\n" + thread.getName(), "")))
                .sorted()
                .collect(Collectors.joining());
    }

    boolean hasPool() {
        return pool != null;
    }

    void close() {
        shutdown = true;
        if (pool != null) {
            pool.shutdown();
        }
    }
}
