package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import org.jspecify.annotations.Nullable;

/**
 * Every schedule there is, or every one with no more than so many choices that are not the plain thing. Each run is
 * told how to begin, and goes on in the plain way; the next one raises the last choice that can be raised, and forgets
 * what came after it.
 */
final class DepthFirstSearch implements Search {

    private final long maxSchedules;
    private final int maxDeviations;

    private long made;
    private Tape begin = Tape.plain();
    private boolean over; // nothing is left to try
    private @Nullable Recording last;

    DepthFirstSearch(long maxSchedules, int maxDeviations) {
        this.maxSchedules = maxSchedules;
        this.maxDeviations = maxDeviations;
    }

    @Override
    public @Nullable Choices next() {
        if (over) {
            return null;
        }
        if (made == maxSchedules) {
            throw new IllegalStateException("there are more than " + maxSchedules + " schedules, none of the first "
                    + maxSchedules + " failed, and the rest was not tried. Make the program smaller, allow more"
                    + " (exhaustive(n)), or look at those with few preemptions only (preemptions(k))");
        }
        made++;
        return new TapeChoices(begin, true);
    }

    @Override
    public void ran(Recording run) {
        checkSame(run);
        last = run;
        int raised = lastThatCanBeRaised(run);
        if (raised < 0) {
            over = true;
            return;
        }
        int[] choices = new int[raised + 1];
        for (int i = 0; i <= raised; i++) {
            choices[i] = run.choice(i);
        }
        choices[raised]++;
        begin = Tape.of(choices);
    }

    private int lastThatCanBeRaised(Recording run) {
        int deviations = 0; // before the one that is looked at
        int found = -1;
        for (int i = 0; i < run.size() && deviations <= maxDeviations; i++) {
            boolean plain = run.choice(i) == 0;
            if (run.choice(i) + 1 < run.width(i) && (!plain || deviations < maxDeviations)) {
                found = i;
            }
            deviations += plain ? 0 : 1;
        }
        return found;
    }

    /** As far as it was told what to choose, a run must have been asked what the run before it was asked. */
    private void checkSame(Recording run) {
        Recording last = this.last;
        if (last == null) {
            return;
        }
        for (int i = 0; i < begin.length(); i++) {
            if (i >= run.size() || run.width(i) != last.width(i)) {
                throw new IllegalStateException(
                        "schedule " + made + " came to another choice than the one before it, after " + i
                                + " choices that were the same. " + FailureReport.USUAL_SUSPECTS);
            }
        }
    }

    @Override
    public String label() {
        return "schedule " + made;
    }
}
