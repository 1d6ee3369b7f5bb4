package dev.rondo.testkit.core;

import dev.rondo.testkit.Explore;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;

/** What coroutines hand things over by, in a thousand schedules each, with faults. */
class QueueScheduleTest {

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void getters(Sim sim) throws Exception {
        QueueScenario.cancelledGetter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void putters(Sim sim) throws Exception {
        QueueScenario.cancelledPutter(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void receivers(Sim sim) throws Exception {
        ChannelScenario.cancelledReceiver(sim);
    }

    @LoopTest(seeds = 1000, explore = Explore.RANDOM, faults = true)
    void senders(Sim sim) throws Exception {
        ChannelScenario.cancelledSender(sim);
    }
}
