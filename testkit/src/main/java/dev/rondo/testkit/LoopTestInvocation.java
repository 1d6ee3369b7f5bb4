package dev.rondo.testkit;

import dev.rondo.EventLoop;
import dev.rondo.testkit.net.Network;
import dev.rondo.time.Clock;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/**
 * One schedule of a {@link LoopTest}: makes the parameters, runs the method as the main coroutine, and looks into its
 * failure when the {@code @AfterEach} methods are over.
 *
 * <pre>
 *   NOTHING ──parameters──▶ PREPARED ──the body, on a thread of its own──▶ RAN
 *                               └──the body does not end──▶ STUCK
 * </pre>
 */
final class LoopTestInvocation
        implements TestTemplateInvocationContext, ParameterResolver, InvocationInterceptor, AfterEachCallback {

    private static final int SECONDS_FOR_REPORT = 20;

    private final LoopTestTemplate template;
    private final Schedule schedule;

    // What is volatile is handed over to threads that JUnit makes for a @Timeout, and to that of the loop.
    private volatile @Nullable LoopRun prepared; // what parameters are made for: the run, later a run again
    private volatile @Nullable OwnThread<RunResult> running;
    private volatile @Nullable RunResult failed;
    private volatile @Nullable RunResult toRepeat; // has passed

    LoopTestInvocation(LoopTestTemplate template, Schedule schedule) {
        this.template = template;
        this.schedule = schedule;
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return schedule.name();
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    // ------------------------------------------------------------------------------------------------ parameters

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Sim.class
                || type == Network.class
                || type == Clock.class
                || type == EventLoop.class
                || template.parameters.stream().anyMatch(maker -> maker.supports(type));
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (!parameter.getDeclaringExecutable().equals(context.getTestMethod().orElse(null))) {
            throw new ParameterResolutionException("a " + type.getSimpleName()
                    + " is for the test method itself: its constructor, @BeforeEach and @AfterEach run outside of the"
                    + " loop");
        }
        LoopRun run = prepared();
        if (type == EventLoop.class) {
            return run.loop();
        }
        if (type == Clock.class) {
            return run.clock();
        }
        Sim sim = run.sim();
        if (sim == null) {
            throw new ParameterResolutionException("there is no " + type.getSimpleName()
                    + " with @RealIo, which runs in real time. Take the parameter or @RealIo away");
        }
        if (type == Network.class) {
            return sim.network();
        }
        return type == Sim.class ? sim : made(type, sim, run.loop());
    }

    private Object made(Class<?> type, Sim sim, EventLoop loop) {
        for (SimParameter maker : template.parameters) {
            if (maker.supports(type)) {
                return maker.create(type, sim, loop);
            }
        }
        throw new ParameterResolutionException("nobody makes a " + type.getName());
    }

    private LoopRun prepared() {
        LoopRun run = prepared;
        if (run == null) {
            run = template.real()
                    ? LoopRun.real(template.options())
                    : LoopRun.simulated(template.choices(schedule), template.options(), false);
            prepared = run;
        }
        return run;
    }

    /** The parameters that are made from now on are for this run. */
    void prepare(LoopRun run) {
        prepared = run;
    }

    // ------------------------------------------------------------------------------------------------ the run

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        LoopRun run = prepared();
        OwnThread<RunResult> running = OwnThread.start(
                context.getDisplayName() + " of " + replay(context).method(), () -> run.run(invocation::proceed));
        this.running = running;
        RunResult result;
        try {
            result = running.await(Duration.ofSeconds(template.test().realSeconds()));
        } catch (InterruptedException e) { // JUnit's @Timeout; what it throws is told the rest in afterEach
            throw new AssertionError("interrupted before the test had ended", e);
        }
        if (result == null) {
            throw new AssertionError("does not end: after " + template.test().realSeconds()
                    + " s of real time it still runs, or waits for something outside the simulation");
        }
        template.ran(schedule, result);
        Throwable failure = result.failure();
        if (failure != null) {
            if (!result.aborted() && !template.real()) {
                failed = result;
            }
            throw failure;
        }
        if (!template.real() && template.repeats(result)) {
            toRepeat = result;
        }
    }

    private ReplayLine replay(ExtensionContext context) {
        return new ReplayLine(context.getRequiredTestClass(), context.getRequiredTestMethod());
    }

    // ------------------------------------------------------------------------------------------------ afterwards

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        LoopRun run = prepared;
        OwnThread<RunResult> running = this.running;
        RunResult failed = this.failed;
        RunResult toRepeat = this.toRepeat;
        if (run == null) {
            return;
        }
        if (running == null) {
            run.loop().close(); // a parameter could not be made, so the body never ran
        } else if (!running.ended()) {
            say(context, context.getExecutionException().orElse(null), StuckRun.describe(schedule, run, running));
            running.abandon(run.loop());
        } else if (failed != null) {
            say(context, failed.failure(), report(context, failed));
        } else if (toRepeat != null && context.getExecutionException().isEmpty()) {
            repeat(context, toRepeat);
        }
    }

    private void say(ExtensionContext context, @Nullable Throwable failure, String text) {
        ScheduleReport report = new ScheduleReport(text);
        if (failure != null) {
            failure.addSuppressed(report);
            if (List.of(failure.getSuppressed()).contains(report)) {
                return;
            }
        }
        context.publishReportEntry("rondo.schedule", text); // there are failures that take no suppressed ones
    }

    /** The report runs the test again, which may get stuck where the test did not. */
    private String report(ExtensionContext context, RunResult failed) throws InterruptedException {
        Reruns reruns = new Reruns(this, template, schedule, replay(context), context);
        OwnThread<String> reporting = OwnThread.start("report of " + schedule.name(), () -> reruns.report(failed));
        int patience = Math.min(SECONDS_FOR_REPORT, template.test().realSeconds());
        String report = reporting.await(Duration.ofSeconds(patience));
        if (report == null) {
            abandon(reporting);
            return reruns.without(failed, "the test, run again, did not end within " + patience + " s of real time");
        }
        return report;
    }

    /** A schedule that has passed, twice more: does the same happen each time? */
    private void repeat(ExtensionContext context, RunResult passed) throws InterruptedException {
        Reruns reruns = new Reruns(this, template, schedule, replay(context), context);
        OwnThread<String> repeating = OwnThread.start("repetition of " + schedule.name(), () -> reruns.repeat(passed));
        int patience = template.test().realSeconds();
        String difference = repeating.await(Duration.ofSeconds(patience));
        if (difference == null) {
            abandon(repeating);
            difference = "the same schedule, run again, did not end within " + patience + " s of real time";
        }
        if (!difference.isEmpty()) {
            throw new AssertionError(difference + ".\n@LoopTest(repeats = false) does without this check. To have it"
                    + " again:\n  " + reruns.again());
        }
    }

    private void abandon(OwnThread<?> thread) {
        LoopRun run = prepared;
        if (run != null) {
            thread.abandon(run.loop());
        }
    }
}
