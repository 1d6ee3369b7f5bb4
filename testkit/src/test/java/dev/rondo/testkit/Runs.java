package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.chance.Choices;

/** Single runs, for the tests of the checkers. */
final class Runs {

    static final SimOptions LEFTOVERS = new SimOptions(true, false, 100_000);

    private Runs() {}

    static RunResult plain(SimBody body) {
        return with(SimOptions.DEFAULT, body);
    }

    static RunResult with(SimOptions options, SimBody body) {
        return SimulatedRun.run(body, Choices.plain(), options, true);
    }

    /** Returns the message of what a plain run fails with. */
    static String failureOf(SimBody body) {
        return failureOf(SimOptions.DEFAULT, body);
    }

    static String failureOf(SimOptions options, SimBody body) {
        Throwable failure = with(options, body).failure();
        assertThat(failure).as("the failure").isNotNull();
        return String.valueOf(failure.getMessage());
    }

    static void passes(SimBody body) {
        passes(SimOptions.DEFAULT, body);
    }

    static void passes(SimOptions options, SimBody body) {
        RunResult result = with(options, body);
        if (result.failure() != null) {
            throw new AssertionError("should pass", result.failure());
        }
    }
}
