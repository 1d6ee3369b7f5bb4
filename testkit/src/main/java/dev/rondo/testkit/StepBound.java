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

    /** Half a million steps take seconds; a program that works takes a few thousand without letting time pass. */
    private static final long AT_ONCE = 500_000;

    private static final Duration LONGEST_CLEARING_UP = Duration.ofHours(1);

    private final long most;
    private final long mostAtOnce; // while no virtual time passes
    private long left;
    private long leftAtOnce;
    private long steps;
    private long nanos = Long.MIN_VALUE; // the time of the last step
    private @Nullable Duration end; // of clearing up
    private @Nullable Map<String, Integer> counts; // by name

    StepBound(long most) {
        this.most = most;
        mostAtOnce = Math.min(most, Math.max(AT_ONCE, most / 10));
        left = most;
    }

    long steps() {
        return steps;
    }

    /** The tasks that are left are cancelled now: they get as many steps as there were before, and an hour. */
    void beginAgain(Duration now) {
        left = most;
        leftAtOnce = mostAtOnce;
        counts = null;
        end = now.plus(LONGEST_CLEARING_UP);
    }

    /** Counts a step; returns what is wrong if it is one too many. */
    @Nullable String step(Object item, VirtualClock clock) {
        steps++;
        long now = clock.nanos();
        if (now != nanos) {
            nanos = now;
            leftAtOnce = mostAtOnce;
            counts = left <= COUNTED ? counts : null;
        }
        left = Math.max(0, left - 1);
        leftAtOnce = Math.max(0, leftAtOnce - 1);
        if (left < COUNTED || leftAtOnce < COUNTED) {
            if (counts == null) {
                counts = new LinkedHashMap<>();
            }
            counts.merge(EventLog.withoutChance(EventLog.nameOf(item)), 1, Integer::sum);
            if (left == 0) {
                return "goes on after " + steps + " steps, at " + clock.elapsed() + busiest(counts, most);
            }
            if (leftAtOnce == 0) {
                return "goes on after " + mostAtOnce + " steps at " + clock.elapsed() + ", where virtual time stands"
                        + " still: it passes only when every coroutine waits, so one that yields until something has"
                        + " come keeps it from coming" + busiest(counts, mostAtOnce);
            }
        }
        if (end != null && clock.elapsed().compareTo(end) > 0) {
            return "goes on at " + clock.elapsed();
        }
        return null;
    }

    private static String busiest(Map<String, Integer> counts, long most) {
        String names = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(SHOWN)
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
        return ". Of the last " + Math.min(COUNTED, most) + " steps most were of: " + names;
    }
}
