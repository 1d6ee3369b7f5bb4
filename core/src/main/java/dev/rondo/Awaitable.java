package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A result that is there, or will be: a {@link Task}, which computes it, or a {@link Promise}, which somebody sets.
 *
 * <pre>
 *   PENDING ──▶ FINISHED    with a value, or with a failure
 *      └──────▶ CANCELLED
 * </pre>
 *
 * <p>Confined to its loop: for the loop's thread (in coroutines and callbacks), and for any one thread while the loop
 * does not run. What changes it, and what waits for it, fails with {@link IllegalStateException} if called from
 * elsewhere; what only asks ({@link #done}, {@link #result} …) does not check, and may tell another thread of the past.
 * Stands for {@code asyncio.Future}, the part that {@code Task} shares.
 *
 * @param <T> the type of the value
 * @param <X> the checked exception that {@link #await} may throw; {@code RuntimeException} where there is none
 */
public abstract sealed class Awaitable<T extends @Nullable Object, X extends Exception> extends Wait
        permits Promise, Task {

    private enum State {
        PENDING,
        FINISHED,
        CANCELLED
    }

    final EventLoop loop;
    private State state = State.PENDING;
    private @Nullable Object outcome; // the value; or the failure, if failed; or the message of the cancel
    private boolean failed;
    private boolean retrieved; // somebody has seen the failure
    private boolean describing; // toString is at work, and a value that contains this has come round to it
    private @Nullable Object callbacks; // null, one Runnable, or a List of them, in the order they came

    private final @Nullable List<StackTraceElement> createdAt; // in debug mode

    Awaitable(EventLoop loop) {
        this.loop = loop;
        this.createdAt = CreationSite.in(loop);
    }

    // ------------------------------------------------------------------------------------------------ for everybody

    /** Returns the loop that this belongs to. Any thread. */
    public final EventLoop loop() {
        return loop;
    }

    /** Returns whether there is a value, a failure, or a cancellation. */
    public final boolean done() {
        return state != State.PENDING;
    }

    /** Returns whether this ended as cancelled. */
    public final boolean cancelled() {
        return state == State.CANCELLED;
    }

    /**
     * Returns the value, suspending the calling coroutine until it is there; at once, without letting others run, if it
     * is. Stands for {@code await future}.
     *
     * <p>If the caller is cancelled while it waits, the cancel is passed on to what it waits for. Where that ends
     * cancelled, this throws {@link CancelledError}; where it ends otherwise in spite of the cancel, that outcome
     * counts.
     *
     * @throws X the failure, if it failed: the same object for everyone who awaits
     * @throws TaskCancelledException if it was cancelled by anyone but a cancel of the caller
     * @throws CancelledError if the calling task was asked to cancel
     * @throws IllegalStateException if called outside the coroutines and callbacks of its loop, or by a task on itself
     */
    public final T await() throws X {
        if (state == State.PENDING) {
            suspendUntilDone();
        }
        return take();
    }

    /**
     * Returns the value, without waiting. Stands for {@code future.result()}.
     *
     * @throws X the failure, if it failed
     * @throws TaskCancelledException if it was cancelled
     * @throws InvalidStateException if it is not done
     */
    public final T result() throws X {
        if (state == State.PENDING) {
            throw new InvalidStateException("Result is not ready: " + label());
        }
        return take();
    }

    /**
     * Returns the failure, or null if there is a value, without waiting. Stands for {@code future.exception()}.
     *
     * @throws TaskCancelledException if it was cancelled
     * @throws InvalidStateException if it is not done
     */
    public final @Nullable Throwable exception() {
        if (state == State.PENDING) {
            throw new InvalidStateException("Exception is not set: " + label());
        }
        if (state == State.CANCELLED) {
            throw cancellation();
        }
        markRetrieved();
        return failed ? (Throwable) outcome : null;
    }

    /**
     * Returns how this ended, as a value, without waiting.
     *
     * @throws InvalidStateException if it is not done
     */
    @SuppressWarnings({"unchecked", "NullAway"
    }) // finish() is the only way in; whether a value may be null is T's to say
    public final Outcome<T> outcome() {
        if (state == State.PENDING) {
            throw new InvalidStateException("Outcome is not ready: " + label());
        }
        markRetrieved();
        if (state == State.CANCELLED) {
            return new Outcome.Cancelled<>((String) outcome);
        }
        return failed ? new Outcome.Failure<>((Throwable) outcome) : new Outcome.Success<>((T) outcome);
    }

    /** Asks for cancellation; the same as {@code cancel(null)}. */
    public final boolean cancel() {
        return cancel(null);
    }

    /**
     * Asks for cancellation. A promise is cancelled at once; a task is told at its next suspension point, by a
     * {@link CancelledError} with this message, and may clean up, or even go on.
     *
     * @return false if it is done already
     */
    public abstract boolean cancel(@Nullable String message);

    /**
     * Has {@code callback} called with this once it is done: in a turn of its own, never from within this call, in the
     * order of registration, and in a copy of the current context. Stands for {@code add_done_callback}.
     */
    public final void addDoneCallback(Consumer<? super Awaitable<T, X>> callback) {
        addDoneCallback(callback, Context.copyCurrent());
    }

    /** Has {@code callback} called with this once it is done, in the given context. */
    public final void addDoneCallback(Consumer<? super Awaitable<T, X>> callback, Context context) {
        loop.checkThread();
        whenDone(new DoneCallback(loop, callback, () -> callback.accept(this), context));
    }

    /** Takes back all registrations equal to {@code callback}; returns how many there were. */
    public final int removeDoneCallback(Consumer<? super Awaitable<T, X>> callback) {
        loop.checkThread();
        int removed = 0;
        for (Object each : registered()) { // a copy: equals() is the user's, and may change what is registered
            if (isFor(callback, each)) {
                forget((Runnable) each);
                removed++;
            }
        }
        return removed;
    }

    private List<?> registered() {
        if (callbacks instanceof List<?> several) {
            return List.copyOf(several);
        }
        return callbacks == null ? List.of() : List.of(callbacks);
    }

    /**
     * Returns a stage that is completed on the loop once this is done: with the value, with the failure, or as
     * cancelled; as cancelled, too, when the loop closes first. Any thread may use the stage; what is hung onto it
     * without an executor runs as a callback of the loop does. {@code toCompletableFuture().cancel(true)} cancels this.
     */
    public final CompletionStage<T> asStage() {
        loop.checkThread();
        return LoopFuture.of(this);
    }

    private static boolean isFor(Object function, Object callback) {
        return callback instanceof DoneCallback done && function.equals(done.function);
    }

    // ------------------------------------------------------------------------------------------------ completion

    final boolean finish(T value) {
        return end(State.FINISHED, value, false);
    }

    final boolean fail(Throwable failure) {
        boolean ended = end(State.FINISHED, failure, true);
        if (ended && !retrieved) {
            loop.failures().add(this);
        }
        return ended;
    }

    final boolean finishCancelled(@Nullable String message) {
        return end(State.CANCELLED, message, false);
    }

    private boolean end(State end, @Nullable Object outcome, boolean failed) {
        if (state != State.PENDING) {
            return false;
        }
        state = end;
        this.outcome = outcome;
        this.failed = failed;
        Object callbacks = this.callbacks;
        this.callbacks = null;
        if (callbacks instanceof List<?> several) {
            for (Object each : several) {
                makeReady((Runnable) each);
            }
        } else if (callbacks != null) {
            makeReady((Runnable) callbacks);
        }
        return true;
    }

    private void makeReady(Runnable callback) {
        if (callback instanceof Strand waiter) {
            waiter.wakeUp();
        } else {
            loop.ready(callback);
        }
    }

    // ------------------------------------------------------------------------------------------------ waiting

    /** Has {@code item} made ready once this is done: a strand is woken, anything else runs in the turn after. */
    final void whenDone(Runnable item) {
        if (state != State.PENDING) {
            makeReady(item);
        } else if (callbacks == null) {
            callbacks = item;
        } else if (callbacks instanceof List<?>) {
            @SuppressWarnings("unchecked") // only this method makes the list
            List<Runnable> several = (List<Runnable>) callbacks;
            several.add(item);
        } else {
            List<Runnable> several = new ArrayList<>(4);
            several.add((Runnable) callbacks);
            several.add(item);
            callbacks = several;
        }
    }

    /** Takes back one {@link #whenDone}. */
    final void forget(Runnable item) {
        if (callbacks instanceof List<?> several) {
            several.remove(item);
        } else if (item.equals(callbacks)) {
            callbacks = null;
        }
    }

    /** Returns whether anybody waits, or is to be called back. */
    final boolean hasCallbacks() {
        return callbacks != null && !(callbacks instanceof List<?> several && several.isEmpty());
    }

    private void suspendUntilDone() {
        Strand strand = RunningLoops.strandHere();
        if (strand == null) {
            throw EventLoop.notInCoroutine("await()");
        }
        if (strand.loop != loop) {
            throw new IllegalStateException(strand.task + " got " + this + ", which is attached to a different loop."
                    + " Use that loop's runCoroutineThreadsafe");
        }
        if (strand.task == this) {
            throw new IllegalStateException("Task cannot await on itself: " + this);
        }
        whenDone(strand);
        boolean cancelAccepted = strand.park(this);
        if (cancelAccepted && state == State.CANCELLED) {
            throw strand.throwAborted((String) outcome);
        }
        strand.throwIfCancelled();
    }

    @Override
    final boolean abort(Strand strand, @Nullable String message) {
        return cancel(message);
    }

    @Override
    final void abandon(Strand strand) {
        forget(strand);
    }

    @Override
    final Collection<Awaitable<?, ?>> awaited() {
        return List.of(this);
    }

    @Override
    final @Nullable Collection<? extends Task<?, ?>> wakers() {
        return tasksOf(List.of(this));
    }

    @SuppressWarnings("NullAway") // whether a value may be null is T's to say
    private T take() throws X {
        if (state == State.CANCELLED) {
            throw cancellation();
        }
        if (failed) {
            markRetrieved();
            throw Awaitable.<X>failure(outcome);
        }
        return value();
    }

    /** Passes the failure through under the type that the caller was told of. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X failure(@Nullable Object failure) throws X {
        throw (X) failure;
    }

    /** Returns what those who await this are thrown, once it is cancelled. */
    final TaskCancelledException cancellation() {
        return new TaskCancelledException(this, (String) outcome);
    }

    /** Notes that somebody has seen the failure, or never will and knows it. */
    final void markRetrieved() {
        if (!retrieved) {
            retrieved = true;
            if (failed) {
                loop.failures().remove(this);
            }
        }
    }

    /** Reports the failure that nobody has seen. */
    final void reportUnretrieved() {
        retrieved = true;
        loop.callExceptionHandler(ExceptionContext.about(
                this instanceof Task ? "task" : "future",
                this,
                createdAt,
                kind() + " exception was never retrieved",
                (Throwable) outcome));
    }

    /** Returns the failure, or null, without marking it as seen. */
    final @Nullable Throwable peekFailure() {
        return failed ? (Throwable) outcome : null;
    }

    /** Returns the value of what is finished and has not failed. */
    @SuppressWarnings({"NullAway", "unchecked"
    }) // whether a value may be null is T's to say; finish() is the only way in
    final T value() {
        return (T) outcome;
    }

    final @Nullable String cancelMessage() {
        return state == State.CANCELLED ? (String) outcome : null;
    }

    /** Fails unless this belongs to {@code loop}. */
    final void checkBelongsTo(EventLoop loop) {
        if (this.loop != loop) {
            throw new IllegalArgumentException(this + " belongs to a different loop");
        }
    }

    abstract String kind();

    /** A short name for messages. */
    @Override
    abstract String label();

    /** Returns where this was made, innermost frame first, if debug mode knows it. */
    final @Nullable List<StackTraceElement> createdAt() {
        return createdAt;
    }

    /** What the kind has to say of itself, to stand between the state and the outcome. */
    String details() {
        return "";
    }

    String state() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns kind, state, details, result or failure, who waits, and in debug mode where it was made. Never fails, and
     * says of a value that contains this only so much.
     */
    @Override
    public final String toString() {
        if (describing) {
            return "<" + kind() + " " + state() + " …>";
        }
        describing = true;
        try {
            return "<" + kind() + " " + state() + details() + describeOutcome() + describeCallbacks()
                    + CreationSite.suffix(createdAt) + ">";
        } finally {
            describing = false;
        }
    }

    private String describeOutcome() {
        if (state != State.FINISHED) {
            return "";
        }
        return (failed ? " exception=" : " result=") + Names.ofValue(outcome);
    }

    private String describeCallbacks() {
        if (!hasCallbacks()) {
            return "";
        }
        if (!(callbacks instanceof List<?> several)) {
            return " cb=[" + nameOf(callbacks) + "]";
        }
        int size = several.size();
        return " cb=[" + nameOf(several.getFirst())
                + (size > 2 ? ", <" + (size - 2) + " more>" : "")
                + (size > 1 ? ", " + nameOf(several.getLast()) : "")
                + "]";
    }

    private static String nameOf(@Nullable Object callback) {
        return switch (callback) {
            case null -> "none";
            case Strand strand -> strand.label();
            case CallbackHandle handle -> handle.name();
            default -> Names.ofCode(callback);
        };
    }
}
