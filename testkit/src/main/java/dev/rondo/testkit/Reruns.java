package dev.rondo.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs a test again in other schedules, on fresh instances, to find out more about its failure, or about chance. */
final class Reruns implements Replay {

    private static final int MOST = 200;

    private final LoopTestInvocation invocation;
    private final LoopTestTemplate template;
    private final Schedule schedule;
    private final ReplayLine line;
    private final ExtensionContext context;
    private final FreshInstance instances;
    private final long begun = System.nanoTime();

    Reruns(
            LoopTestInvocation invocation,
            LoopTestTemplate template,
            Schedule schedule,
            ReplayLine line,
            ExtensionContext context) {
        this.invocation = invocation;
        this.template = template;
        this.schedule = schedule;
        this.line = line;
        this.context = context;
        instances = new FreshInstance(context);
    }

    /** A test cannot be run again as JUnit ran it. */
    static final class CannotRerun extends RuntimeException {
        CannotRerun(String why, Throwable cause) {
            super(why + ": " + cause, cause);
        }
    }

    /** Returns all that there is to say of a failed run. */
    String report(RunResult failed) {
        String earlier = template.reportedAs(failed.failure());
        if (earlier != null) {
            return SameFailure.describe(requireNonNull(failed.failure())) + "\n  found by:  " + schedule.name()
                    + ", as before by " + earlier + ", whose report says more\nTo have it again:\n  " + again();
        }
        int most = template.replay() || template.patience.isNegative() ? 0 : MOST;
        try {
            FailureReport report = FailureReport.of(failed, schedule.name(), this, most);
            Tape shrunk = report.shrunk();
            if (shrunk == null) {
                return report.text();
            }
            template.reported(report.failure(), schedule);
            return shrunk.length() > 0 || !template.plainPassed()
                    ? report.text()
                    : report.text() + "\nBut before, it has passed in the plain schedule. "
                            + FailureReport.USUAL_SUSPECTS + '.';
        } catch (CannotRerun e) {
            return without(failed, String.valueOf(e.getMessage()));
        } finally {
            template.patience = template.patience.minusNanos(System.nanoTime() - begun);
        }
    }

    /** Makes a run twice more; returns what is not the same, or nothing if all is, or nobody can tell. */
    String repeat(RunResult passed) {
        Tape tape = passed.recording().tape();
        try {
            DeterminismCheck.check(passed, () -> run(tape, true));
            return "";
        } catch (CannotRerun e) {
            context.publishReportEntry("rondo.schedule", schedule.name() + " was not repeated: " + e.getMessage());
            return "";
        } catch (AssertionError e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Returns what there is to say without running the test again. */
    String without(RunResult failed, String why) {
        Tape tape = failed.recording().tape();
        String again = again();
        return SameFailure.describe(requireNonNull(failed.failure())) + "\n  found by:  " + schedule.name()
                + "\n  tape:      " + tape
                + "\n  not shrunk: " + why + "\nTo have it again:"
                + (again == null ? "" : "\n  " + again) + "\n  " + byTape(tape);
    }

    @Override
    public RunResult run(Tape tape, boolean logging) {
        if (!logging && template.patience.minusNanos(System.nanoTime() - begun).isNegative()) {
            return new RunResult(null, new Recording(), Duration.ZERO, 0, "", null, Map.of()); // no plainer one, then
        }
        Object instance = instances.make();
        try {
            instances.beforeEach();
            LoopRun run = LoopRun.simulated(new TapeChoices(tape, template.acrossTurns()), template.options(), logging);
            invocation.prepare(run);
            return run.run(() -> context.getExecutableInvoker().invoke(context.getRequiredTestMethod(), instance));
        } finally {
            instances.afterEach();
        }
    }

    @Override
    public String byTape(Tape tape) {
        return line.with(LoopTestSettings.TAPE, tape.length() == 0 ? "0" : tape);
    }

    @Override
    public @Nullable String again() {
        if (template.replay()) {
            return null;
        }
        Long seed = schedule.seed();
        return seed == null ? line.with(LoopTestSettings.SEEDS, 0) : line.with(LoopTestSettings.SEED, seed);
    }
}
