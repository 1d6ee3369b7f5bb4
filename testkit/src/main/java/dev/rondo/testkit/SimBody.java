package dev.rondo.testkit;

/** What is run in a simulation: the main coroutine of a test. */
@FunctionalInterface
public interface SimBody {

    /** Runs, and may suspend. Whatever it throws is the failure of the run. */
    void run(Sim sim) throws Exception;
}
