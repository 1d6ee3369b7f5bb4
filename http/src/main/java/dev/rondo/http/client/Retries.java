package dev.rondo.http.client;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectTimeoutException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.WriteTimeoutException;
import dev.rondo.http.encoding.HttpDate;
import dev.rondo.http.h1.ResponseHead;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides for a session which attempts are followed by another, and holds its budget. Does no I/O.
 *
 * <p>The budget is the session's, whatever policy a request brings.
 */
final class Retries {

    private static final double GIVEN_BACK = 0.1;
    private static final int MAX_DIGITS = 9; // of seconds: thirty years, and no overflow

    private final RetryPolicy policy;
    private final DoubleSupplier chance;
    private final InstantSource clock;
    private double tokens;

    Retries(RetryPolicy policy, DoubleSupplier chance, InstantSource clock) {
        this.policy = policy;
        this.chance = chance;
        this.clock = clock;
        this.tokens = policy.budget();
    }

    /** Returns how long to wait before the next attempt, or null if this answer stands. */
    @Nullable Duration afterAnswer(ClientRequest request, int attempt, ResponseHead answer, Duration left) {
        RetryPolicy rules = rulesFor(request);
        if (!rules.statuses().contains(answer.status())) {
            tokens = Math.min(policy.budget(), tokens + GIVEN_BACK);
            return null;
        }
        if (!mayRepeat(request, rules)) {
            return null;
        }
        Duration asked = retryAfter(answer.headers(), clock);
        return granted(rules, attempt, asked == null ? drawn(rules, attempt) : asked, left);
    }

    /** Returns how long to wait before the next attempt, or null if this failure stands. */
    @Nullable Duration afterFailure(ClientRequest request, int attempt, HttpException failure, Duration left) {
        RetryPolicy rules = rulesFor(request);
        boolean unsent = failure instanceof ConnectFailedException || failure instanceof ConnectTimeoutException;
        boolean lost = failure instanceof ConnectionClosedException
                || failure instanceof ReadTimeoutException
                || failure instanceof WriteTimeoutException;
        return unsent || (lost && mayRepeat(request, rules))
                ? granted(rules, attempt, drawn(rules, attempt), left)
                : null;
    }

    private RetryPolicy rulesFor(ClientRequest request) {
        RetryPolicy own = request.retry();
        return own == null ? policy : own;
    }

    private static boolean mayRepeat(ClientRequest request, RetryPolicy rules) {
        return request.repeatable() && (rules.everyMethod() || request.idempotent());
    }

    private @Nullable Duration granted(RetryPolicy rules, int attempt, Duration pause, Duration left) {
        boolean broke = policy.budget() > 0 && tokens < 1;
        if (attempt >= rules.attempts()
                || broke
                || pause.compareTo(rules.maxDelay()) > 0
                || pause.compareTo(left) >= 0) {
            return null;
        }
        tokens -= 1;
        return pause;
    }

    private Duration drawn(RetryPolicy rules, int attempt) {
        // Nothing is drawn where nothing will be made of it.
        return attempt >= rules.attempts() ? Duration.ZERO : rules.pause(attempt, chance.getAsDouble());
    }

    /** Returns what Retry-After says (RFC 9110 §10.2.3), in seconds or as a date, or null. */
    static @Nullable Duration retryAfter(Headers headers, InstantSource clock) {
        String text = headers.get("Retry-After");
        if (text == null || text.isBlank()) {
            return null;
        }
        String value = text.strip();
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(value.length() > MAX_DIGITS ? Integer.MAX_VALUE : Long.parseLong(value));
        }
        Instant until = HttpDate.parse(value);
        if (until == null) {
            return null;
        }
        String serversDate = headers.get("Date"); // its clock may differ from ours, but not from itself
        Instant now = serversDate == null ? null : HttpDate.parse(serversDate.strip());
        Duration rest = Duration.between(now == null ? clock.instant() : now, until);
        return rest.isNegative() ? Duration.ZERO : rest;
    }
}
