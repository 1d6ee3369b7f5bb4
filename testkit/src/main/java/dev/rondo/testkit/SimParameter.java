package dev.rondo.testkit;

import dev.rondo.EventLoop;

/**
 * Makes further things that a {@link LoopTest} method may have as parameters. Implementations are found by
 * {@link java.util.ServiceLoader}; one instance serves all schedules of a test method.
 */
public interface SimParameter {

    /** Returns whether this makes parameters of a type. */
    boolean supports(Class<?> type);

    /**
     * Makes the parameter for one run, shortly before the test method begins: inside or outside the loop, so that it
     * can neither suspend nor ask for the running loop.
     *
     * @param type one that is supported
     * @param sim of that run
     * @param loop of that run
     */
    Object create(Class<?> type, Sim sim, EventLoop loop);
}
