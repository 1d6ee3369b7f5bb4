package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * Makes the tasks of a loop: what {@code createTask}, {@code gather} and all others who start tasks go through. Set by
 * {@link EventLoop#setTaskFactory}. A factory may change the options, put the coroutine into one of its own, or note
 * the task; it makes the task by {@link Task#start}.
 *
 * <p>Not for a lambda, since the method is generic: a class, or a reference to a generic method. Stands for what
 * {@code loop.set_task_factory()} takes.
 */
@FunctionalInterface
public interface TaskFactory {

    /**
     * Starts every task at once unless its options say otherwise: see {@link TaskOptions#eagerStart(boolean)}. Stands
     * for {@code asyncio.eager_task_factory}.
     */
    TaskFactory EAGER = TaskFactory::startEagerly;

    /**
     * Makes and starts a task. Called on the loop's thread.
     *
     * @param options what the caller of {@code createTask} gave
     */
    <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options);

    private static <T extends @Nullable Object, X extends Exception> Task<T, X> startEagerly(
            EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options) {
        return Task.start(loop, coroutine, options.eagerStart() == null ? options.eagerStart(true) : options);
    }
}
