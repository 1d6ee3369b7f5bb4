package dev.rondo.scrape.robots;

import java.time.Duration;
import java.util.Set;

/**
 * How long one host is left alone between an answer and the next request.
 *
 * <pre>
 *   the host answers in time       towards the floor, or as long as its answers take if that is more
 *   429, 503, no answer            twice as long, from half a second up to a minute
 *   Retry-After                    so long, once; an hour at most
 * </pre>
 *
 * The floor is what the user or robots.txt asks for. A floor of zero says that the host may be asked as fast as it
 * answers: then only Retry-After counts. For one thread at a time.
 */
public final class Throttle {

    private static final Duration FIRST_STEP = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
    private static final Set<Integer> COMPLAINTS = Set.of(429, 503);

    private Duration floor;
    private Duration current;
    private Duration once = Duration.ZERO; // what Retry-After said

    /** Makes one that waits for {@code floor} until it learns more. */
    public Throttle(Duration floor) {
        this.floor = floor;
        this.current = floor;
    }

    /** The host asks for at least so much; no user can want less. */
    public void atLeast(Duration asked) {
        floor = max(floor, asked);
        current = max(current, floor);
    }

    /** The host has answered. */
    public void answered(int status, Duration latency, Duration retryAfter) {
        once = min(retryAfter, LONGEST_RETRY_AFTER);
        if (COMPLAINTS.contains(status)) {
            slowDown();
        } else if (!floor.isZero()) {
            Duration aim = min(max(floor, latency), LONGEST);
            current = current.compareTo(aim) > 0
                    ? aim.plus(current.minus(aim).multipliedBy(3).dividedBy(4))
                    : aim;
        }
    }

    /** The host has not answered. */
    public void failed() {
        once = Duration.ZERO;
        slowDown();
    }

    private void slowDown() {
        if (!floor.isZero()) {
            current = min(max(current.multipliedBy(2), FIRST_STEP), LONGEST);
        }
    }

    /** Returns how long to wait now. */
    public Duration delay() {
        return max(current, once);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
