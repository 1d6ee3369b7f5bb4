package dev.rondo.testkit;

import dev.rondo.chance.Choices;

/** Reads a tape: the run that it was written in again, if nothing has changed. For one run. */
final class TapeChoices implements Choices {

    private final Tape tape;
    private final boolean acrossTurns;
    private int next;

    TapeChoices(Tape tape, boolean acrossTurns) {
        this.tape = tape;
        this.acrossTurns = acrossTurns;
    }

    @Override
    public int choose(int n, String what) {
        return tape.at(next++) % n; // what is no choice here was made elsewhere: by a fuzzer, or for another program
    }

    @Override
    public boolean buggify(String what) {
        return tape.at(next++) % 2 == 1;
    }

    @Override
    public boolean acrossTurns() {
        return acrossTurns;
    }
}
