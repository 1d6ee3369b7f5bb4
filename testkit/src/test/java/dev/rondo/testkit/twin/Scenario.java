package dev.rondo.testkit.twin;

import dev.rondo.testkit.Sim;
import java.io.Serializable;

/**
 * A reference to a static method that is the body of a simulation: {@code QueueScenario::cancelledGetter}. It is never
 * called here: it names the method that a {@link Twin} calls in its own copy of the class.
 */
@FunctionalInterface
public interface Scenario extends Serializable {

    /** Runs, and may suspend. Whatever it throws is the failure of the run. */
    void run(Sim sim) throws Exception;
}
