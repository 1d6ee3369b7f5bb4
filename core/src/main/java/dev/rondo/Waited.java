package dev.rondo;

import java.util.Set;

/**
 * What {@link Asyncio#waitAll} and its like return: both in the order in which they were named.
 *
 * @param done those that are done, however they ended
 * @param pending those that are not; they go on
 */
public record Waited<A extends Awaitable<?, ?>>(Set<A> done, Set<A> pending) {}
