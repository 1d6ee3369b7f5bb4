package dev.rondo.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of a schedule that failed: which one it is, the plainest that fails in the same way, what happened
 * in that, and how to have it again.
 *
 * @param failure what was wrong
 * @param tape the schedule
 * @param shrunk the plainest one found that fails in the same way; null if nobody looked, or the tape does not make the
 *     program fail again
 * @param text all of it, for a reader
 */
record FailureReport(Throwable failure, Tape tape, @Nullable Tape shrunk, String text) {

    static final String USUAL_SUSPECTS = "The program depends on something that is not on the tape. The usual ones:"
            + " the time of day or System.nanoTime, random numbers, identity hash codes (the order of a HashMap whose keys"
            + " have no hashCode of their own), the order of Set.of and Map.of, which is another in each JVM, static"
            + " fields that a run leaves changed, other threads";

    private static final int EVENTS_SHOWN = 50;
    private static final int ENTRIES_SHOWN = 2_000;

    /** So much work may go into shrinking: it is counted, not timed, so that the result is always the same. */
    private static final long STEPS_FOR_SHRINKING = 2_000_000;

    private static final int RUNS_FOR_SHRINKING = 2_000;
    private static final int RUNS_AT_LEAST = 20;
    private static final long LONG_RUN = 100_000; // steps

    /** Runs the schedule again with the log on, and shrinks it. */
    static FailureReport shrinking(RunResult failed, String label, Replay replay) {
        long runs = STEPS_FOR_SHRINKING / Math.max(1, failed.steps());
        int least = failed.steps() <= LONG_RUN ? RUNS_AT_LEAST : 1; // what goes on for ever takes seconds each time
        return of(failed, label, replay, Math.clamp(runs, least, RUNS_FOR_SHRINKING));
    }

    /**
     * Runs the schedule again with the log on.
     *
     * @param failed the run that failed
     * @param label which one it was: {@code seed 17}
     * @param maxRuns how often the program may be run to find a plainer schedule; 0 not to look for one
     */
    static FailureReport of(RunResult failed, String label, Replay replay, int maxRuns) {
        Throwable failure = failed.failure();
        if (failure == null) {
            throw new IllegalArgumentException("the run did not fail");
        }
        Tape tape = failed.recording().tape();
        Text text = new Text(failure, label, failed, replay);
        RunResult again = replay.run(tape, true);
        if (!SameFailure.same(failure, again.failure())) {
            text.notTheSame(tape, again.failure());
            return new FailureReport(failure, tape, null, text.toString());
        }
        if (maxRuns == 0) {
            text.replay(tape);
            text.details(again, "");
            return new FailureReport(failure, tape, null, text.toString());
        }
        Shrinker shrinker = new Shrinker(
                candidate ->
                        SameFailure.same(failure, replay.run(candidate, false).failure()),
                maxRuns);
        Tape shrunk = shrinker.shrink(failed.recording());
        RunResult shown = shrunk.equals(tape) ? again : replay.run(shrunk, true);
        if (!SameFailure.same(failure, shown.failure())) {
            text.notTheSame(shrunk, shown.failure());
            return new FailureReport(failure, tape, null, text.toString());
        }
        text.shrunk(shrunk, shrinker);
        text.replay(shrunk);
        text.details(shown, shrunk.equals(tape) ? "" : " of the shrunk schedule");
        return new FailureReport(failure, tape, shrunk, text.toString());
    }

    /** Writes the text, part by part. */
    private static final class Text {

        private final StringBuilder text = new StringBuilder();
        private final Replay replay;

        Text(Throwable failure, String label, RunResult failed, Replay replay) {
            this.replay = replay;
            Tape tape = failed.recording().tape();
            text.append(SameFailure.describe(failure))
                    .append("\n  found by:  ")
                    .append(label)
                    .append("\n  tape:      ")
                    .append(inFull(tape, replay.again() != null))
                    .append("\n             ")
                    .append(deviations(tape))
                    .append(", of ")
                    .append(failed.recording().size())
                    .append("\n  failed at: ")
                    .append(seconds(failed))
                    .append(" s of virtual time, after ")
                    .append(counted(failed.steps(), "step"));
        }

        void shrunk(Tape shrunk, Shrinker shrinker) {
            text.append("\n  shrunk to: ")
                    .append(inFull(shrunk, false))
                    .append("\n             ")
                    .append(deviations(shrunk))
                    .append("; after ")
                    .append(counted(shrinker.runs(), "run"))
                    .append(shrinker.exhausted() ? ", which is all it may have: there may be a plainer one" : "");
        }

        void replay(Tape tape) {
            text.append("\nTo have it again:");
            if (replay.again() != null) {
                text.append("\n  ").append(replay.again());
            }
            text.append("\n  ").append(replay.byTape(tape));
        }

        void notTheSame(Tape tape, @Nullable Throwable other) {
            text.append("\nRun again by its tape, it ")
                    .append(other == null ? "does not fail" : "fails otherwise: " + SameFailure.describe(other))
                    .append(". ")
                    .append(USUAL_SUSPECTS)
                    .append('.');
            replay(tape);
        }

        void details(RunResult run, String which) {
            text.append("\nTasks")
                    .append(which)
                    .append(", when it failed:")
                    .append(run.tasks().isBlank() ? " none is left" : run.tasks());
            EventLog log = run.log();
            List<String> events = log == null ? List.of() : log.lines();
            int shown = Math.min(EVENTS_SHOWN, events.size());
            text.append("\nThe last ")
                    .append(counted(shown, "event"))
                    .append(which)
                    .append(log != null && shown < log.total() ? ", of " + log.total() : "")
                    .append(", which failed at ")
                    .append(seconds(run))
                    .append(" s:");
            for (String event : events.subList(events.size() - shown, events.size())) {
                text.append("\n  ").append(event);
            }
        }

        private static String inFull(Tape tape, boolean mayCut) {
            if (tape.length() == 0) {
                return "(empty: the plain schedule)";
            }
            String text = tape.toString();
            int end = mayCut ? endOfEntry(text, ENTRIES_SHOWN) : text.length();
            return end == text.length() ? text : text.substring(0, end) + ",… (too long to print; the seed replays it)";
        }

        private static int endOfEntry(String text, int entries) {
            int at = -1;
            for (int i = 0; i < entries; i++) {
                at = text.indexOf(',', at + 1);
                if (at < 0) {
                    return text.length();
                }
            }
            return at;
        }

        private static String deviations(Tape tape) {
            int count = tape.deviations();
            return counted(count, "choice") + (count == 1 ? " that is" : " that are") + " not the plain one";
        }

        private static String counted(long count, String what) {
            return count + " " + what + (count == 1 ? "" : "s");
        }

        private static String seconds(RunResult run) {
            return String.format(
                    "%d.%09d", run.elapsed().toSeconds(), run.elapsed().toNanosPart());
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
