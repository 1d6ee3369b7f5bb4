package dev.rondo.chance;

import java.util.SplittableRandom;

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
     * @param what what is decided, for a reader: {@code "ready"}
     */
    int choose(int n, String what);

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
