package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An executor whose tasks are coroutines of a loop. Any thread. */
final class LoopExecutor extends AbstractExecutorService {

    private final EventLoop loop;
    private final Set<Job<?>> jobs = ConcurrentHashMap.newKeySet(); // whose tasks have not ended
    private final AtomicLong submitted = new AtomicLong();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private volatile boolean shutdown;

    LoopExecutor(EventLoop loop) {
        this.loop = loop;
    }

    boolean isOf(EventLoop loop) {
        return this.loop == loop;
    }

    @Override
    public void execute(Runnable command) {
        Objects.requireNonNull(command);
        Job<?> job = command instanceof Job<?> held ? held : new Job<>(Executors.callable(command), false);
        jobs.add(job);
        if (shutdown || loop.isClosed()) {
            remove(job);
            throw new RejectedExecutionException(
                    shutdown ? "the executor has been shut down" : "the event loop is closed");
        }
        job.start();
    }

    private void remove(Job<?> job) {
        jobs.remove(job);
        if (shutdown && jobs.isEmpty()) {
            terminated.countDown();
        }
    }

    @Override
    protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Callable<T> body) {
        return new Job<>(body, true);
    }

    @Override
    protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Runnable body, T value) {
        return new Job<>(Executors.callable(body, value), true);
    }

    /** What was submitted: the future, and the body of the task. */
    private final class Job<T extends @Nullable Object> extends LoopFuture<T> implements RunnableFuture<T> {

        private final long number = submitted.incrementAndGet();
        private final Callable<T> body;
        private final boolean held; // somebody has the future, and with it the failure

        Job(Callable<T> body, boolean held) {
            super(LoopExecutor.this.loop);
            this.body = Objects.requireNonNull(body);
            this.held = held;
        }

        void start() {
            start(body::call);
        }

        @Override
        void ended(@Nullable Awaitable<? extends T, ?> source) {
            if (held) {
                super.ended(source);
            }
            remove(this);
        }

        /** Inside another job, which an {@link java.util.concurrent.ExecutorCompletionService} has wrapped round us. */
        @Override
        public void run() {
            if (isDone()) {
                return;
            }
            @SuppressWarnings("unchecked") // of this task nothing is used but its cancel
            Task<T, ?> task = (Task<T, ?>) loop.currentStrand().task;
            doneIn(task);
            try {
                complete(body.call());
            } catch (CancelledError e) {
                completeExceptionally(new CancellationException(e.getMessage()));
                throw e;
            } catch (Throwable failure) {
                completeExceptionally(failure);
            } finally {
                doneIn(null);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the first of
    // many

    @Override
    public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> bodies)
            throws InterruptedException, ExecutionException {
        try {
            return invokeAny(bodies, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("290 years are over", e);
        }
    }

    @Override
    public <T extends @Nullable Object> T invokeAny(
            Collection<? extends Callable<T>> bodies, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (bodies.isEmpty()) {
            throw new IllegalArgumentException("invokeAny of nothing");
        }
        long timeoutNanos = unit.toNanos(timeout);
        long begin = System.nanoTime(); // another thread's wait: the loop's clock may be a virtual one
        List<Job<T>> started = new ArrayList<>();
        LinkedBlockingQueue<Future<T>> done = new LinkedBlockingQueue<>();
        try {
            for (Callable<T> body : bodies) {
                Job<T> job = new Job<>(body, true);
                started.add(job);
                job.whenComplete((_, _) -> done.add(job));
                execute(job);
            }
            for (int failures = 0; ; ) {
                Future<T> next = done.poll(timeoutNanos - (System.nanoTime() - begin), TimeUnit.NANOSECONDS);
                if (next == null) {
                    throw new TimeoutException();
                }
                try {
                    return next.get();
                } catch (ExecutionException | CancellationException e) {
                    if (++failures == started.size()) {
                        throw e instanceof ExecutionException failure ? failure : new ExecutionException(e);
                    }
                }
            }
        } finally {
            started.forEach(job -> job.cancel(true));
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public void shutdown() {
        shutdown = true;
        if (jobs.isEmpty()) {
            terminated.countDown();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        List<Job<?>> inOrder = new ArrayList<>(jobs);
        inOrder.sort(Comparator.comparingLong(job -> job.number));
        inOrder.forEach(job -> job.cancel(true));
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return terminated.getCount() == 0;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return terminated.await(timeout, unit);
    }
}
