package dev.rondo.testkit.core;

import dev.rondo.testkit.Explore;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;

/** Groups, timeouts and cancel scopes in a thousand schedules each, with faults. */
class StructureScheduleTest {

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aGroupOfWhichOneFailsAndTheOwnerIsCancelled(Sim sim) throws Exception {
        TaskGroupScenario.oneFailsAndItsOwnerIsCancelled(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aBoundedGroup(Sim sim) {
        TaskGroupScenario.boundedGroup(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aTimeoutAndACancel(Sim sim) throws Exception {
        TimeScenario.timeoutAndCancel(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aScopeInAScope(Sim sim) throws Exception {
        TimeScenario.scopeInScope(sim);
    }
}
