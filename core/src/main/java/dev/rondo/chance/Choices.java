package dev.rondo.chance;

import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Decides what is otherwise left to chance: which of the ready coroutines goes first, say. A loop asks on its own
 * thread, always for the same things in the same order, so that the same answers make the same run.
 *
 * <p>Zero always stands for the plain thing, which happens where nobody chooses: first in, first out, no fault.
 */
@FunctionalInterface
public interface Choices {

    /**
     * Returns one of the numbers from 0 to {@code n - 1}.
     *
     * @param n how many possibilities there are; two or more
     * @param what what is decided, for a reader: {@code "ready"} for which item runs next, {@code "timer"} for which of
     *     several callbacks that are due at the same time
     */
    int choose(int n, String what);

    /**
     * As {@link #choose(int, String)}, where it is known what there is to choose from: for who wants to know a
     * coroutine again. What the loop calls; by default it does not matter.
     *
     * @param candidate tells the candidates by number, during this call only
     */
    default int choose(int n, String what, IntFunction<Object> candidate) {
        return choose(n, what);
    }

    /**
     * Returns whether to do something that is allowed and seldom happens: to look for events and find none, to wake a
     * thread for no reason. Asked where Rondo, and code that runs on it, must be able to take it. By default never.
     *
     * @param what what would be done, for a reader
     */
    default boolean buggify(String what) {
        return false;
    }

    /**
     * Returns whether an item may be overtaken by what becomes ready after it. By default it may not, but for the other
     * items of its turn: after a {@code yieldNow()} everything has run that was ready before, as asyncio's programs
     * expect. Asked once, when the loop is made.
     */
    default boolean acrossTurns() {
        return false;
    }

    /** Returns choices that are always the plain thing. */
    static Choices plain() {
        return (n, what) -> 0;
    }

    /** Returns random choices: the same ones for the same seed. For one loop. */
    static Choices seeded(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return (n, what) -> random.nextInt(n);
    }
}
