package dev.rondo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a task is, and who waits for it, and for them in turn: the stack of a program of coroutines, whose calls go
 * from task to task. Made by {@link Asyncio#captureCallGraph}; a snapshot, which nothing changes afterwards. Stands for
 * {@code asyncio.FutureCallGraph}.
 *
 * <p>While tasks run nothing is noted down: a capture asks each unfinished task what it waits for.
 *
 * @param awaitable the task or promise
 * @param callStack where a task is, innermost frame first, without Rondo's own; empty for a promise
 * @param awaitedBy the tasks that wait for it; empty where that would go round in a ring, or further than 1000 tasks
 */
public record CallGraph(Awaitable<?, ?> awaitable, List<StackTraceElement> callStack, List<CallGraph> awaitedBy) {

    /** Far beyond what anybody reads; a chain that were followed to its end could be longer than a stack is deep. */
    private static final int FURTHEST = 1000;

    private static final int FURTHEST_SHOWN = 100;

    static @Nullable CallGraph ofCaller(int depth, int limit) {
        Task<?, ?> task = Asyncio.currentTask();
        return task == null ? null : capture(task, depth, limit);
    }

    static CallGraph capture(Awaitable<?, ?> awaitable, int depth, int limit) {
        if (depth < 0) {
            throw new IllegalArgumentException("a depth of " + depth + ": give 0 or more");
        }
        awaitable.loop.checkThread();
        return new Capture(awaitable, depth, limit).graphOf(awaitable, 0);
    }

    private static final class Capture {

        private final Awaitable<?, ?> first;
        private final int depth;
        private final int limit;
        private final Map<Awaitable<?, ?>, List<Task<?, ?>>> waiters = new HashMap<>();
        private final Map<Awaitable<?, ?>, CallGraph> made = new HashMap<>();
        private final Set<Awaitable<?, ?>> begun = new HashSet<>();

        Capture(Awaitable<?, ?> first, int depth, int limit) {
            this.first = first;
            this.depth = depth;
            this.limit = limit;
            for (Task<?, ?> task : first.loop.tasks()) {
                Wait wait = task.strand().waitingFor();
                if (wait != null) {
                    for (Awaitable<?, ?> awaited : wait.awaited()) {
                        waiters.computeIfAbsent(awaited, _ -> new ArrayList<>(1))
                                .add(task);
                    }
                }
            }
        }

        CallGraph graphOf(Awaitable<?, ?> awaitable, int distance) {
            CallGraph known = made.get(awaitable);
            if (known != null) {
                return known;
            }
            List<CallGraph> awaitedBy = new ArrayList<>();
            if (distance < FURTHEST && begun.add(awaitable)) {
                for (Task<?, ?> waiter : waiters.getOrDefault(awaitable, List.of())) {
                    awaitedBy.add(graphOf(waiter, distance + 1));
                }
                CallGraph graph = new CallGraph(awaitable, stackOf(awaitable), List.copyOf(awaitedBy));
                made.put(awaitable, graph);
                return graph;
            }
            return new CallGraph(awaitable, stackOf(awaitable), List.of());
        }

        private List<StackTraceElement> stackOf(Awaitable<?, ?> awaitable) {
            if (limit == 0 || awaitable.done() || !(awaitable instanceof Task<?, ?> task)) {
                return List.of();
            }
            List<StackTraceElement> frames = task.stack();
            if (awaitable == first && task.strand().isCurrentThread()) {
                frames = frames.subList(Math.min(Math.max(depth - 1, 0), frames.size()), frames.size());
            }
            return Stacks.limited(frames, limit);
        }
    }

    /** Returns {@link Asyncio#formatCallGraph} of this. */
    @Override
    public String toString() {
        return format(); // a record's own would follow each of the ways to a task, of which there may be very many
    }

    /** Returns the graph as text, whoever waits below what it waits for. */
    String format() {
        StringBuilder text = new StringBuilder();
        append(text, 0, new HashSet<>());
        return text.toString();
    }

    private void append(StringBuilder text, int level, Set<Awaitable<?, ?>> shown) {
        String indent = "    ".repeat(level);
        String name = awaitable instanceof Task<?, ?> task
                ? "Task(name='" + task.name() + "', id=0x" + identity() + ")"
                : awaitable.kind() + "(id=0x" + identity() + ")";
        text.append(indent).append("* ").append(name);
        if (!shown.add(awaitable)) {
            text.append(" (see above)\n");
            return;
        }
        text.append('\n');
        if (!callStack.isEmpty()) {
            text.append(indent).append("  + Call stack:\n");
            for (StackTraceElement frame : callStack) {
                text.append(indent).append("  |   at ").append(frame).append('\n');
            }
        }
        if (!awaitedBy.isEmpty()) {
            text.append(indent).append("  + Awaited by:\n");
            if (level == FURTHEST_SHOWN) {
                text.append(indent).append("    …\n");
                return;
            }
            for (CallGraph waiter : awaitedBy) {
                waiter.append(text, level + 1, shown);
            }
        }
    }

    private String identity() {
        return Integer.toHexString(System.identityHashCode(awaitable));
    }
}
