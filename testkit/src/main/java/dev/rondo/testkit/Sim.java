package dev.rondo.testkit;

import dev.rondo.testkit.net.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What a test may ask of the simulation that it runs in. One for each run; for the coroutines and callbacks of its
 * loop. Once the run is over, what would change it throws {@link IllegalStateException}.
 */
public final class Sim {

    private final SimulatedRun run;
    final Conditions conditions = new Conditions();
    final List<LeakCheck> leakChecks = new ArrayList<>();
    final Map<String, Boolean> sometimes = new LinkedHashMap<>(); // in the order in which they were named

    Sim(SimulatedRun run) {
        this.run = run;
    }

    // ------------------------------------------------------------------------------------------------ what must hold

    /**
     * Fails the run if the condition does not hold at some time from now on: it is looked at before each step of a
     * coroutine or callback, and at the end. The run stops there. A condition that throws fails it as well.
     *
     * @param holds must only look: it can neither wait nor change anything
     */
    public void always(String name, BooleanSupplier holds) {
        run.checkNotOver();
        conditions.always(name, holds);
    }

    /**
     * Says that this state is worth reaching, and whether it is reached now. If none of the runs of a test reaches it,
     * the test fails: it does not test what it means to.
     */
    public void sometimes(String name, boolean reached) {
        run.checkNotOver();
        sometimes.merge(name, reached, Boolean::logicalOr);
    }

    /**
     * Fails the run unless the condition comes to hold within an hour of virtual time after the body has ended, with no
     * more faults from then on. Each condition for itself: they need not hold at the same time. Where the body has
     * failed, nobody looks.
     *
     * @param holds must only look: it can neither wait nor change anything
     */
    public void eventually(String name, BooleanSupplier holds) {
        run.checkNotOver();
        conditions.eventually(name, holds);
    }

    /**
     * Has the check asked at the end of the run, when nothing may be left: what it names fails the run. Where the body
     * has failed, nobody asks.
     */
    public void atEnd(LeakCheck check) {
        run.checkNotOver();
        leakChecks.add(check);
    }

    // ------------------------------------------------------------------------------------------------ chance, time,
    // network

    /**
     * Makes a choice of the test's own, which is searched, shrunk and replayed like those of the loop.
     *
     * @param n how many possibilities there are; one or more
     * @param what what is decided, for a reader
     * @return a number from 0, which is the plain thing, to {@code n - 1}
     */
    public int choose(int n, String what) {
        run.checkNotOver();
        if (n < 1) {
            throw new IllegalArgumentException("nothing to choose from: " + n);
        }
        return n == 1 ? 0 : run.choose(n, what);
    }

    /** Returns the network that the run's sockets are in. */
    public Network network() {
        run.checkNotOver();
        return run.network();
    }

    /** Returns how much virtual time has passed. */
    public Duration elapsed() {
        return run.elapsed();
    }

    /** Returns how many steps the loop has run: a number that grows with whatever happens. */
    public long steps() {
        return run.steps();
    }
}
