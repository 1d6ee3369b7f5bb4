package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import org.jspecify.annotations.Nullable;

/**
 * A way to look for schedules: says before each run how it shall choose, and may learn from how it went. For one
 * exploration; not safe for use by several threads.
 */
public interface Search {

    /** Returns the choices for the next run, or null if there is nothing left to try. */
    @Nullable Choices next();

    /** Told what was chosen in the run that {@link #next} was asked for last. */
    default void ran(Recording run) {}

    /** Returns in a few words which run it is that {@link #next} was asked for last: {@code seed 17}. */
    String label();

    /**
     * Returns the Java expression of an {@link Explorer} that makes the run again that {@link #next} was asked for
     * last, without its tape: {@code Explorer.random(1, 17)}. By default null: the tape alone does it.
     */
    default @Nullable String again() {
        return null;
    }
}
