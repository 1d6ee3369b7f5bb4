package dev.rondo.http.client;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectTimeoutException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.WriteTimeoutException;
import dev.rondo.http.h1.ResponseHead;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Decides for a session which attempts are followed by another, and holds its budget. Does no I/O. */
final class Retries {

    private static final double GIVEN_BACK = 0.1;
    private static final int MAX_DIGITS = 9; // of seconds: thirty years, and no overflow

    private final RetryPolicy policy;
    private final DoubleSupplier chance;
    private double tokens;

    Retries(RetryPolicy policy, DoubleSupplier chance) {
        this.policy = policy;
        this.chance = chance;
        this.tokens = policy.budget();
    }

    /** Returns how long to wait before the next attempt, or null if this answer stands. */
    @Nullable Duration afterAnswer(ClientRequest request, int attempt, ResponseHead answer, Duration left) {
        if (!policy.statuses().contains(answer.status())) {
            tokens = Math.min(policy.budget(), tokens + GIVEN_BACK);
            return null;
        }
        return mayRepeat(request) ? granted(attempt, wanted(attempt, answer.headers()), left) : null;
    }

    /** Returns how long to wait before the next attempt, or null if this failure stands. */
    @Nullable Duration afterFailure(ClientRequest request, int attempt, HttpException failure, Duration left) {
        boolean unsent = failure instanceof ConnectFailedException || failure instanceof ConnectTimeoutException;
        boolean lost = failure instanceof ConnectionClosedException
                || failure instanceof ReadTimeoutException
                || failure instanceof WriteTimeoutException;
        return unsent || (lost && mayRepeat(request)) ? granted(attempt, drawn(attempt), left) : null;
    }

    private boolean mayRepeat(ClientRequest request) {
        return request.repeatable() && (policy.everyMethod() || request.idempotent());
    }

    private @Nullable Duration granted(int attempt, Duration pause, Duration left) {
        boolean broke = policy.budget() > 0 && tokens < 1;
        if (attempt >= policy.attempts()
                || broke
                || pause.compareTo(policy.maxDelay()) > 0
                || pause.compareTo(left) >= 0) {
            return null;
        }
        tokens -= 1;
        return pause;
    }

    private Duration drawn(int attempt) {
        return policy.pause(attempt, chance.getAsDouble());
    }

    private Duration wanted(int attempt, Headers headers) {
        Duration asked = retryAfter(headers);
        return asked == null ? drawn(attempt) : asked;
    }

    /** Returns what Retry-After says (RFC 9110 §10.2.3), in seconds or as a date, or null. */
    static @Nullable Duration retryAfter(Headers headers) {
        String text = headers.get("Retry-After");
        if (text == null || text.isBlank()) {
            return null;
        }
        String value = text.strip();
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(value.length() > MAX_DIGITS ? Integer.MAX_VALUE : Long.parseLong(value));
        }
        Instant until = date(value);
        if (until == null) {
            return null;
        }
        String serversDate = headers.get("Date"); // its clock may differ from ours, but not from itself
        Instant now = serversDate == null ? null : date(serversDate.strip());
        Duration rest = Duration.between(now == null ? Instant.now() : now, until);
        return rest.isNegative() ? Duration.ZERO : rest;
    }

    private static @Nullable Instant date(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException noDate) {
            return null;
        }
    }
}
