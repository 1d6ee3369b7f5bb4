package dev.rondo.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a run twice more and compares what happened: if that differs, the body depends on something that is not on the
 * tape, and no schedule of it can be had again.
 *
 * <p>Finds what differs between two runs in one JVM: the time, random numbers, hashes of objects that have none of
 * their own, what an earlier run has left behind. The order of {@code Set.of} and {@code Map.of} is another in each
 * JVM, and the same within one: for that, compare {@linkplain #log logs} of two.
 */
final class DeterminismCheck {

    private static final int SHOWN_BEFORE = 5;

    /** A million sleeps with their logs took three times as long. */
    private static final long MOST_STEPS = 100_000;

    private DeterminismCheck() {}

    /**
     * Returns whether to check a run: the first, and every tenth; of many every hundredth, which costs less. A run that
     * is very long is not made again.
     *
     * @param runsBefore how many were made before it
     */
    static boolean due(RunResult run, long runsBefore, long runsInAll) {
        return run.steps() <= MOST_STEPS && runsBefore % (runsInAll <= 100 ? 10 : 100) == 0;
    }

    /**
     * Makes a run twice more, with the log on.
     *
     * @throws AssertionError if it does not go the same way each time
     */
    static void check(RunResult run, Supplier<RunResult> again) {
        List<String> second = log(again.get());
        List<String> third = log(again.get());
        String difference = difference(second, third);
        if (difference == null) { // but both may differ from the first, of which there is no log
            difference = difference(List.of(run.ending()), second.subList(second.size() - 1, second.size()));
        }
        if (difference != null) {
            throw new AssertionError("the same schedule went another way when it was run again: " + difference
                    + "\nThe test depends on something that no seed or tape brings back: real time, random numbers, hash"
                    + " codes of objects that have none of their own (the order of a HashMap, the name Object@1f), what"
                    + " an earlier run has left in a static field or a file, the order of Set.of and Map.of, another"
                    + " thread");
        }
    }

    /** Returns what happened in a run, each event a line; how it ended is the last. */
    static List<String> log(RunResult run) {
        EventLog log = run.log();
        List<String> lines = new ArrayList<>(log == null ? List.of() : log.lines());
        lines.add(run.ending());
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
