package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import org.jspecify.annotations.Nullable;

/** One schedule: that of a tape. */
final class ReplaySearch implements Search {

    private final Tape tape;
    private boolean made;

    ReplaySearch(Tape tape) {
        this.tape = tape;
    }

    @Override
    public @Nullable Choices next() {
        if (made) {
            return null;
        }
        made = true;
        return new TapeChoices(tape, true);
    }

    @Override
    public String label() {
        return "replay";
    }
}
