package dev.rondo.testkit;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Makes a failing tape as plain as it gets: cuts its end off, sets choices to zero, first many at once and then one by
 * one, and lowers what is left. Ends where neither a shorter tape, nor one choice less, nor one lower choice fails as
 * well; or when it has tried often enough. The same tape and program come to the same result.
 */
final class Shrinker {

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
        int[] before;
        do {
            before = best;
            cutTail();
            zeroBlocks();
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
