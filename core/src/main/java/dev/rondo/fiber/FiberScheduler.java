package dev.rondo.fiber;

/** What a fiber asks of whoever runs it. */
public interface FiberScheduler {

    /**
     * Returns whether the caller runs on the scheduler's thread: the bare thread, or the fiber that is mounted on it
     * now.
     */
    boolean onSchedulerThread();

    /** Has {@code fiber.run()} called once, later, on the scheduler's thread. Called on that thread. */
    void ready(Fiber fiber);

    /** Has {@code delivery} run soon on the scheduler's thread. Any thread; never throws, never blocks. */
    void post(Runnable delivery);

    /**
     * Has {@code fiber.released()} called soon on the scheduler's thread, on which the caller is not. Any other thread;
     * never throws, never blocks.
     */
    void releasedElsewhere(Fiber fiber);

    /**
     * Has {@code step} run soon on the bare scheduler thread: a step of a virtual thread that user code started inside
     * a fiber, which inherited the fiber's place to run. Any thread; never throws, never blocks.
     */
    void child(Runnable step);

    /**
     * Told when a thread of the scheduler's has parked in code that is not ours.
     *
     * @return what to tell {@link #leftElsewhere} once the thread has been released
     */
    boolean parkedElsewhere(Thread thread);

    /**
     * Told when a thread has been released that had parked in code that is not ours.
     *
     * @param told what {@link #parkedElsewhere} returned
     */
    void leftElsewhere(Thread thread, boolean told);
}
