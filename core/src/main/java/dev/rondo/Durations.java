package dev.rondo;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations in messages. */
final class Durations {

    private Durations() {}

    /** Returns {@code "1.5 s"} and the like. */
    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }
}
