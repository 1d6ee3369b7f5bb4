package dev.rondo.bench.core;

import java.io.IOException;

/**
 * What every program of {@code core.sh} does: reads lines {@code OPERATION COUNT} from standard input, does that many
 * operations, and answers {@code DONE NANOSECONDS}. All in one process, which the script has take turns with others.
 */
final class Rounds {

    private Rounds() {}

    /** How a program does a round. */
    @FunctionalInterface
    interface Round {

        /** Does {@code count} operations and returns how many there were. */
        int run(String operation, int count) throws IOException;
    }

    /** Answers lines until there are no more. */
    static void serve(Round program) throws IOException {
        for (String line; (line = IO.readln()) != null; ) {
            String[] words = line.split(" ");
            long startNanos = System.nanoTime();
            int done = program.run(words[0], Integer.parseInt(words[1]));
            IO.println(done + " " + (System.nanoTime() - startNanos));
        }
    }
}
