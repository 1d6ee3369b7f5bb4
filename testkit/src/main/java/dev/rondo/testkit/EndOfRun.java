package dev.rondo.testkit;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the end of a run for what is left and should not be: tasks, and what the loop or a module has in hand.
 * Failures that nobody has seen need no look: the loop reports them when it is closed.
 */
record EndOfRun(EventLoop loop, SimOptions options, List<LeakCheck> ofTheTest) {

    private static final List<LeakCheck> OF_MODULES = ServiceLoader.load(LeakCheck.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(10);
    private static final int MOST_TRIES = 100;

    /** Looks. The loop is at rest. */
    void check(Runner runner) {
        checkTasks(runner);
        throwIfAny(left());
    }

    /**
     * As {@link #check}, where threads and the system take their time to let go: a thread of an executor to say that it
     * is done, a file to close.
     */
    void checkInRealTime(Runner runner) {
        checkTasks(runner);
        List<String> left;
        for (int tries = 0; !(left = left()).isEmpty() && tries < MOST_TRIES; tries++) {
            runner.run(() -> Asyncio.sleep(BETWEEN_TRIES));
        }
        throwIfAny(left);
    }

    private void checkTasks(Runner runner) {
        Set<Task<?, ?>> tasks = Asyncio.allTasks(loop);
        if (tasks.isEmpty()) {
            return;
        }
        if (!options.leftovers()) {
            throw new AssertionError(tasks.size() + (tasks.size() == 1 ? " task is" : " tasks are")
                    + " left when the test ends. Await or cancel them:" + SimulatedRun.list(tasks));
        }
        runner.run(() -> cancelAll());
    }

    private List<String> left() {
        List<String> left = new ArrayList<>(0);
        for (String each : loop.leftovers()) {
            if (!options.leftovers() || !each.startsWith("scheduled: <TimerHandle")) {
                left.add(each);
            }
        }
        OF_MODULES.forEach(check -> left.addAll(check.left(loop)));
        ofTheTest.forEach(check -> left.addAll(check.left(loop)));
        return left;
    }

    private static void throwIfAny(List<String> left) {
        if (!left.isEmpty()) {
            throw new AssertionError("left when the test ends:" + SimulatedRun.list(left));
        }
    }

    /** Cancels what is left, and suspends until it has ended; what it starts meanwhile as well. */
    private void cancelAll() {
        Task<?, ?> here = Asyncio.currentTask();
        for (Set<Task<?, ?>> left; (left = others(here)).size() > 0; ) {
            left.forEach(Task::cancel);
            Asyncio.waitAll(left);
        }
        loop.shutdownGenerators();
    }

    private Set<Task<?, ?>> others(@Nullable Task<?, ?> here) {
        Set<Task<?, ?>> others = Asyncio.allTasks(loop);
        others.removeIf(task -> task == here);
        return others;
    }
}
