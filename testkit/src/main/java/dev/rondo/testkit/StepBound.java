package dev.rondo.testkit;

import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How long a run may go on, and who has kept it going if it does so for too long. Loop thread only. */
final class StepBound {

    /** Who ran in the last so many steps is counted: in all of them it would cost too much. */
    private static final int COUNTED = 10_000;

    private static final int SHOWN = 5;
    private static final Duration LONGEST_CLEARING_UP = Duration.ofHours(1);

    private final long most;
    private long left;
    private long steps;
    private @Nullable Duration end; // of clearing up
    private @Nullable Map<String, Integer> counts; // by name

    StepBound(long most) {
        this.most = most;
        left = most;
    }

    long steps() {
        return steps;
    }

    /** The tasks that are left are cancelled now: they get as many steps as there were before, and an hour. */
    void beginAgain(Duration now) {
        left = most;
        counts = null;
        end = now.plus(LONGEST_CLEARING_UP);
    }

    /** Counts a step; returns what is wrong if it is one too many. */
    @Nullable String step(Object item, VirtualClock clock) {
        steps++;
        if (--left < COUNTED) {
            if (counts == null) {
                counts = new LinkedHashMap<>();
            }
            counts.merge(EventLog.withoutChance(EventLog.nameOf(item)), 1, Integer::sum);
        }
        if (left <= 0 && counts != null) {
            left = 0;
            return "goes on after " + steps + " steps, at " + clock.elapsed() + ". Of the last "
                    + Math.min(COUNTED, most) + " steps most were of: " + busiest(counts);
        }
        if (end != null && clock.elapsed().compareTo(end) > 0) {
            return "goes on at " + clock.elapsed();
        }
        return null;
    }

    private static String busiest(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(SHOWN)
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
    }
}
