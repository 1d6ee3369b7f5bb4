package dev.rondo.testkit;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated run went.
 *
 * @param failure what was wrong first, or null
 * @param elapsed how much virtual time had passed when the failure came, or else at the end
 * @param steps how many there were then
 * @param tasks those that were there when the failure came, with their stacks; only where there is a log
 * @param log null unless it was asked for
 * @param sometimes the states that are worth reaching, and whether this run reached them
 */
record RunResult(
        @Nullable Throwable failure,
        Recording recording,
        Duration elapsed,
        long steps,
        String tasks,
        @Nullable EventLog log,
        Map<String, Boolean> sometimes) {

    /** Returns whether the test has found that it makes no sense here, as JUnit's assumptions say it: no failure. */
    boolean aborted() {
        for (Class<?> type = failure == null ? null : failure.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals("org.opentest4j.TestAbortedException")) { // which need not be there
                return true;
            }
        }
        return false;
    }

    /** Returns how it ended: the same for runs that went the same way. */
    String ending() {
        return (failure == null ? "ends" : "fails") + " after " + steps + " steps with choices " + recording.tape()
                + ", sometimes " + sometimes;
    }
}
