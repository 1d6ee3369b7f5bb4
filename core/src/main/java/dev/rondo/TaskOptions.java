package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * How a task is to be made, where the plain {@code createTask(coroutine)} will not do: {@code createTask(() ->
 * fetch(url), TaskOptions.named("fetch").eagerStart(true))}. Stands for the keyword arguments of
 * {@code asyncio.create_task()}.
 *
 * @param name the task's name, or null for {@code Task-N}
 * @param context what the task's context variables are kept in: itself, not a copy; or null for a copy of the current
 *     context
 * @param eagerStart whether the coroutine runs at once, until it first suspends; or null for what the loop's task
 *     factory does, which is not to, unless it is {@link TaskFactory#EAGER}
 */
public record TaskOptions(
        @Nullable String name,
        @Nullable Context context,
        @Nullable Boolean eagerStart) {

    private static final TaskOptions NONE = new TaskOptions(null, null, null);

    /** Returns no options at all. */
    public static TaskOptions none() {
        return NONE;
    }

    /** Returns the option of a name. */
    public static TaskOptions named(String name) {
        return NONE.name(name);
    }

    /** Returns the option of a start at once: see {@link #eagerStart(boolean)}. */
    public static TaskOptions eager() {
        return NONE.eagerStart(true);
    }

    /** Returns these options with a name. */
    public TaskOptions name(String name) {
        return new TaskOptions(name, context, eagerStart);
    }

    /** Returns these options with a context, which the task uses itself: what it sets shows there. */
    public TaskOptions context(Context context) {
        return new TaskOptions(name, context, eagerStart);
    }

    /**
     * Returns these options with a start at once, or expressly without.
     *
     * <p>An eager task runs inside {@code createTask} until it first suspends, and the caller goes on when it has,
     * before anything else. A task that never suspends is done when {@code createTask} returns, and costs no turn of
     * the loop. The call is no suspension point for the caller all the same: nothing else runs, and a cancel is not
     * delivered there.
     *
     * <p>Where that cannot be, the task starts in the next turn like any other: if the loop does not run, or the caller
     * cannot be suspended, because a native method or a static initialiser is on its stack.
     */
    public TaskOptions eagerStart(boolean eagerStart) {
        return new TaskOptions(name, context, eagerStart);
    }
}
