package dev.rondo.testkit;

import dev.rondo.chance.Choices;

/**
 * Runs a body in one schedule after another, each on a loop of its own under virtual time, until one fails or the
 * search has no more. Needs no test framework; {@code @LoopTest} is the same for JUnit.
 *
 * <pre>{@code
 * Explorer.random(10_000).check(sim -> {
 *     Account account = new Account(100);
 *     gather(() -> account.withdraw(60), () -> account.withdraw(60));
 *     assertTrue(account.balance() >= 0);
 * });
 * }</pre>
 */
public final class Explorer {

    private final Search search;
    private SimOptions options = SimOptions.DEFAULT;

    private Explorer(Search search) {
        this.search = search;
    }

    /** Returns an explorer of this many random schedules, in which any ready coroutine may go next. */
    public static Explorer random(long schedules) {
        return new Explorer(new RandomSearch(1, schedules, true));
    }

    /**
     * Runs the body until it fails, or the search has nothing left to try. Blocks the calling thread.
     *
     * @return how many schedules there were
     * @throws AssertionError in the first schedule that fails
     * @throws IllegalStateException in a running loop, or on a virtual thread
     */
    public long check(SimBody body) {
        long schedules = 0;
        for (Choices choices; (choices = search.next()) != null; ) {
            RunResult result = SimulatedRun.run(body, choices, options, false);
            search.ran(result.recording());
            if (result.failure() != null) {
                throw new AssertionError(
                        search.label() + " tape " + result.recording().tape(), result.failure());
            }
            if (DeterminismCheck.due(schedules++, Long.MAX_VALUE)) {
                DeterminismCheck.check(body, result.recording().tape(), choices.acrossTurns(), options);
            }
        }
        return schedules;
    }
}
