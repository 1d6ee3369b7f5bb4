package dev.rondo.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a failing tape as plain as it gets: looks whether one choice alone does it; else cuts its end off, sets choices
 * to zero, first many at once and then one by one, lowers what is left, and takes choices out, so that what follows
 * them moves up; and looks at last whether two choices do it. Ends where neither a shorter tape, nor one choice less,
 * nor one lower choice fails as well; or when it has tried often enough. The same tape and program come to the same
 * result.
 */
final class Shrinker {

    /** So many times fewer than all runs are for looking whether one choice does it. */
    private static final int SHARE_OF_SINGLES = 4;

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

    /** Returns the plainest tape found, which fails if that of the given run does. */
    Tape shrink(Recording failing) {
        best = failing.tape().toArray();
        if (accepts(new int[0])) {
            return Tape.plain();
        }
        List<Deviation> all = deviations(failing, failing.size());
        if (all.size() <= maxRuns / SHARE_OF_SINGLES && oneAlone(all)) {
            return Tape.of(best);
        }
        int[] before;
        do {
            before = best;
            cutTail();
            zeroBlocks();
            lower();
            takeOut();
        } while (!exhausted() && !Arrays.equals(before, best));
        if (places().length > 2) {
            twoAlone(deviations(failing, best.length));
        }
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

    /** One choice that is not the plain one. */
    private record Deviation(int place, int choice) {}

    /** Returns what the run could have chosen at its first places; nothing if that is more than can be tried. */
    private List<Deviation> deviations(Recording run, int length) {
        List<Deviation> all = new ArrayList<>();
        for (int place = 0; place < Math.min(length, run.size()); place++) {
            if (run.width(place) > maxRuns || all.size() > maxRuns) {
                return List.of();
            }
            for (int choice = 1; choice < run.width(place); choice++) {
                all.add(new Deviation(place, choice));
            }
        }
        return all;
    }

    /** Looks for one choice, the first and lowest, that does it alone. */
    private boolean oneAlone(List<Deviation> all) {
        return all.stream().anyMatch(one -> accepts(with(new int[one.place + 1], one)));
    }

    private void twoAlone(List<Deviation> all) {
        long pairs = all.size() * (all.size() - 1L) / 2;
        if (pairs > maxRuns - runs) {
            return;
        }
        for (Deviation last : all) {
            for (Deviation first : all) {
                if (first.place < last.place && accepts(with(with(new int[last.place + 1], last), first))) {
                    return;
                }
            }
        }
    }

    private static int[] with(int[] choices, Deviation deviation) {
        choices[deviation.place] = deviation.choice;
        return choices;
    }

    private void cutTail() {
        for (int cut = best.length / 2; cut > 0; cut /= 2) {
            while (cut < best.length && accepts(Arrays.copyOf(best, best.length - cut))) {
                // the same once more
            }
        }
    }

    private void zeroBlocks() {
        for (int block = places().length; block > 0; block /= 2) {
            int from = 0; // among those that are not zero
            for (int[] places = places(); from < places.length; places = places()) {
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
    private int[] places() {
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
        for (int place : places()) {
            for (int step = Math.max(1, at(place) / 2); step > 0; step /= 2) {
                while (at(place) > step && accepts(withLess(place, step))) {
                    // the same once more
                }
            }
        }
    }

    /** From the end, many at once and then one by one. */
    private void takeOut() {
        for (int block = best.length / 2; block > 0; block /= 2) {
            for (int from = best.length - block; from >= 0; from -= block) {
                if (from + block < best.length) { // or else it would cut the end off
                    accepts(without(from, block));
                }
            }
        }
    }

    private int[] without(int from, int count) {
        int[] choices = Arrays.copyOf(best, best.length - count);
        System.arraycopy(best, from + count, choices, from, choices.length - from);
        return choices;
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
