package dev.rondo;

/**
 * Is told what a loop does, while it does it: for tests, and for tools. Given to {@link EventLoop.Builder#observer}.
 *
 * <p>Called on the loop's thread, in the midst of its work, except where it says otherwise: must not throw, suspend, or
 * change anything of the loop. Not called any more once the loop is closed.
 */
public interface LoopObserver {

    /**
     * A task was made; it has not run yet. One that starts eagerly runs next, inside what runs now, which goes on once
     * that is suspended or over; {@link #runs} is told of neither.
     */
    default void created(Task<?, ?> task) {}

    /**
     * An item of the ready queue begins to run; whatever ran before is suspended, or over.
     *
     * @param item the {@link Task} that goes on, the {@link Handle} of a callback, or something of the loop's own, such
     *     as what wakes a sleeper
     */
    default void runs(Object item) {}

    /**
     * The task that runs suspends.
     *
     * @param what what it waits for: its {@code toString} says so
     */
    default void waits(Task<?, ?> task, Object what) {}

    /** The task is parked in blocking code that is not Rondo's; its thread's stack says where. */
    default void parked(Task<?, ?> task) {}

    /**
     * A thread that is not the loop's has released a task from blocking code. On that thread, in the midst of anybody's
     * code: must not block.
     */
    default void released(Task<?, ?> task, Thread by) {}

    /**
     * A thread that is not the loop's has something for the loop to do; while the loop does not run, no thread is. On
     * that thread, in the midst of anybody's code: must not block.
     */
    default void posted(Thread by) {}

    /** The body of the task has ended, and its outcome is there. */
    default void ended(Task<?, ?> task) {}

    /** The user's exception handler has thrown. The loop logs that, and goes on. */
    default void handlerFailed(Throwable failure) {}

    /**
     * Nothing is ready, scheduled or in flight: unless another thread has something to do for it, the loop will never
     * go on.
     */
    default void idle() {}

    /**
     * Virtual time has to stand still: nothing is ready, and before the next timer something may happen outside the
     * loop (blocking code in which a task is parked, a thread of an executor, the system). The loop sleeps now, unless
     * this makes something ready.
     */
    default void waitsOutside() {}
}
