package dev.rondo.testkit;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated run went.
 *
 * @param failure what was wrong first, or null
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
        Map<String, Boolean> sometimes) {}
