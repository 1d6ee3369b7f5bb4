package dev.rondo.testkit;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Makes a failing tape as plain as it gets: looks first whether a single choice that is not the plain one will do; then
 * cuts the tape's end off, sets choices to zero, first many at once and then one by one, takes choices out, and lowers
 * what is left. Ends where neither a shorter tape, nor one choice less, nor one lower choice fails as well; or when it
 * has tried often enough. The same tape and program come to the same result.
 */
final class Shrinker {

    private static final int HIGHEST_TRIED = 3;

    private final Predicate<Tape> fails;
    private final int maxRuns;
    private int runs;

    private int[] best = {}; // the plainest tape that fails, so far

    /**
     * Makes a shrinker for one tape.
     *
     * @param fails runs the program: whether it fails by this tape in the same way
     * @param maxRuns how often that may be asked
     */
    Shrinker(Predicate<Tape> fails, int maxRuns) {
        this.fails = fails;
        this.maxRuns = maxRuns;
    }

    /** Returns the plainest tape found, which fails if the given one does. */
    Tape shrink(Tape failing) {
        best = failing.toArray();
        if (accepts(new int[0])) {
            return Tape.plain();
        }
        oneDeviation();
        int[] before;
        do {
            before = best;
            cutTail();
            zeroBlocks();
            deleteBlocks();
            lower();
        } while (!exhausted() && !Arrays.equals(before, best));
        return Tape.of(best);
    }

    /** Returns how often the program was run. */
    int runs() {
        return runs;
    }

    /** Returns whether it has stopped because of the number of runs: there may be a plainer tape. */
    boolean exhausted() {
        return runs >= maxRuns;
    }

    private boolean accepts(int[] choices) {
        if (exhausted()) {
            return false;
        }
        runs++;
        Tape tape = Tape.of(choices);
        if (fails.test(tape)) {
            best = tape.toArray(); // without zeros at the end
            return true;
        }
        return false;
    }

    /**
     * Tries the plainest tapes that there are after the empty one. What they find is often not a part of the tape that
     * failed: with a choice more or less before it, a choice comes at another place.
     */
    private void oneDeviation() {
        if (deviations().length < 2) {
            return;
        }
        int highest = Math.min(HIGHEST_TRIED, Arrays.stream(best).max().orElse(0));
        int places = Math.min(best.length, maxRuns / 4 / highest);
        for (int place = 0; place < places; place++) {
            for (int choice = 1; choice <= highest; choice++) {
                int[] choices = new int[place + 1];
                choices[place] = choice;
                if (accepts(choices)) {
                    return;
                }
            }
        }
    }

    private void cutTail() {
        for (int cut = best.length / 2; cut > 0; cut /= 2) {
            while (cut < best.length && accepts(Arrays.copyOf(best, best.length - cut))) {
                // the same once more
            }
        }
    }

    private void zeroBlocks() {
        for (int block = deviations().length; block > 0; block /= 2) {
            int from = 0; // among those that are not zero
            for (int[] places = deviations(); from < places.length; places = deviations()) {
                int[] choices = best.clone();
                for (int i = from; i < Math.min(from + block, places.length); i++) {
                    choices[places[i]] = 0;
                }
                if (!accepts(choices)) {
                    from += block;
                }
            }
        }
    }

    /** Takes choices out, and those behind them move up: first many at once, then one by one. */
    private void deleteBlocks() {
        for (int block = Math.max(1, best.length / 4); block > 0; block /= 2) {
            for (int from = 0; from + block <= best.length; ) {
                int[] choices = new int[best.length - block];
                System.arraycopy(best, 0, choices, 0, from);
                System.arraycopy(best, from + block, choices, from, choices.length - from);
                if (!accepts(choices)) {
                    from += block;
                }
            }
        }
    }

    /** Returns the places of the choices that are not zero. */
    private int[] deviations() {
        int[] places = new int[best.length];
        int count = 0;
        for (int i = 0; i < best.length; i++) {
            if (best[i] != 0) {
                places[count++] = i;
            }
        }
        return Arrays.copyOf(places, count);
    }

    /** Halves what is too high; then by ones. */
    private void lower() {
        for (int place : deviations()) {
            for (int step = Math.max(1, at(place) / 2); step > 0; step /= 2) {
                while (at(place) > step && accepts(withLess(place, step))) {
                    // the same once more
                }
            }
        }
    }

    private int at(int place) {
        return place < best.length ? best[place] : 0;
    }

    private int[] withLess(int place, int step) {
        int[] choices = best.clone();
        choices[place] -= step;
        return choices;
    }
}
