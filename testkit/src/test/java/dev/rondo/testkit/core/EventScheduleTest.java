package dev.rondo.testkit.core;

import dev.rondo.testkit.Explore;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;

/** An event, in a thousand schedules with faults. */
class EventScheduleTest {

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void allAreToldThatAreNotCancelledBefore(Sim sim) throws Exception {
        EventScenario.cancelledWaiter(sim);
    }
}
