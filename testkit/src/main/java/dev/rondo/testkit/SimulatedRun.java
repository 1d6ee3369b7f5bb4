package dev.rondo.testkit;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.LoopObserver;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.chance.Choices;
import dev.rondo.testkit.net.Network;
import dev.rondo.time.Clock;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of a body on a loop of its own, under virtual time, in the schedule that the given choices make. Whatever is
 * wrong first is the verdict: the body's failure, or what a checker has found. From then on the run is only cleared up.
 *
 * <pre>
 *   BODY ──the body and what shall eventually hold──▶ CLEARING_UP ──the tasks that are left, and the loop──▶ OVER
 * </pre>
 *
 * <p>One run each; for the thread that makes it, but for what says otherwise.
 */
final class SimulatedRun implements LoopObserver {

    private enum Phase {
        BODY,
        CLEARING_UP,
        OVER
    }

    /** How what is wrong begins where everybody waits. */
    static final String STANDSTILL = "nothing can go on";

    private final SimOptions options;
    private final Deciding deciding;
    private final VirtualClock clock = new VirtualClock();
    private final @Nullable EventLog log;
    private final Sim sim = new Sim(this);
    private final EventLoop loop;
    private final StepBound bound;
    private @Nullable Network network; // null in a run that needs none
    private final List<Task<?, ?>> parked = new ArrayList<>(0); // in blocking code that is not Rondo's

    private Phase phase = Phase.BODY;
    private @Nullable Task<?, ?> failing; // the main task, if the body has failed
    private @Nullable Task<?, ?> looking; // the main task, while it looks again and again: that would fill the log
    private @Nullable Throwable verdict;
    private Duration elapsed = Duration.ZERO; // when the verdict came, or at the end; steps as well
    private long steps;
    private @Nullable Object running; // the item; read by another thread, too, once a run is stuck in one
    private String tasks = ""; // as they were when the verdict came
    private volatile @Nullable Outsider outsider; // written by the outsider

    SimulatedRun(Choices choices, SimOptions options, boolean logging) {
        this.options = options;
        bound = new StepBound(options.maxSteps());
        deciding = new Deciding(choices, options.faults());
        log = logging ? new EventLog() : null;
        loop = EventLoop.builder()
                .clock(clock)
                .choices(deciding)
                .observer(this)
                .driver(_ -> Network.driverOf(this::network))
                .simulatedWorkers()
                .watchdog(Duration.ZERO)
                .build();
    }

    /** Makes the run. Blocks the calling thread, which must be a platform thread. */
    static RunResult run(SimBody body, Choices choices, SimOptions options, boolean logging) {
        return new SimulatedRun(choices, options, logging).run(body);
    }

    RunResult run(SimBody body) {
        loop.setExceptionHandler((_, context) -> reported(context));
        try (Runner runner = new Runner(() -> loop).handleInterrupts(false)) {
            try {
                runner.run(() -> runMain(body));
                checkStep();
                if (verdict == null) {
                    clearUp();
                    new EndOfRun(loop, options, sim.leakChecks).check(runner);
                }
            } catch (Throwable failure) {
                verdict(failure);
            }
            clearUp();
        } catch (Throwable failure) {
            verdict(failure);
        }
        phase = Phase.OVER;
        if (verdict == null) {
            noteWhen();
        }
        return new RunResult(
                verdict, deciding.recording, elapsed, steps, tasks, log, Collections.unmodifiableMap(sim.sometimes));
    }

    private void clearUp() {
        phase = Phase.CLEARING_UP;
        bound.beginAgain(clock.elapsed());
    }

    private void runMain(SimBody body) throws Exception {
        try {
            body.run(sim);
        } catch (Exception | AssertionError failure) {
            failing = Asyncio.currentTask();
            verdict(failure); // now, and not when the loop has stopped: more may go wrong meanwhile
            throw failure;
        }
        if (!sim.conditions.nothingToAwait()) {
            deciding.calm = true;
            if (network != null) {
                network.calm();
            }
            note("the test's body", " has ended: what shall eventually hold is awaited");
            looking = Asyncio.currentTask();
            try {
                sim.conditions.awaitEventually(loop);
            } finally {
                looking = null;
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the verdict

    /** The first that comes is the one. */
    private void verdict(Throwable failure) {
        if (verdict == null) {
            verdict = failure;
            deciding.over = true;
            noteWhen();
            if (log != null) {
                tasks = describeTasks();
                log.add(clock.nanos(), "failed: " + SameFailure.describe(failure));
            }
        }
    }

    private void noteWhen() {
        elapsed = clock.elapsed();
        steps = bound.steps();
    }

    /** As {@link #verdict}, in the loop, which stops, whoever was first: without that it might never end. */
    private void stopWith(Throwable failure) {
        verdict(failure);
        if (loop.isRunning()) {
            loop.callSoonThreadsafe(loop::stop); // not stop(): a loop that has nothing to do would sleep
        }
    }

    /** As {@link #stopWith}, where an item is about to run: nothing of the next turn does. */
    private void stopHere(Throwable failure) {
        verdict(failure);
        if (loop.isRunning()) {
            loop.stop();
        }
    }

    /** All but the one whose failure it is: that has a stack trace. */
    private String describeTasks() {
        StringBuilder text = new StringBuilder();
        for (Task<?, ?> task : Asyncio.allTasks(loop)) {
            if (task != failing) {
                text.append("\n  ").append(task);
                Outsider.append(
                        text,
                        task.stack().stream()
                                .filter(frame -> !SameFailure.isOurs(frame.getClassName()))
                                .toList());
            }
        }
        return text.toString();
    }

    static String list(Collection<?> items) {
        StringBuilder text = new StringBuilder();
        for (Object item : items) {
            text.append("\n  ").append(item);
        }
        return text.toString();
    }

    /** Something that nobody could be told of went wrong; unless the test has a handler of its own. */
    private void reported(ExceptionContext context) {
        if (phase == Phase.OVER || verdict != null) {
            return;
        }
        boolean deadlock = context.details().containsKey("deadlock");
        stopWith(new AssertionError(
                (deadlock ? STANDSTILL + " any more. " : "reported to the loop's exception handler: ")
                        + context.message()
                        + (context.details().get("task") instanceof Task<?, ?> task ? ": " + describe(task) : ""),
                context.exception()));
    }

    private static String describe(Task<?, ?> task) {
        return EventLog.withoutChance(task.toString());
    }

    // ------------------------------------------------------------------------------------------------ what is observed

    /** The test's own handler: what it finds wrong is wrong. */
    @Override
    public void handlerFailed(Throwable failure) {
        if (phase != Phase.OVER && verdict == null) {
            stopWith(failure);
        }
    }

    @Override
    public void created(Task<?, ?> task) {
        note(task, " is created");
    }

    @Override
    public void runs(Object item) {
        running = item;
        if (log != null) {
            note(item, " runs");
        }
        if (!parked.isEmpty() && item instanceof Task<?, ?> task) {
            parked.remove(task);
        }
        String tooLong = bound.step(item, clock);
        if (tooLong != null) {
            stopHere(new AssertionError(
                    tooLong + (phase == Phase.BODY ? ". A test that needs more steps sets maxSteps" : notEnding())));
        }
        checkStep();
    }

    private void checkStep() {
        if (verdict != null) {
            return;
        }
        Throwable broken = sim.conditions.broken();
        if (broken != null) {
            stopHere(broken);
        }
        Outsider outsider = this.outsider;
        if (outsider != null) {
            stopHere(new AssertionError(outsider.describe()));
        }
    }

    @Override
    public void waits(Task<?, ?> task, Object what) {
        if (log != null) {
            note(task, " waits for " + EventLog.nameOf(what));
        }
    }

    @Override
    public void parked(Task<?, ?> task) {
        parked.add(task);
        note(task, " is parked in blocking code");
    }

    @Override
    public void ended(Task<?, ?> task) {
        note(task, task.cancelled() ? " ends, cancelled" : " ends");
    }

    private void note(Object who, String what) {
        if (log != null && verdict == null) {
            String name = EventLog.nameOf(who);
            Task<?, ?> looking = this.looking;
            if (looking == null || (who != looking && !name.equals("sleep of " + looking.name()))) {
                log.add(clock.nanos(), name + what);
            }
        }
    }

    @Override
    public void idle() {
        stopWith(new AssertionError(STANDSTILL + " any more: every task waits, and "
                + (parked.isEmpty()
                        ? "neither a timer nor anything else will wake one"
                        : "nothing in this simulation will wake one")
                + (phase == Phase.BODY ? "" : notEnding()) + describeParked()));
    }

    @Override
    public void waitsOutside() {
        String parked = describeParked();
        stopWith(new AssertionError(STANDSTILL
                + " in this simulation before something outside it happens, if it ever does:"
                + (parked.isEmpty()
                        ? "\n  a future of another library that is awaited. " + Outsider.FROM_ANOTHER_THREAD
                        : parked)));
    }

    /** Who waits for what is no wait of ours: tasks, and threads of the loop that are none, as workers are. */
    private String describeParked() {
        StringBuilder text = new StringBuilder();
        for (Task<?, ?> task : parked) {
            List<StackTraceElement> stack = task.stack();
            text.append("\n  ").append(task.name()).append(" is parked in blocking code:");
            Outsider.append(text, stack);
            text.append("\n    ").append(Outsider.insteadOf(stack));
        }
        if (network != null) {
            network.openSockets().forEach(line -> text.append("\n  ").append(line));
        }
        for (String left : loop.leftovers()) {
            if (!left.startsWith("scheduled")) {
                text.append("\n  ").append(left);
            }
        }
        return text.toString();
    }

    private String notEnding() {
        Set<Task<?, ?>> left = Asyncio.allTasks(loop);
        return ". Tasks that do not end when they are cancelled, as they are at the end of a test:" + list(left);
    }

    /** On the thread that has done it. */
    @Override
    public void released(Task<?, ?> task, Thread by) {
        if (outsider == null) {
            outsider = new Outsider(by, task);
        }
    }

    /** On the thread that has done it. */
    @Override
    public void posted(Thread by) {
        if (outsider == null) {
            outsider = new Outsider(by, null);
        }
    }

    // ------------------------------------------------------------------------------------------------ for others

    Sim sim() {
        return sim;
    }

    EventLoop loop() {
        return loop;
    }

    Network network() {
        Network network = this.network;
        if (network == null) {
            network = new Network(clock, deciding);
            if (log != null) {
                network.tell(what -> note("network", ": " + what));
            }
            this.network = network;
            Network made = network;
            sim.leakChecks.add(_ -> made.openSockets());
        }
        return network;
    }

    Clock clock() {
        return clock;
    }

    /** Returns the item that runs, or ran last. Any thread. */
    @Nullable Object running() {
        return running;
    }

    /** A test that keeps a {@link Sim} in a static field asks that of a run before. */
    void checkNotOver() {
        if (phase == Phase.OVER) {
            throw new IllegalStateException(
                    "this Sim is that of an earlier run, which is over: use the one that this run is given");
        }
    }

    int choose(int n, String what) {
        return deciding.choose(n, what);
    }

    Duration elapsed() {
        return clock.elapsed();
    }

    long steps() {
        return bound.steps();
    }
}
