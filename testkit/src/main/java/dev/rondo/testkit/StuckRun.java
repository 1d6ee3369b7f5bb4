package dev.rondo.testkit;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import java.time.Duration;
import java.util.Set;

/** Says where a run is that does not end. */
final class StuckRun {

    /** A loop answers between two steps: one that does not within so long is in the midst of one. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private StuckRun() {}

    /** Describes the run while it goes on. */
    static String describe(Schedule schedule, LoopRun run, OwnThread<?> running) throws InterruptedException {
        StringBuilder text = new StringBuilder(schedule.name()).append(". Where the test was, which did not end:");
        Set<Task<?, ?>> tasks = OwnThread.<Set<Task<?, ?>>>start("who is left", () -> Asyncio.allTasks(run.loop()))
                .await(PATIENCE);
        if (tasks == null) {
            text.append(" in one step of a coroutine or callback, which keeps the loop from all others");
            Object item = run.running().get();
            if (item instanceof Task<?, ?> task) {
                append(text, task.toString(), task.stack().toArray(StackTraceElement[]::new));
            } else {
                append(text, String.valueOf(item), running.thread().getStackTrace());
            }
        } else {
            for (Task<?, ?> task : tasks) {
                append(text, task.toString(), task.stack().toArray(StackTraceElement[]::new));
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String who, StackTraceElement[] stack) {
        text.append("\n  ").append(who);
        for (StackTraceElement frame : stack) {
            text.append("\n      at ").append(frame);
        }
    }
}
