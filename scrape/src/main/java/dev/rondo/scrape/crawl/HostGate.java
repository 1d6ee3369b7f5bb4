package dev.rondo.scrape.crawl;

import dev.rondo.scrape.robots.Throttle;
import java.time.Duration;

/**
 * When an origin may be asked again: at most so many requests at a time, and so long after the last answer. The loop's.
 */
final class HostGate {

    private final int most;
    private final Throttle throttle;
    private int inFlight;
    private long opensNanos; // of the loop's clock

    HostGate(int most, Throttle throttle) {
        this.most = most;
        this.throttle = throttle;
    }

    /** Returns whether there may be another request, once the time has come. */
    boolean hasRoom() {
        return inFlight < most;
    }

    /** Returns when the next request may begin, by the loop's clock. */
    long opensNanos() {
        return opensNanos;
    }

    int inFlight() {
        return inFlight;
    }

    /** Returns how long it waits between an answer and the next request. */
    Duration delay() {
        return throttle.delay();
    }

    Throttle throttle() {
        return throttle;
    }

    void begin(long nowNanos) {
        inFlight++;
        hold(nowNanos);
    }

    /** The answer is there, or none was asked for: then nobody waits. */
    void end(long nowNanos, boolean asked) {
        inFlight--;
        if (asked) {
            hold(nowNanos);
        } else {
            opensNanos = nowNanos;
        }
    }

    /** Something else was asked of the origin: robots.txt. */
    void answered(long nowNanos) {
        hold(nowNanos);
    }

    private void hold(long nowNanos) {
        opensNanos = Math.max(opensNanos, nowNanos + throttle.delay().toNanos());
    }
}
