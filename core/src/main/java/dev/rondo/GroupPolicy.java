package dev.rondo;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TaskGroup} treats its tasks: what the failure of one means for the others, and how many run at once.
 * Whatever the policy, the group ends after the last of its tasks, cancelling the group cancels them all, and a failure
 * that no program survives ({@link VirtualMachineError}, {@link KeyboardInterrupt}) ends the group at once.
 *
 * <p>Immutable, and free for any thread.
 */
public final class GroupPolicy {

    private static final GroupPolicy FAIL_FAST = new GroupPolicy(true, true, null, false, 0);
    private static final GroupPolicy WAIT_ALL = new GroupPolicy(false, false, null, false, 0);

    /** Fails fast, and counts a task that somebody cancels as one that fails. */
    static final GroupPolicy ALL_OR_NOTHING = new GroupPolicy(true, true, null, true, 0);

    final boolean failureAborts;
    final boolean bodyFailureAborts;
    final @Nullable BiConsumer<? super Task<?, ?>, ? super Throwable> handler;
    final boolean cancelledIsFailure;
    final int maxConcurrency; // 0 for as many as there are

    private GroupPolicy(
            boolean failureAborts,
            boolean bodyFailureAborts,
            @Nullable BiConsumer<? super Task<?, ?>, ? super Throwable> handler,
            boolean cancelledIsFailure,
            int maxConcurrency) {
        this.failureAborts = failureAborts;
        this.bodyFailureAborts = bodyFailureAborts;
        this.handler = handler;
        this.cancelledIsFailure = cancelledIsFailure;
        this.maxConcurrency = maxConcurrency;
    }

    /** The first failure cancels all that is left of the group, its body included. The default, and asyncio's. */
    public static GroupPolicy failFast() {
        return FAIL_FAST;
    }

    /**
     * A failure stops nothing: when all tasks have ended, the group throws what failed. The body is one of them: if it
     * fails, the tasks go on.
     */
    public static GroupPolicy waitAll() {
        return WAIT_ALL;
    }

    /**
     * A task's failure is the handler's, and the group lives on. The handler is called on the loop, once for each task
     * that fails, in that task's context, and may suspend; the group does not end before it has returned. If it throws,
     * that ends the group as a failure does that fails fast; so does a failure of the body.
     */
    public static GroupPolicy supervise(BiConsumer<? super Task<?, ?>, ? super Throwable> handler) {
        return new GroupPolicy(true, true, handler, false, 0);
    }

    /**
     * Returns this policy with a limit: no more than {@code limit} tasks of the group run at once. The others wait,
     * first come first served, before their first step; one that is cancelled there never runs. {@code createTask} does
     * not suspend. A task that awaits another of its group keeps its place meanwhile: with all places taken by such,
     * nothing goes on.
     *
     * @throws IllegalArgumentException unless {@code limit} is positive
     */
    public GroupPolicy maxConcurrency(int limit) {
        Slots.checkLimit("maxConcurrency", limit);
        return new GroupPolicy(failureAborts, bodyFailureAborts, handler, cancelledIsFailure, limit);
    }
}
