package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Probabilistic concurrency testing (Burckhardt and others, 2010): each coroutine gets a random priority, the highest
 * that is ready goes on, and at a few random choices of the run, one less than the depth, the one that would go on
 * falls behind all others. Of a bug that takes so many events in a certain order a schedule finds it with a probability
 * of at least 1/(n·k^(depth-1)), for n coroutines and k choices.
 *
 * <p>The first run is the plain one and tells k. Choices other than which item goes next are random.
 */
final class PctSearch implements Search {

    private final int depth;
    private final long firstSeed;
    private final long schedules;

    private long made;
    private int choicesOfPlainRun;
    private @Nullable CountingChoices plain; // the first run's

    PctSearch(int depth, long firstSeed, long schedules) {
        if (depth < 1) {
            throw new IllegalArgumentException("a depth of " + depth + ": a bug takes 1 or more events in order");
        }
        this.depth = depth;
        this.firstSeed = firstSeed;
        this.schedules = schedules;
    }

    @Override
    public @Nullable Choices next() {
        if (made == schedules) {
            return null;
        }
        made++;
        if (made == 1) {
            plain = new CountingChoices();
            return plain;
        }
        return seeded(seed(), depth, choicesOfPlainRun);
    }

    /** Returns the choices of one seed. */
    static Choices seeded(long seed, int depth, int choicesOfPlainRun) {
        return new PriorityChoices(seed, depth, choicesOfPlainRun);
    }

    @Override
    public void ran(Recording run) {
        if (plain != null) {
            choicesOfPlainRun = plain.count;
            plain = null;
        }
    }

    private long seed() {
        return firstSeed + made - 2;
    }

    @Override
    public String label() {
        return made == 1 ? "the plain schedule" : "seed " + seed() + " of depth " + depth;
    }

    @Override
    public String again() {
        return "Explorer.pct(" + depth + (made == 1 ? ", 1)" : ", 2, " + seed() + ")");
    }

    /** Chooses the plain thing, and counts how often it was to choose an item. */
    private static final class CountingChoices implements Choices {

        private int count;

        @Override
        public int choose(int n, String what) {
            count += what.equals("ready") ? 1 : 0;
            return 0;
        }

        @Override
        public boolean acrossTurns() {
            return true;
        }
    }

    /** One run by priorities: the higher one goes first. */
    private static final class PriorityChoices implements Choices {

        /**
         * Who was chosen so often in a row, while others were ready, may be waiting for one of them by yielding: it
         * falls behind all. Yielding alone does not make it fall, since that is where programs may be preempted.
         */
        private static final int PATIENCE = 500;

        /** So many priorities are remembered; callbacks and timers, new each time, would fill the memory. */
        private static final int MEMORY = 100_000;

        private final SplittableRandom random;
        private final int[] changePoints; // numbers of choices; each has a priority below all that are drawn
        private final int[] lowPriorities; // 0 to depth - 2, in random order
        private final Map<Object, Integer> priorities = new IdentityHashMap<>();
        private int made;
        private int lowest; // of those that have fallen for spinning; negative
        private @Nullable Object chosenLast;
        private int inARow;

        PriorityChoices(long seed, int depth, int choicesOfPlainRun) {
            random = new SplittableRandom(seed);
            changePoints = new int[depth - 1];
            Arrays.setAll(changePoints, _ -> random.nextInt(Math.max(1, choicesOfPlainRun)));
            lowPriorities = shuffled(depth - 1);
        }

        private int[] shuffled(int size) {
            int[] numbers = new int[size];
            for (int i = 0; i < size; i++) {
                int other = random.nextInt(i + 1);
                numbers[i] = numbers[other];
                numbers[other] = i;
            }
            return numbers;
        }

        @Override
        public int choose(int n, String what) {
            return random.nextInt(n);
        }

        @Override
        public int choose(int n, String what, IntFunction<Object> candidate) {
            if (!what.equals("ready")) {
                return random.nextInt(n);
            }
            int best = highest(n, candidate);
            for (int i = 0; i < changePoints.length; i++) {
                if (changePoints[i] == made) {
                    priorities.put(candidate.apply(best), lowPriorities[i]);
                    best = highest(n, candidate);
                }
            }
            made++;
            Object chosen = candidate.apply(best);
            inARow = chosen == chosenLast ? inARow + 1 : 1;
            chosenLast = chosen;
            if (inARow > PATIENCE) {
                priorities.put(chosen, --lowest);
                inARow = 0;
            }
            return best;
        }

        private int highest(int n, IntFunction<Object> candidate) {
            if (priorities.size() > MEMORY) {
                priorities.clear();
            }
            int best = 0;
            int bestPriority = Integer.MIN_VALUE;
            for (int i = 0; i < n; i++) {
                int priority = priorities.computeIfAbsent(candidate.apply(i), _ -> drawn());
                if (priority > bestPriority) {
                    best = i;
                    bestPriority = priority;
                }
            }
            return best;
        }

        private int drawn() {
            return random.nextInt(changePoints.length, Integer.MAX_VALUE);
        }

        @Override
        public boolean buggify(String what) {
            return random.nextInt(RandomSearch.ONE_FAULT_IN) == 0;
        }

        @Override
        public boolean acrossTurns() {
            return true;
        }
    }
}
