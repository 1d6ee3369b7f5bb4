package dev.rondo.chance;

import java.util.SplittableRandom;

/** Random choices in which what is allowed and seldom happens does, once in so many times; the same for a seed. */
public class RandomFaults implements Choices {

    protected final SplittableRandom random;
    private final int oneIn;

    /** Makes choices for one run. */
    public RandomFaults(long seed, int oneIn) {
        random = new SplittableRandom(seed);
        this.oneIn = oneIn;
    }

    @Override
    public int choose(int n, String what) {
        return random.nextInt(n);
    }

    @Override
    public boolean buggify(String what) {
        return random.nextInt(oneIn) == 0;
    }

    @Override
    public boolean acrossTurns() {
        return true;
    }
}
