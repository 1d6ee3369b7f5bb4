package dev.rondo;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
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
    private final @Nullable SimulatedWorkers simulated; // which then do all that executors would
    private @Nullable ExecutorService pool; // made when first used, or the user's
    private boolean shutdown;
    private final Set<Thread> busy = ConcurrentHashMap.newKeySet(); // the workers' to keep; told of when one is stuck
    private final Map<Object, Work> inFlight = new LinkedHashMap<>(); // by what tells one from the other
    private int pooledHere; // how much of that is the pool's, and done on the loop's thread
    private final List<Promise<Boolean, RuntimeException>> poolWaiters = new ArrayList<>(); // for that to end

    Workers(EventLoop loop, boolean simulated) {
        this.loop = loop;
        this.simulated = simulated ? new SimulatedWorkers(loop) : null;
    }

    /**
     * What an executor has in hand.
     *
     * @param what what it is to its user
     * @param here whether it is done on the loop's thread: then it is outside work only while it is parked
     * @param pooled whether it is the pool's
     */
    private record Work(Coroutine<?, ?> what, boolean here, boolean pooled) {}

    /** Has {@code work} done; a cancel of the result takes it back, or else leaves it to itself. */
    <T extends @Nullable Object, X extends Exception> Awaitable<T, X> run(
            @Nullable ExecutorService executor, Coroutine<T, X> work) {
        Promise<T, X> promise = loop.createFuture();
        Job job = submit(executor, work, () -> {
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

    /**
     * Has {@code work} done, whose answer is then run on the bare loop thread.
     *
     * @param what what the work is to its user
     */
    Job submit(@Nullable ExecutorService executor, Coroutine<?, ?> what, Supplier<Runnable> work) {
        ExecutorService target = executor != null ? executor : pool();
        AtomicBoolean taken = new AtomicBoolean();
        begun(taken, new Work(what, isHere(target), target == pool));
        try {
            return new Job(taken, submit(target, () -> {
                if (!taken.getAndSet(true)) {
                    perform(taken, work);
                }
            }));
        } catch (RuntimeException | Error e) {
            ended(taken);
            throw e;
        }
    }

    /** Returns whether the executor's work is done on the loop's thread. */
    private boolean isHere(ExecutorService executor) {
        return executor instanceof LoopExecutor coroutines ? coroutines.isOf(loop) : simulated != null;
    }

    private Future<?> submit(ExecutorService target, Runnable work) {
        if (simulated == null || target instanceof LoopExecutor) { // whose tasks are coroutines
            return target.submit(work);
        }
        if (target.isShutdown()) {
            throw new RejectedExecutionException("the executor has been shut down");
        }
        return simulated.submit(work);
    }

    private void begun(Object key, Work work) {
        inFlight.put(key, work);
        if (!work.here) {
            loop.reactor().outsideWork(1);
        } else if (work.pooled) {
            pooledHere++;
        }
    }

    private void ended(Object key) {
        Work work = requireNonNull(inFlight.remove(key));
        if (!work.here) {
            loop.reactor().outsideWork(-1);
        } else if (work.pooled && --pooledHere == 0) {
            poolWaiters.forEach(waiter -> waiter.finish(true));
            poolWaiters.clear();
        }
    }

    /** Returns whether work for executors is done on the loop's thread. */
    boolean simulated() {
        return simulated != null;
    }

    /** Returns the work that executors have in hand, or have yet to begin. */
    List<Coroutine<?, ?>> inFlight() {
        List<Coroutine<?, ?>> whats = new ArrayList<>(inFlight.size());
        inFlight.values().forEach(work -> whats.add(work.what));
        return whats;
    }

    /** In the worker. */
    private void perform(Object key, Supplier<Runnable> work) {
        busy.add(Thread.currentThread());
        Runnable answer = work.get();
        busy.remove(Thread.currentThread());
        loop.scheduler().post(() -> {
            ended(key);
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
            ended(taken);
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
        shutDown();
        if (pool == null) {
            return;
        }
        if (timeout == null) {
            awaitEnd(pool);
            return;
        }
        try {
            Timeout.run(timeout, _ -> awaitEnd(pool));
        } catch (AsyncTimeoutException e) {
            loop.callExceptionHandler(new ExceptionContext(
                    "The executor did not finish joining its threads within " + Durations.seconds(timeout),
                    null,
                    Map.of("threads", stacksOfBusyThreads())));
        }
    }

    /** Suspends until the work that the pool has been given is done; returns true. */
    private boolean awaitEnd(ExecutorService pool) {
        if (pooledHere > 0) { // awaited in our own way, which lets virtual time go on
            Promise<Boolean, RuntimeException> idle = loop.createFuture();
            poolWaiters.add(idle);
            idle.await();
        }
        if (simulated != null && !(pool instanceof LoopExecutor)) {
            return true;
        }
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

    /** The loop is about to close. */
    void close() {
        shutDown();
        if (simulated != null) {
            simulated.close();
        }
    }

    private void shutDown() {
        shutdown = true;
        if (pool != null) {
            pool.shutdown();
        }
    }
}
