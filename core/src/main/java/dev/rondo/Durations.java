package dev.rondo;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations in messages, and those that are for ever. */
final class Durations {

    /** Far beyond any program, and far from where a {@code long} of nanoseconds ends. */
    static final Duration LONGEST = Duration.ofDays(70 * 365);

    private Durations() {}

    /** Returns {@code duration}, or 70 years if it is longer: so much can be counted in nanoseconds. */
    static Duration capped(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    }

    /** Returns {@code "1.5 s"} and the like. */
    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }
}
