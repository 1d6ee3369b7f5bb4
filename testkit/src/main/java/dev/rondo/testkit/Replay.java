package dev.rondo.testkit;

import org.jspecify.annotations.Nullable;

/** How to have a schedule again: for who looks into its failure, and for who reads of it. */
interface Replay {

    /** Runs the program by a tape. */
    RunResult run(Tape tape, boolean logging);

    /** Returns what a reader types to run the program by this tape. */
    String byTape(Tape tape);

    /**
     * Returns what a reader types to have the schedule again that has failed, without its tape; null if nothing does.
     */
    @Nullable String again();
}
