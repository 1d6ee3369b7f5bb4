package dev.rondo;

import dev.rondo.reactor.Timer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A callback of the user with a timer. Loop thread only. */
final class TimerCallbackHandle extends CallbackHandle implements TimerHandle {

    private final Timer timer;

    TimerCallbackHandle(EventLoop loop, long deadlineNanos, Runnable callback, Context context) {
        super(loop, callback, context);
        this.timer = new Timer(deadlineNanos, this);
    }

    Timer timer() {
        return timer;
    }

    @Override
    public Duration when() {
        return Duration.ofNanos(timer.deadlineNanos);
    }

    @Override
    public void cancel() {
        loop.checkThread();
        super.cancel();
        loop.reactor().unschedule(timer);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TimerCallbackHandle that
                && timer.deadlineNanos == that.timer.deadlineNanos
                && Objects.equals(callback(), that.callback())
                && cancelled() == that.cancelled();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(timer.deadlineNanos);
    }

    @Override
    public String toString() {
        return "<TimerHandle when=" + when() + " " + (cancelled() ? "cancelled" : name())
                + CreationSite.suffix(createdAt) + ">";
    }
}
