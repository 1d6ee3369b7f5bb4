package dev.rondo;

import dev.rondo.reactor.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A deadline for a stretch of a task: when it comes, the task is cancelled, and at the end of the stretch that cancel,
 * and no other, is turned into an {@link AsyncTimeoutException}. Made by {@link Asyncio#timeout}, which gives it to the
 * stretch; stands for {@code asyncio.Timeout}.
 *
 * <pre>
 *   ACTIVE ──deadline──▶ EXPIRING ──end of the stretch──▶ EXPIRED
 *      └────────────── end of the stretch ─────────────▶ FINISHED
 * </pre>
 *
 * <p>Loop thread only.
 */
public final class Timeout implements TimedScope {

    private enum State {
        ACTIVE,
        EXPIRING,
        EXPIRED,
        FINISHED
    }

    private final Task<?, ?> task;
    private final OwnCancel cancel;
    private final Duration begin; // of the stretch, in the loop's time
    private State state = State.ACTIVE;
    private @Nullable Duration when;
    private @Nullable Expiry expiry; // what will happen at the deadline; null if there is none, or it is past

    private Timeout(Task<?, ?> task, Duration begin) {
        this.task = task;
        this.cancel = new OwnCancel(task);
        this.begin = begin;
    }

    // ------------------------------------------------------------------------------------------------ the stretch

    static <T extends @Nullable Object, X extends Exception> T run(
            @Nullable Duration delay, AsyncFunction<Timeout, T, X> body) throws X {
        Duration begin = EventLoop.running().time();
        return run(begin, delay == null ? null : EventLoop.after(begin, delay), body);
    }

    static <T extends @Nullable Object, X extends Exception> T runUntil(
            @Nullable Duration when, AsyncFunction<Timeout, T, X> body) throws X {
        return run(EventLoop.running().time(), when, body);
    }

    private static <T extends @Nullable Object, X extends Exception> T run(
            Duration begin, @Nullable Duration when, AsyncFunction<Timeout, T, X> body) throws X {
        Timeout timeout = new Timeout(Task.running("Timeout"), begin);
        timeout.reschedule(when);
        T value;
        try {
            value = body.apply(timeout);
        } catch (Throwable failure) {
            throw Timeout.<X>typed(timeout.exit(failure));
        }
        timeout.exit(null);
        return value;
    }

    /** Waits for something that is there already, and cancels it when the time is over. */
    static <T extends @Nullable Object, X extends Exception> T waitFor(
            @Nullable Duration timeout, Awaitable<T, X> awaitable) throws X {
        Strand strand = EventLoop.running().currentStrand();
        awaitable.checkBelongsTo(strand.loop);
        if (timeout == null || timeout.isPositive()) {
            return run(timeout, _ -> awaitable.await());
        }
        if (!awaitable.done()) {
            awaitable.cancel();
            SetWait.await(strand, List.of(awaitable), SetWait.Until.ALL_DONE, null);
            if (awaitable.cancelled()) {
                throw new AsyncTimeoutException(
                        "there was no time to wait for " + awaitable.label() + ": the timeout is "
                                + Durations.seconds(timeout),
                        null,
                        new TaskCancelledException(awaitable, awaitable.cancelMessage()));
            }
        }
        return awaitable.result();
    }

    /** Ends the stretch; returns what is to be thrown in place of {@code failure}. */
    private @Nullable Throwable exit(@Nullable Throwable failure) {
        unschedule();
        if (state != State.EXPIRING) {
            state = State.FINISHED;
            return failure;
        }
        state = State.EXPIRED;
        boolean byCancel = (failure instanceof CancelledError cancelled && cancelled.scope() == null)
                || (failure != null && task.endedByInterrupt(failure));
        cancel.takeBack(); // the body may not have heard of it: a scope was first, or what it waited for had come
        if (failure == null || cancel.byOthers()) {
            return failure;
        }
        AsyncTimeoutException timedOut = new AsyncTimeoutException(message(), this, byCancel ? failure : null);
        if (byCancel) {
            return timedOut;
        }
        failure.addSuppressed(timedOut); // the body answered the cancel with a failure of its own: it goes first
        if (failure instanceof TaskGroupException group) {
            group.causes().forEach(cause -> cause.addSuppressed(timedOut));
        }
        return failure;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the body's failure, or an unchecked one of ours
    private static <X extends Throwable> X typed(@Nullable Throwable failure) throws X {
        throw (X) failure;
    }

    private String message() {
        Duration after = when == null || when.compareTo(begin) < 0 ? Duration.ZERO : when.minus(begin);
        return "timed out after " + Durations.seconds(after);
    }

    // ------------------------------------------------------------------------------------------------ the deadline

    /**
     * Moves the deadline.
     *
     * @param when the new one, in the time of {@link EventLoop#time}: one that is past comes in the next turn; null for
     *     none
     * @throws IllegalStateException if the deadline has come, or the stretch has ended
     */
    public void reschedule(@Nullable Duration when) {
        EventLoop loop = task.loop();
        loop.checkThread();
        if (state != State.ACTIVE) {
            throw new IllegalStateException("Cannot change state of " + stateName() + " Timeout");
        }
        unschedule();
        this.when = when;
        if (when == null) {
            return;
        }
        Expiry next = new Expiry(loop.nanosAt(when));
        expiry = next;
        task.deadlines(1);
        if (when.compareTo(loop.time()) <= 0) {
            loop.ready(next);
        } else {
            loop.reactor().schedule(next.timer);
        }
    }

    private void unschedule() {
        if (expiry != null) {
            task.loop().reactor().unschedule(expiry.timer);
            expiry = null;
            task.deadlines(-1);
        }
    }

    /** The deadline; it may wait in the queue when it is moved, and then means nothing. */
    private final class Expiry implements Runnable {
        private final Timer timer;

        Expiry(long deadlineNanos) {
            timer = new Timer(deadlineNanos, this);
        }

        @Override
        public String toString() {
            return "a timeout of " + task.name();
        }

        @Override
        public void run() {
            if (expiry == this) {
                expiry = null;
                task.deadlines(-1);
                state = State.EXPIRING;
                cancel.request("timeout");
            }
        }
    }

    /** Returns the deadline in the time of {@link EventLoop#time}, or null if there is none. */
    public @Nullable Duration when() {
        return when;
    }

    /** Returns whether the deadline has come while the stretch ran. */
    @Override
    public boolean expired() {
        return state == State.EXPIRING || state == State.EXPIRED;
    }

    private String stateName() {
        return state.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        String deadline = state != State.ACTIVE ? "" : " when=" + (when == null ? "none" : Durations.seconds(when));
        return "<Timeout [" + stateName() + "]" + deadline + ">";
    }
}
