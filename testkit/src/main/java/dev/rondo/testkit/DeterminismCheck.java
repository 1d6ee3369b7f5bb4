package dev.rondo.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the same run twice and compares what happened: if that differs, the body depends on something that is not on
 * the tape, and no schedule of it can be had again.
 *
 * <p>Finds what differs between two runs in one JVM: the time, random numbers, hashes of objects that have none of
 * their own, what an earlier run has left behind. The order of {@code Set.of} and {@code Map.of} is another in each
 * JVM, and the same within one: for that, compare {@linkplain #log logs} of two.
 */
final class DeterminismCheck {

    private static final int SHOWN_BEFORE = 5;

    /** Longer runs are not made again: it would take too long, and the logs too much memory. */
    private static final long MOST_STEPS = 100_000;

    private DeterminismCheck() {}

    /**
     * Returns whether to check after so many runs: the first, and every tenth; of many every hundredth, which costs
     * less.
     */
    static boolean due(long runsBefore, long runsInAll, RunResult run) {
        return runsBefore % (runsInAll <= 100 ? 10 : 100) == 0 && run.steps() <= MOST_STEPS;
    }

    /**
     * Makes the run of a tape twice.
     *
     * @throws AssertionError if they differ
     */
    static void check(SimBody body, Tape tape, boolean acrossTurns, SimOptions options) {
        compare(log(body, tape, acrossTurns, options), log(body, tape, acrossTurns, options));
    }

    /**
     * Compares what happened in two runs of one tape.
     *
     * @throws AssertionError if they differ
     */
    static void compare(List<String> first, List<String> second) {
        String difference = difference(first, second);
        if (difference != null) {
            throw new AssertionError("the same schedule went another way when it was run again: " + difference
                    + "\nThe test depends on something that no seed or tape brings back: real time, random numbers, hash"
                    + " codes of objects that have none of their own (the order of a HashMap, the name Object@1f), what"
                    + " an earlier run has left in a static field, the order of Set.of and Map.of, another thread");
        }
    }

    /** Makes the run of a tape, and returns what happened, each event a line; how it ended is the last. */
    static List<String> log(SimBody body, Tape tape, boolean acrossTurns, SimOptions options) {
        return log(SimulatedRun.run(body, new TapeChoices(tape, acrossTurns), options, true));
    }

    /** Returns what happened in a run that was logged. */
    static List<String> log(RunResult result) {
        EventLog log = result.log();
        List<String> lines = new ArrayList<>(log == null ? List.of() : log.lines());
        lines.add("ends after " + result.steps() + " steps with choices "
                + result.recording().tape() + ", sometimes " + result.sometimes());
        return lines;
    }

    /** Returns the first difference with what was before it, or null if there is none. */
    static @Nullable String difference(List<String> first, List<String> second) {
        int length = Math.max(first.size(), second.size());
        for (int i = 0; i < length; i++) {
            if (!line(first, i).equals(line(second, i))) {
                return describe(first, second, i);
            }
        }
        return null;
    }

    private static String line(List<String> lines, int index) {
        return index < lines.size() ? lines.get(index) : "(nothing more)";
    }

    private static String describe(List<String> first, List<String> second, int index) {
        StringBuilder text = new StringBuilder("event ").append(index + 1).append(" differs");
        for (int i = Math.max(0, index - SHOWN_BEFORE); i < index; i++) {
            text.append("\n  both    ").append(first.get(i));
        }
        text.append("\n  first   ").append(line(first, index));
        return text.append("\n  second  ").append(line(second, index)).toString();
    }
}
