package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the invocations of one {@link LoopTest} have in common. JUnit closes it when the last one is over, and a failure
 * then is the failure of the whole.
 */
final class LoopTestTemplate implements AutoCloseable {

    private record Reported(Throwable failure, Schedule schedule) {}

    private final LoopTest test;
    private final LoopTestSettings settings;
    private final boolean real;
    final List<SimParameter> parameters = ServiceLoader.load(SimParameter.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();

    private final Map<String, Boolean> sometimes = new TreeMap<>();
    private int passed;
    private int choicesOfPlainRun;
    private boolean plainPassed;
    private final List<Reported> reported = new ArrayList<>(); // one report of a failure is enough

    /** What is left for shrinking: with many schedules that fail it would take too long to shrink them all. */
    Duration patience = Duration.ofSeconds(5);

    LoopTestTemplate(LoopTest test, LoopTestSettings settings, boolean real) {
        this.test = test;
        this.settings = settings;
        this.real = real;
    }

    LoopTest test() {
        return test;
    }

    boolean real() {
        return real;
    }

    boolean replay() {
        return settings.replay();
    }

    SimOptions options() {
        return new SimOptions(test.leftovers(), test.faults(), test.maxSteps());
    }

    boolean acrossTurns() {
        return test.explore() != Explore.SHUFFLE;
    }

    Choices choices(Schedule schedule) {
        Long seed = schedule.seed();
        if (seed == null) {
            return new TapeChoices(schedule.tape(), acrossTurns());
        }
        return test.explore() == Explore.PCT
                ? PctSearch.seeded(seed, test.depth(), choicesOfPlainRun)
                : RandomSearch.seeded(seed, acrossTurns());
    }

    /** Returns whether a run that has passed shall be made again. */
    boolean repeats(RunResult passedRun) {
        return test.repeats()
                && settings.whole()
                && DeterminismCheck.due(
                        passedRun, passed - 1, settings.schedules().size());
    }

    void ran(Schedule schedule, RunResult result) {
        if (schedule == Schedule.PLAIN) {
            choicesOfPlainRun = result.recording().size();
            plainPassed = result.failure() == null;
        }
        if (result.failure() == null) {
            passed++;
            result.sometimes().forEach((name, reached) -> sometimes.merge(name, reached, Boolean::logicalOr));
        }
    }

    boolean plainPassed() {
        return plainPassed;
    }

    /** Notes that there is a full report of a failure. */
    void reported(Throwable failure, Schedule schedule) {
        reported.add(new Reported(failure, schedule));
    }

    /** Returns the schedule whose report is of the same failure; null if there is none. */
    @Nullable String reportedAs(@Nullable Throwable failure) {
        for (Reported earlier : reported) {
            if (SameFailure.same(earlier.failure, failure)) {
                return earlier.schedule.name();
            }
        }
        return null;
    }

    @Override
    public void close() {
        if (settings.whole() && passed == settings.schedules().size()) {
            Explorer.checkReached(sometimes, passed);
        }
    }
}
