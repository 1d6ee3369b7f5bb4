package dev.rondo;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What other threads hold of a task or promise: completed by the loop once that is done, or when the loop closes. Any
 * thread may wait for it. {@code cancel(true)} passes the cancel on, {@code cancel(false)} only lets go.
 *
 * <p>Whatever was hung onto it runs where a callback would, never on the bare loop thread.
 */
class LoopFuture<T extends @Nullable Object> extends CompletableFuture<T> {

    final EventLoop loop;
    private @Nullable Awaitable<? extends T, ?> source; // loop thread; null before the task is made

    LoopFuture(EventLoop loop) {
        this.loop = loop;
    }

    /** Returns a future that ends as {@code source} does. On the loop thread. */
    static <T extends @Nullable Object> LoopFuture<T> of(Awaitable<T, ?> source) {
        LoopFuture<T> future = new LoopFuture<>(source.loop);
        future.follow(source, Context.copyCurrent());
        return future;
    }

    /** Starts a coroutine as a task of the loop, in a copy of the caller's context. Any thread. */
    static <T extends @Nullable Object, X extends Exception> LoopFuture<T> start(
            EventLoop loop, Coroutine<T, X> coroutine) {
        LoopFuture<T> future = new LoopFuture<>(loop);
        future.start(coroutine);
        return future;
    }

    final void start(Coroutine<? extends T, ?> coroutine) {
        Context context = Context.copyCurrent();
        if (loop.isHere()) {
            begin(coroutine, context);
        } else {
            loop.scheduler().post(() -> beginFromElsewhere(coroutine, context));
        }
    }

    private void beginFromElsewhere(Coroutine<? extends T, ?> coroutine, Context context) {
        if (loop.isClosed()) {
            loopClosed();
        } else if (loop.taskFactory() == null) {
            begin(coroutine, context);
        } else { // is code of the user, and so are the first steps of eager tasks
            loop.handedOut().add(this);
            loop.ready(new CallbackHandle(loop, () -> begin(coroutine, context), context));
        }
    }

    private void begin(Coroutine<? extends T, ?> coroutine, Context context) {
        loop.handedOut().remove(this);
        if (isDone()) {
            ended(null); // cancelled before it could begin
            return;
        }
        Task<? extends T, ?> task;
        try {
            task = loop.createTask(coroutine, null, context);
        } catch (Throwable failure) {
            completeExceptionally(failure);
            ended(null);
            if (EventLoop.escapes(failure)) {
                loop.escape(failure);
            }
            return;
        }
        follow(task, context);
    }

    private void follow(Awaitable<? extends T, ?> source, Context context) {
        this.source = source;
        if (source.done()) {
            copy(source);
        } else if (loop.isClosed()) {
            loopClosed();
        } else {
            loop.handedOut().add(this);
            source.whenDone(new CallbackHandle(loop, () -> copy(source), context));
        }
    }

    private void copy(Awaitable<? extends T, ?> source) {
        loop.handedOut().remove(this);
        Throwable failure = source.peekFailure();
        boolean told;
        if (source.cancelled()) {
            told = completeExceptionally(new CancellationException(source.cancelMessage()));
        } else if (failure != null) {
            told = completeExceptionally(failure);
        } else {
            told = complete(source.value());
        }
        ended(told ? source : null);
    }

    /** Gives up: nothing will come of it any more. */
    final void loopClosed() {
        completeExceptionally(new CancellationException("the event loop is closed"));
        ended(null);
    }

    /**
     * Told once, when the source is done, or never will be. With null if this has not ended as the source: whoever held
     * it has let go.
     */
    void ended(@Nullable Awaitable<? extends T, ?> source) {
        if (source != null) {
            source.markRetrieved(); // whoever holds this future has the failure
        }
    }

    /** Says in which task the work is done, for a cancel to find it. */
    final void doneIn(@Nullable Task<? extends T, ?> task) {
        source = task;
    }

    @Override
    public boolean cancel(boolean alsoTheTask) {
        boolean cancelled = super.cancel(alsoTheTask);
        if (cancelled && alsoTheTask) {
            loop.scheduler().deliver(this::cancelSource);
        }
        return cancelled;
    }

    private void cancelSource() {
        if (source != null) {
            source.cancel();
        }
    }
}
