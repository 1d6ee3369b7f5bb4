package dev.rondo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long each item of the loop runs before it suspends or ends: what takes too long is logged. In debug mode only,
 * since it reads the clock twice for each. Loop thread only.
 */
final class SlowItems {

    private final EventLoop loop;
    private long thresholdNanos = 100_000_000;
    private boolean measuring; // false if debug mode was switched on in the midst of an item
    private long beganNanos;
    private @Nullable CallbackHandle callback; // the one that runs

    SlowItems(EventLoop loop) {
        this.loop = loop;
    }

    Duration threshold() {
        return Duration.ofNanos(thresholdNanos);
    }

    void threshold(Duration threshold) {
        thresholdNanos = Durations.capped(threshold).toNanos();
    }

    /** Returns where the callback that runs was scheduled, if debug mode knows it. */
    @Nullable List<StackTraceElement> callbackCreatedAt() {
        return callback == null || callback.createdAt == null || callback.createdAt.isEmpty()
                ? null
                : callback.createdAt;
    }

    void strandBegins() {
        begins(null);
    }

    void callbackBegins(CallbackHandle handle) {
        begins(handle);
    }

    private void begins(@Nullable CallbackHandle callback) {
        this.callback = callback;
        measuring = true;
        beganNanos = loop.reactor().nanos();
    }

    /** The item has suspended or ended. On the bare thread, or in the callback runner. */
    void ends(Object item) {
        long took = loop.reactor().nanos() - beganNanos;
        boolean measured = measuring;
        Object what = callback != null ? callback : item;
        measuring = false;
        callback = null;
        if (measured && took >= thresholdNanos) {
            loop.exceptionHandling()
                    .later(
                            () -> Report.warning("Executing " + Names.ofValue(what) + " took "
                                    + BigDecimal.valueOf(took, 9).setScale(3, RoundingMode.HALF_UP) + " seconds"),
                            new Context());
        }
    }
}
