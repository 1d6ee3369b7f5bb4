package dev.rondo;

import dev.rondo.reactor.Timer;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A deadline for a stretch of a task: when it comes, the task is cancelled, and at the end of the stretch that cancel,
 * and no other, is turned into an {@link AsyncTimeoutException}. Made by {@link Asyncio#timeout}; stands for
 * {@code asyncio.timeout()}.
 *
 * <pre>
 *   ACTIVE ──deadline──▶ EXPIRING ──end of the stretch──▶ EXPIRED
 *      └────────────── end of the stretch ─────────────▶ FINISHED
 * </pre>
 */
public final class Timeout {

    private enum State {
        ACTIVE,
        EXPIRING,
        EXPIRED,
        FINISHED
    }

    private final Task<?, ?> task;
    private final int cancelRequestsBefore;
    private final Duration delay;
    private State state = State.ACTIVE;
    private @Nullable Timer timer; // null once the deadline is past

    private Timeout(Task<?, ?> task, Duration delay) {
        this.task = task;
        this.cancelRequestsBefore = task.cancelling();
        this.delay = delay;
    }

    static <T extends @Nullable Object, X extends Exception> T run(Duration delay, Coroutine<T, X> body) throws X {
        Strand strand = EventLoop.running().currentStrand();
        if (strand.task == null) {
            throw new IllegalStateException("Timeout should be used inside a task; this is a callback");
        }
        Timeout timeout = new Timeout(strand.task, delay);
        timeout.schedule();
        T value;
        try {
            value = body.run();
        } catch (Throwable failure) {
            throw Timeout.<X>typed(timeout.exit(failure));
        }
        timeout.exit(null);
        return value;
    }

    private void schedule() {
        EventLoop loop = task.loop();
        Timer timer = new Timer(loop.deadlineNanos(delay), this::expire);
        this.timer = timer;
        task.deadlines(1);
        if (delay.isPositive()) {
            loop.reactor().schedule(timer);
        } else {
            loop.ready(this::expire);
        }
    }

    private void expire() {
        if (state == State.ACTIVE) {
            state = State.EXPIRING;
            timer = null;
            task.deadlines(-1);
            task.cancel("timeout");
        }
    }

    /** Ends the stretch; returns what is to be thrown in place of {@code failure}. */
    private @Nullable Throwable exit(@Nullable Throwable failure) {
        if (timer != null) {
            task.loop().reactor().unschedule(timer);
            timer = null;
            task.deadlines(-1);
        }
        if (state != State.EXPIRING) {
            state = State.FINISHED;
            return failure;
        }
        state = State.EXPIRED;
        boolean byCancel = failure instanceof CancelledError || (failure != null && task.endedByInterrupt(failure));
        boolean onlyOurs = task.uncancel() <= cancelRequestsBefore;
        if (failure == null || !onlyOurs) {
            return failure;
        }
        AsyncTimeoutException expiry =
                new AsyncTimeoutException("timed out after " + seconds(), this, byCancel ? failure : null);
        if (byCancel) {
            return expiry;
        }
        failure.addSuppressed(expiry); // the body answered the cancel with a failure of its own: it goes first
        return failure;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the body's failure, or an unchecked one of ours
    private static <X extends Throwable> X typed(@Nullable Throwable failure) throws X {
        throw (X) failure;
    }

    private String seconds() {
        return BigDecimal.valueOf(delay.getSeconds())
                        .add(BigDecimal.valueOf(delay.getNano(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }

    /** Returns whether the deadline has come while the stretch ran. */
    public boolean expired() {
        return state == State.EXPIRING || state == State.EXPIRED;
    }

    @Override
    public String toString() {
        return "<Timeout " + state.name().toLowerCase(java.util.Locale.ROOT) + " " + delay + ">";
    }
}
