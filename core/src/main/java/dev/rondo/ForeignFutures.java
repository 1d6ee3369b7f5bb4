package dev.rondo;

import dev.rondo.fiber.Guest;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The futures of {@code java.util.concurrent}, seen from a loop. They end as {@link CompletableFuture#join} tells it: a
 * failure is the cause of a {@link CompletionException}.
 */
final class ForeignFutures {

    private ForeignFutures() {}

    static <T extends @Nullable Object> T await(CompletionStage<T> stage, Strand strand) {
        Promise<T, RuntimeException> promise = wrap(stage, strand.loop);
        try {
            return promise.await();
        } catch (TaskCancelledException e) {
            throw cancelledElsewhere(e);
        }
    }

    private static CancellationException cancelledElsewhere(Throwable cause) {
        CancellationException cancellation = new CancellationException("what was awaited has been cancelled");
        cancellation.initCause(cause);
        return cancellation;
    }

    static <T extends @Nullable Object> T await(Future<T> future, Strand strand) {
        if (future instanceof CompletableFuture<T> stage) {
            return await((CompletionStage<T>) stage, strand);
        }
        try {
            return Blocking.call(strand, future::get);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (CancelledError e) {
            cancel(future);
            throw e;
        }
    }

    private static void cancel(Future<?> future) {
        try {
            future.cancel(true);
        } catch (UnsupportedOperationException e) {
            // A view that is there to be looked at, such as minimalCompletionStage().
        }
    }

    /** Returns a promise that ends as the stage does; cancelling it cancels a stage that is a {@link Future}. */
    static <T extends @Nullable Object> Promise<T, RuntimeException> wrap(CompletionStage<T> stage, EventLoop loop) {
        Promise<T, RuntimeException> promise = loop.createFuture();
        stage.whenComplete((value, failure) -> settle(promise, value, failure));
        if (!promise.done()) {
            boolean elsewhere = !(stage instanceof LoopFuture<T> ours && ours.loop == loop);
            loop.reactor().outsideWork(elsewhere ? 1 : 0); // nobody knows who completes it
            onceDone(promise, () -> {
                loop.reactor().outsideWork(elsewhere ? -1 : 0);
                if (promise.cancelled() && stage instanceof Future<?> future) {
                    cancel(future);
                }
            });
        }
        return promise;
    }

    /** Returns a promise that ends as the future does, for which a thread of the loop waits. */
    static <T extends @Nullable Object> Promise<T, RuntimeException> wrap(Future<T> future, EventLoop loop) {
        if (future instanceof CompletableFuture<T> stage) {
            return wrap((CompletionStage<T>) stage, loop);
        }
        Promise<T, RuntimeException> promise = loop.createFuture();
        if (future.isDone()) {
            copy(future, promise);
        } else {
            Guest.newThread(loop.scheduler(), () -> copy(future, promise)).start();
            onceDone(promise, () -> {
                if (promise.cancelled()) {
                    cancel(future);
                }
            });
        }
        return promise;
    }

    /** Blocks the calling thread until the future is done. */
    private static <T extends @Nullable Object> void copy(Future<T> future, Promise<T, RuntimeException> promise) {
        try {
            settle(promise, future.get(), null);
        } catch (ExecutionException e) {
            settle(promise, null, e.getCause());
        } catch (Throwable e) { // a cancellation; or an interrupt, from whoever found this thread
            settle(promise, null, e);
        }
    }

    @SuppressWarnings("NullAway") // whether a value may be null is T's to say
    private static <T extends @Nullable Object> void settle(
            Promise<T, RuntimeException> promise, @Nullable T value, @Nullable Throwable failure) {
        EventLoop loop = promise.loop;
        loop.scheduler().deliver(() -> {
            if (loop.isClosed()) {
                return; // nobody is left to be told
            }
            if (failure == null) {
                promise.finish(value);
            } else if (failure instanceof CancellationException) {
                promise.finishCancelled(failure.getMessage());
            } else {
                promise.fail(failure instanceof CompletionException ? failure : new CompletionException(failure));
            }
        });
    }

    /** Cancelling a future may run what is hung onto it, which is code of the user: so it is a callback. */
    private static void onceDone(Promise<?, ?> promise, Runnable action) {
        promise.whenDone(new CallbackHandle(promise.loop, action, Context.copyCurrent()));
    }
}
