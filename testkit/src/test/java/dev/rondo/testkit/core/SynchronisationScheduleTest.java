package dev.rondo.testkit.core;

import dev.rondo.testkit.Explore;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;

/** What coroutines take turns with, in a thousand schedules each, with faults. */
class SynchronisationScheduleTest {

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aLock(Sim sim) throws Exception {
        LockScenario.cancelledWaiter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.PCT, faults = true)
    void aLockThatOthersHave(Sim sim) throws Exception {
        LockScenario.cancelledWhileOthersHaveIt(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aSemaphore(Sim sim) throws Exception {
        SemaphoreScenario.cancelledWaiter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aLimiter(Sim sim) throws Exception {
        SemaphoreScenario.cancelledBorrower(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aCondition(Sim sim) throws Exception {
        ConditionScenario.cancelledWaiter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void anEvent(Sim sim) throws Exception {
        EventScenario.cancelledWaiter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void aBarrier(Sim sim) throws Exception {
        BarrierScenario.cancelledParty(sim);
    }
}
