package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Random schedules: the same for the same seeds. */
final class RandomSearch implements Search {

    /** More would drown the program in faults, less would hardly ever bring two together. */
    static final int ONE_FAULT_IN = 20;

    private final long firstSeed;
    private final long schedules;
    private final boolean acrossTurns;
    private long made;

    RandomSearch(long firstSeed, long schedules, boolean acrossTurns) {
        this.firstSeed = firstSeed;
        this.schedules = schedules;
        this.acrossTurns = acrossTurns;
    }

    @Override
    public @Nullable Choices next() {
        return made == schedules ? null : seeded(firstSeed + made++, acrossTurns);
    }

    /** Returns the choices of one seed. */
    static Choices seeded(long seed, boolean acrossTurns) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Choices() {
            @Override
            public int choose(int n, String what) {
                return random.nextInt(n);
            }

            @Override
            public boolean buggify(String what) {
                return random.nextInt(ONE_FAULT_IN) == 0;
            }

            @Override
            public boolean acrossTurns() {
                return acrossTurns;
            }
        };
    }

    @Override
    public String label() {
        return "seed " + (firstSeed + made - 1);
    }

    @Override
    public String again() {
        return "Explorer." + (acrossTurns ? "random" : "shuffle") + "(1, " + (firstSeed + made - 1) + ")";
    }
}
