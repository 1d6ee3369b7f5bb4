package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import java.util.function.IntFunction;

/** Asks the choices that were given, and writes down what they say. For one run; loop thread only. */
final class Deciding implements Choices {

    private final Choices choices;
    final Recording recording = new Recording();
    private final boolean faults;
    boolean calm; // no more faults
    boolean over; // the plain thing from now on, and nothing is written down

    Deciding(Choices choices, boolean faults) {
        this.faults = faults;
        this.choices = choices;
    }

    @Override
    public int choose(int n, String what) {
        return over ? 0 : noted(n, what, choices.choose(n, what));
    }

    @Override
    public int choose(int n, String what, IntFunction<Object> candidate) {
        return over ? 0 : noted(n, what, choices.choose(n, what, candidate));
    }

    private int noted(int n, String what, int choice) {
        if (choice < 0 || choice >= n) {
            throw new IllegalStateException("a choice of " + choice + " from " + n + " for " + what);
        }
        recording.add(choice, n);
        return choice;
    }

    @Override
    public boolean buggify(String what) {
        if (!faults || calm || over) {
            return false;
        }
        boolean fault = choices.buggify(what);
        recording.add(fault ? 1 : 0, 2);
        return fault;
    }

    @Override
    public boolean acrossTurns() {
        return choices.acrossTurns();
    }
}
