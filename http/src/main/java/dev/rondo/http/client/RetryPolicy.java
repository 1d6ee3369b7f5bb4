package dev.rondo.http.client;

import dev.rondo.http.h1.WaitLimit;
import java.time.Duration;
import java.util.Set;

/**
 * When a request that failed is sent again. Off by default. aiohttp has none; {@code aiohttp_retry} is its add-on.
 *
 * <p>Sent again is what met one of these statuses, got no connection, or lost it without an answer, or saw no answer in
 * time; only idempotent methods, unless {@code everyMethod}, and only a body that can be sent twice. Where there was no
 * connection nothing has been sent, and neither matters.
 *
 * <p>The pause is drawn evenly from zero to {@code firstDelay}, doubled each time, but not beyond {@code maxDelay}.
 * What the server asks for by Retry-After counts in its place; a server that asks for more than {@code maxDelay}, or
 * than is left of the total time, is not asked again: its answer is the answer.
 *
 * @param attempts in all, the first included; 1 for no retry
 * @param statuses that are worth another attempt
 * @param firstDelay the most to wait before the second attempt
 * @param maxDelay the most to wait before any
 * @param everyMethod whether POST and PATCH are sent again as well
 * @param budget how many retries the session may make at once, so that an ill server is not buried; every request that
 *     ends well gives a tenth of a retry back. 0 for no limit. A request's own policy spends what the session's allows,
 *     and its budget says nothing
 */
public record RetryPolicy(
        int attempts, Set<Integer> statuses, Duration firstDelay, Duration maxDelay, boolean everyMethod, int budget) {

    /** Each request is sent once. */
    public static final RetryPolicy NONE = new RetryPolicy(
            1, Set.of(429, 500, 502, 503, 504), Duration.ofMillis(500), Duration.ofSeconds(30), false, 100);

    /** Three attempts; 429, 500, 502, 503, 504; half a second, doubled up to 30; a budget of 100. */
    public static final RetryPolicy STANDARD = NONE.withAttempts(3);

    /** Checks the numbers. */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts < 1: " + attempts + "; 1 stands for no retry");
        }
        if (firstDelay.isNegative() || maxDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException("delays from " + firstDelay + " to " + maxDelay);
        }
        if (budget < 0) {
            throw new IllegalArgumentException("budget < 0: " + budget + "; 0 stands for no limit");
        }
        statuses = Set.copyOf(statuses);
        firstDelay = WaitLimit.bounded(firstDelay);
        maxDelay = WaitLimit.bounded(maxDelay);
    }

    /** Returns a copy with another number of attempts. */
    public RetryPolicy withAttempts(int number) {
        return new RetryPolicy(number, statuses, firstDelay, maxDelay, everyMethod, budget);
    }

    /** Returns a copy with other statuses. */
    public RetryPolicy withStatuses(Set<Integer> others) {
        return new RetryPolicy(attempts, others, firstDelay, maxDelay, everyMethod, budget);
    }

    /** Returns a copy with other pauses. */
    public RetryPolicy withDelays(Duration first, Duration max) {
        return new RetryPolicy(attempts, statuses, first, max, everyMethod, budget);
    }

    /** Returns a copy for methods that are not idempotent too, or for those alone that are. */
    public RetryPolicy withEveryMethod(boolean every) {
        return new RetryPolicy(attempts, statuses, firstDelay, maxDelay, every, budget);
    }

    /** Returns a copy with another budget; 0 for no limit. */
    public RetryPolicy withBudget(int retries) {
        return new RetryPolicy(attempts, statuses, firstDelay, maxDelay, everyMethod, retries);
    }

    /** Returns the pause before the next attempt. */
    Duration pause(int attempt, double chance) {
        double nanos = firstDelay.toNanos() * Math.pow(2, attempt - 1);
        return Duration.ofNanos((long) (Math.min(nanos, (double) maxDelay.toNanos()) * chance));
    }
}
