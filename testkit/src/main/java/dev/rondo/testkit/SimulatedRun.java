package dev.rondo.testkit;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.LoopObserver;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.chance.Choices;
import dev.rondo.time.Clock;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One run of a body on a loop of its own, under virtual time, in the schedule that the given choices make. Whatever is
 * wrong first is the verdict: the body's failure, or what a checker has found.
 *
 * <p>One run each; for the thread that makes it.
 */
final class SimulatedRun implements LoopObserver {

    private static final Duration LONGEST_EVENTUALLY = Duration.ofHours(1);

    private final SimOptions options;
    private final Deciding deciding;
    private final SteppingClock clock = new SteppingClock();
    private final @Nullable EventLog log;
    private final Sim sim = new Sim(this);
    private final EventLoop loop;

    private long steps;
    private boolean over; // the verdict stands: what happens from now on is clearing up
    private @Nullable Throwable verdict;
    private @Nullable Object running; // the item; read by another thread, too, once a run is stuck in one
    private String tasks = ""; // as they were when the verdict came
    private volatile @Nullable String intruder; // written by a thread that is none of ours

    SimulatedRun(Choices choices, SimOptions options, boolean logging) {
        this.options = options;
        deciding = new Deciding(choices, options.faults());
        log = logging ? new EventLog() : null;
        loop = EventLoop.builder()
                .clock(clock)
                .choices(deciding)
                .observer(this)
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
                runner.run(() -> {
                    body.run(sim);
                    awaitEventually();
                });
                checkAlways();
                checkLeftovers();
            } catch (Throwable failure) {
                verdict(failure);
            }
            over = true;
        } catch (Throwable failure) {
            verdict(failure);
        }
        return new RunResult(
                verdict,
                deciding.recording,
                Duration.ofNanos(clock.nanos()),
                steps,
                tasks,
                log,
                Map.copyOf(sim.sometimes));
    }

    /** The first that comes is the one. */
    private void verdict(Throwable failure) {
        if (over || verdict != null) {
            return;
        }
        verdict = failure;
        if (log != null) {
            tasks = describeTasks();
        }
    }

    /** As {@link #verdict}, from within the loop, which then stops. */
    private void stopWith(String message) {
        if (!over && verdict == null) {
            verdict(new AssertionError(message));
            loop.callSoonThreadsafe(loop::stop); // not stop() itself, since a loop that has nothing to do would sleep
        }
    }

    // ------------------------------------------------------------------------------------------------ the end of a run

    /** Suspends until what shall come to hold does. */
    private void awaitEventually() {
        if (sim.eventually.isEmpty()) {
            return;
        }
        deciding.calm = true;
        Duration end = loop.time().plus(LONGEST_EVENTUALLY);
        for (Sim.Condition condition : sim.eventually) {
            for (Duration pause = Duration.ofNanos(1);
                    !condition.holds().getAsBoolean();
                    pause = pause.multipliedBy(2)) {
                Duration left = end.minus(loop.time());
                if (!left.isPositive()) {
                    throw new AssertionError("eventually \"" + condition.name() + "\": does not hold "
                            + LONGEST_EVENTUALLY.toHours() + " h after the test's body has ended");
                }
                Asyncio.sleep(pause.compareTo(left) < 0 ? pause : left);
            }
        }
    }

    private void checkLeftovers() {
        if (!options.leftovers()) {
            Set<? extends Task<?, ?>> left = Asyncio.allTasks(loop);
            if (!left.isEmpty()) {
                throw new AssertionError(left.size() + (left.size() == 1 ? " task is" : " tasks are")
                        + " left when the test ends. Await or cancel them:" + list(left));
            }
        }
    }

    private static String list(Set<? extends Task<?, ?>> tasks) {
        StringBuilder text = new StringBuilder();
        for (Task<?, ?> task : tasks) {
            text.append("\n  ").append(task);
        }
        return text.toString();
    }

    private String describeTasks() {
        StringBuilder text = new StringBuilder();
        for (Task<?, ?> task : Asyncio.allTasks(loop)) {
            text.append("\n  ").append(task);
            for (StackTraceElement frame : task.stack()) {
                text.append("\n      at ").append(frame);
            }
        }
        return text.toString();
    }

    private void reported(ExceptionContext context) {
        if (!over) {
            Throwable cause = context.exception();
            if (verdict == null) {
                AssertionError failure =
                        new AssertionError("reported to the loop's exception handler: " + context.message());
                if (cause != null) {
                    failure.initCause(cause);
                }
                verdict(failure);
                loop.callSoonThreadsafe(loop::stop);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ what is observed

    @Override
    public void created(Task<?, ?> task) {
        if (log != null) {
            log.add(clock.nanos(), task.name() + " is created");
        }
    }

    @Override
    public void runs(Object item) {
        steps++;
        running = item;
        if (log != null) {
            log.add(clock.nanos(), nameOf(item) + " runs");
        }
        if (!over) {
            checkStep();
        }
    }

    private void checkStep() {
        if (!sim.always.isEmpty() && verdict == null) {
            try {
                checkAlways();
            } catch (AssertionError e) {
                stopWith(String.valueOf(e.getMessage()));
            }
        }
        if (intruder != null) {
            stopWith(intruder);
        }
        if (steps >= options.maxSteps()) {
            stopWith("goes on after " + steps + " steps, at " + elapsed());
        }
    }

    private void checkAlways() {
        for (Sim.Condition condition : sim.always) {
            if (!condition.holds().getAsBoolean()) {
                throw new AssertionError("always \"" + condition.name() + "\": does not hold");
            }
        }
    }

    @Override
    public void waits(Task<?, ?> task, Object what) {
        if (log != null) {
            log.add(clock.nanos(), task.name() + " waits for " + what);
        }
    }

    @Override
    public void parked(Task<?, ?> task) {
        if (log != null) {
            log.add(clock.nanos(), task.name() + " is parked in blocking code");
        }
    }

    @Override
    public void ended(Task<?, ?> task) {
        if (log != null) {
            log.add(clock.nanos(), task.name() + " ends");
        }
    }

    @Override
    public void idle() {
        stopWith("nothing can go on any more: every task waits, and neither a timer nor anything else will wake one");
    }

    @Override
    public void posted(Thread by) {
        intruder = by + " has something for the loop: a thread outside the simulation";
    }

    private static String nameOf(Object item) {
        return item instanceof Task<?, ?> task ? task.name() : item.toString();
    }

    // ------------------------------------------------------------------------------------------------ for others

    Sim sim() {
        return sim;
    }

    EventLoop loop() {
        return loop;
    }

    Clock clock() {
        return clock;
    }

    /** Returns the item that runs, or ran last. Any thread. */
    @Nullable Object running() {
        return running;
    }

    int choose(int n, String what) {
        return deciding.choose(n, what);
    }

    Duration elapsed() {
        return Duration.ofNanos(clock.nanos());
    }

    long steps() {
        return steps;
    }

    /** Asks the choices that were given, and writes down what they say. */
    private static final class Deciding implements Choices {

        private final Choices choices;
        private final Recording recording = new Recording();
        private final boolean faults;
        private boolean calm; // no more faults

        Deciding(Choices choices, boolean faults) {
            this.faults = faults;
            this.choices = choices;
        }

        @Override
        public int choose(int n, String what) {
            return noted(n, what, choices.choose(n, what));
        }

        @Override
        public int choose(int n, String what, IntFunction<Object> candidate) {
            return noted(n, what, choices.choose(n, what, candidate));
        }

        private int noted(int n, String what, int choice) {
            if (choice < 0 || choice >= n) {
                throw new IllegalStateException("a choice of " + choice + " from " + n + " for " + what);
            }
            recording.add(choice, n);
            return choice;
        }

        @Override
        public boolean buggify(String what) {
            if (!faults || calm) {
                return false;
            }
            boolean fault = choices.buggify(what);
            recording.add(fault ? 1 : 0, 2);
            return fault;
        }

        @Override
        public boolean acrossTurns() {
            return choices.acrossTurns();
        }
    }

    /** Virtual time. */
    private static final class SteppingClock implements Clock {

        private final VirtualClock virtual = new VirtualClock();

        @Override
        public long nanos() {
            return virtual.nanos();
        }

        @Override
        public boolean jumpTo(long deadlineNanos) {
            return virtual.jumpTo(deadlineNanos);
        }

        @Override
        public boolean virtual() {
            return true;
        }
    }
}
