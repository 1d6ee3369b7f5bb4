package dev.rondo.testkit.core;

import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.SimBody;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario passes in whatever schedule. */
class ScenariosTest {

    static Stream<Arguments> scenarios() {
        return Stream.of(
                scenario("lock: cancelled waiter", LockScenario::cancelledWaiter),
                scenario("semaphore: cancelled waiter", SemaphoreScenario::cancelledWaiter),
                scenario("semaphore: released twice", SemaphoreScenario::releasedTwice),
                scenario("limiter: cancelled borrower", SemaphoreScenario::cancelledBorrower),
                scenario("condition: cancelled waiter", ConditionScenario::cancelledWaiter),
                scenario("event: cancelled waiter", EventScenario::cancelledWaiter),
                scenario("barrier: cancelled party", BarrierScenario::cancelledParty),
                scenario("queue: cancelled getter", QueueScenario::cancelledGetter),
                scenario("queue: cancelled putter", QueueScenario::cancelledPutter),
                scenario("queue: join", QueueScenario::join),
                scenario("channel: cancelled receiver", ChannelScenario::cancelledReceiver),
                scenario("channel: cancelled sender", ChannelScenario::cancelledSender),
                scenario("channel: closing", ChannelScenario::closing),
                scenario("group: one fails", TaskGroupScenario::oneFails),
                scenario("group: its owner is cancelled", TaskGroupScenario::itsOwnerIsCancelled),
                scenario(
                        "group: one fails and its owner is cancelled",
                        TaskGroupScenario::oneFailsAndItsOwnerIsCancelled),
                scenario("group: bounded", TaskGroupScenario::boundedGroup),
                scenario("gather: values in order", GatherScenario::valuesInOrder),
                scenario("gather: one fails", GatherScenario::oneFails),
                scenario("gather: cancelled", GatherScenario::cancelled),
                scenario("time: punctual", TimeScenario::punctual),
                scenario("timeout: comes", TimeScenario::timeoutComes),
                scenario("timeout: may come", TimeScenario::timeoutMayCome),
                scenario("timeout: in a timeout", TimeScenario::timeoutInTimeout),
                scenario("timeout: and a cancel", TimeScenario::timeoutAndCancel),
                scenario("timeout: in cleanup", TimeScenario::timeoutInCleanup),
                scenario("time: sleeps again", TimeScenario::sleepsAgain),
                scenario("timeout: several in cleanup", TimeScenario::deadlinesInCleanup),
                scenario("cancel: taken back", TimeScenario::cancelTakenBack),
                scenario("cancel: of itself", TimeScenario::cancelsItself),
                scenario("lock: cancelled while others have it", LockScenario::cancelledWhileOthersHaveIt),
                scenario("channel: send in time", ChannelScenario::sendInTime),
                scenario("scope: in a scope", TimeScenario::scopeInScope),
                scenario("time: in good time", TimeScenario::inGoodTime),
                scenario("cancel: swallowed by a child", TimeScenario::childSwallowsCancel),
                scenario("queue: smallest", QueueScenario::smallest),
                scenario("scope: ends", TimeScenario::scopeEnds),
                scenario("scope: and a cancel", TimeScenario::scopeAndCancel));
    }

    private static Arguments scenario(String name, SimBody body) {
        return Arguments.of(name, body);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void passesInWhateverSchedule(String name, SimBody body) {
        Explorer.random(2000).check(body);
    }
}
