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

    /** More at one instant of virtual time are those of a loop that never lets it pass. */
    private static final long MOST_AT_AN_INSTANT = 1_000_000;

    private static final int SHOWN = 5;
    private static final Duration LONGEST_CLEARING_UP = Duration.ofHours(1);

    private final long most;
    private long left;
    private long steps;
    private long instantNanos;
    private long leftAtInstant = MOST_AT_AN_INSTANT;
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
        leftAtInstant = MOST_AT_AN_INSTANT;
        counts = null;
        end = now.plus(LONGEST_CLEARING_UP);
    }

    /** Counts a step; returns what is wrong if it is one too many. */
    @Nullable String step(Object item, VirtualClock clock) {
        steps++;
        if (clock.nanos() != instantNanos) {
            beginInstant(clock.nanos());
        }
        left--;
        leftAtInstant--;
        if (left < COUNTED || leftAtInstant < COUNTED) {
            if (counts == null) {
                counts = new LinkedHashMap<>();
            }
            counts.merge(EventLog.withoutChance(EventLog.nameOf(item)), 1, Integer::sum);
        }
        if ((left <= 0 || leftAtInstant <= 0) && counts != null) {
            left = 0;
            return "goes on after " + steps + " steps, at " + clock.elapsed()
                    + (leftAtInstant <= 0 ? ", which never passes" : "") + ". Of the last "
                    + Math.min(COUNTED, most) + " steps most were of: " + busiest(counts);
        }
        if (end != null && clock.elapsed().compareTo(end) > 0) {
            return "goes on at " + clock.elapsed();
        }
        return null;
    }

    private void beginInstant(long nanos) {
        instantNanos = nanos;
        leftAtInstant = MOST_AT_AN_INSTANT;
        if (left >= COUNTED) {
            counts = null;
        }
    }

    private static String busiest(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(SHOWN)
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
    }
}
