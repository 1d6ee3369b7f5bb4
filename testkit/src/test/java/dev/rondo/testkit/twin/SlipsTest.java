package dev.rondo.testkit.twin;

import dev.rondo.testkit.core.BarrierScenario;
import dev.rondo.testkit.core.ChannelScenario;
import dev.rondo.testkit.core.ConditionScenario;
import dev.rondo.testkit.core.EventScenario;
import dev.rondo.testkit.core.GatherScenario;
import dev.rondo.testkit.core.LockScenario;
import dev.rondo.testkit.core.QueueScenario;
import dev.rondo.testkit.core.SemaphoreScenario;
import dev.rondo.testkit.core.TaskGroupScenario;
import dev.rondo.testkit.core.TimeScenario;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Slips of the pen: a line forgotten, a condition turned round. Each is found by 2000 random schedules of a scenario
 * that was not written for it.
 */
class SlipsTest extends PlantedFaults {

    private static final String GROUP = "dev.rondo.TaskGroup";
    private static final String SCOPE = "dev.rondo.CancelScope";
    private static final String TIMEOUT = "dev.rondo.Timeout";
    private static final String OWN_CANCEL = "dev.rondo.OwnCancel";
    private static final String TASK = "dev.rondo.Task";
    private static final String STRAND = "dev.rondo.Strand";
    private static final String LIST = "dev.rondo.WaitList";
    private static final String QUEUE = "dev.rondo.AsyncQueue";
    private static final String CHANNEL = "dev.rondo.Channel";
    private static final String LOCK = "dev.rondo.AsyncLock";
    private static final String REACTOR = "dev.rondo.reactor.Reactor";

    private record Slip(Fault fault, Scenario... scenarios) {
        @Override
        public String toString() {
            return fault.toString();
        }
    }

    private static Slip slip(Fault fault, Scenario... scenarios) {
        return new Slip(fault, scenarios);
    }

    static Stream<Slip> slips() {
        return Stream.of(
                // WaitList
                slip(Fault.in(LIST, "remove").dropsWrite("previousInList"), LockScenario::cancelledWaiter),
                slip(Fault.in(LIST, "remove").dropsWrite("last"), LockScenario::cancelledWaiter),
                slip(
                        Fault.in(LIST, "remove").dropsWrite("waiting"),
                        QueueScenario::cancelledGetter,
                        SemaphoreScenario::cancelledWaiter,
                        LockScenario::cancelledWaiter),
                slip(Fault.in(LIST, "remove").dropsWrite("nextInList"), LockScenario::cancelledWaiter),
                slip(Fault.in(LIST, "abort").dropsCall("remove"), LockScenario::cancelledWaiter),
                slip(
                        Fault.in(LIST, "abort").answers(0),
                        LockScenario::cancelledWhileOthersHaveIt,
                        LockScenario::cancelledWaiter),
                slip(Fault.in(LIST, "abort").dropsCall("wakeUp"), LockScenario::cancelledWaiter),
                slip(
                        Fault.in(LIST, "await").dropsCall("throwIfCancelled"),
                        LockScenario::cancelledWaiter,
                        QueueScenario::cancelledGetter),
                slip(Fault.in(LIST, "wakeFirst").dropsWrite("woken"), LockScenario::cancelledWaiter),
                slip(Fault.in(LIST, "isEmpty").takes("woken", 0), LockScenario::cancelledWaiter),
                // Strand
                slip(
                        Fault.in(STRAND, "park").dropsCall("deliverPendingCancel"),
                        TimeScenario::cancelsItself,
                        ChannelScenario::cancelledSender,
                        LockScenario::cancelledWaiter,
                        TaskGroupScenario::itsOwnerIsCancelled,
                        TimeScenario::timeoutAndCancel,
                        TimeScenario::scopeAndCancel,
                        TimeScenario::scopeEnds,
                        ConditionScenario::cancelledWaiter),
                slip(
                        Fault.in(STRAND, "park").dropsWrite("aborted"),
                        LockScenario::cancelledWaiter,
                        ConditionScenario::cancelledWaiter,
                        TimeScenario::scopeEnds),
                slip(
                        Fault.in(STRAND, "wakeUp").dropsWrite("wait"),
                        LockScenario::cancelledWaiter,
                        QueueScenario::cancelledGetter,
                        ChannelScenario::cancelledReceiver),
                slip(
                        Fault.in(STRAND, "yieldNow").dropsCall("throwIfCancelled"),
                        LockScenario::cancelledWaiter,
                        TaskGroupScenario::itsOwnerIsCancelled,
                        TaskGroupScenario::oneFailsAndItsOwnerIsCancelled,
                        TimeScenario::scopeAndCancel),
                slip(
                        Fault.in(STRAND, "parkOrThrow").dropsCall("throwIfCancelled"),
                        TimeScenario::sleepsAgain,
                        TimeScenario::punctual,
                        TimeScenario::timeoutMayCome,
                        TaskGroupScenario::itsOwnerIsCancelled,
                        TimeScenario::timeoutAndCancel),
                slip(
                        Fault.in(STRAND, "abortWait").turnsCondition(2),
                        TimeScenario::scopeAndCancel,
                        TimeScenario::scopeEnds,
                        LockScenario::cancelledWaiter),
                // Lock
                slip(Fault.in(LOCK, "acquire").takes("locked", 0), LockScenario::cancelledWaiter),
                slip(Fault.in(LOCK, "release").dropsWrite("locked"), LockScenario::cancelledWaiter),
                slip(Fault.in(LOCK, "release").dropsCall("wakeNext"), LockScenario::cancelledWaiter),
                // Queue
                slip(Fault.in(QUEUE, "put").turnsCondition(1), QueueScenario::cancelledPutter),
                slip(Fault.in(QUEUE, "take").dropsCall("wakeFirst"), QueueScenario::cancelledGetter),
                slip(Fault.in(QUEUE, "add").dropsWrite("unfinished"), QueueScenario::join),
                slip(Fault.in(QUEUE, "add").dropsCall("wakeFirst"), QueueScenario::cancelledGetter),
                slip(Fault.in(QUEUE, "taskDone").dropsCall("wakeAll"), QueueScenario::join),
                slip(Fault.in(QUEUE, "taskDone").turnsCondition(2), QueueScenario::join),
                // Channel
                slip(
                        Fault.in(CHANNEL, "take").turnsCondition(2),
                        ChannelScenario::cancelledSender,
                        ChannelScenario::cancelledReceiver),
                slip(
                        Fault.in(CHANNEL, "trySend").answersCall("waiting", 0),
                        ChannelScenario::cancelledReceiver,
                        ChannelScenario::cancelledSender),
                slip(Fault.in(CHANNEL, "senderClosed").dropsCall("wakeAll"), ChannelScenario::closing),
                slip(Fault.in(CHANNEL + "$Offer", "accept").dropsWrite("taken"), ChannelScenario::cancelledSender),
                slip(Fault.in(CHANNEL + "$Offer", "abort").dropsCall("wakeUp"), ChannelScenario::cancelledSender),
                // TaskGroup
                slip(
                        Fault.in(GROUP, "leave").dropsCall("redeliver"),
                        TaskGroupScenario::oneFailsAndItsOwnerIsCancelled),
                slip(Fault.in(GROUP, "leave").takes("aborting", 1), TaskGroupScenario::itsOwnerIsCancelled),
                slip(Fault.in(GROUP, "letGo").dropsCall("wakeLeaver"), TaskGroupScenario::oneFails),
                slip(Fault.in(GROUP, "childFailed").dropsCall("request"), TaskGroupScenario::oneFails),
                slip(
                        Fault.in(GROUP, "newChild").takes("aborting", 0),
                        TaskGroupScenario::oneFails,
                        TaskGroupScenario::itsOwnerIsCancelled),
                slip(
                        Fault.in("dev.rondo.OwnCancel", "byOthers").answers(0),
                        TaskGroupScenario::oneFailsAndItsOwnerIsCancelled),
                slip(
                        Fault.in("dev.rondo.Slots", "takeUntilDone").dropsCall("whenDone"),
                        TaskGroupScenario::boundedGroup),
                slip(Fault.in("dev.rondo.Slots", "take").dropsWrite("free"), TaskGroupScenario::boundedGroup),
                // CancelScope
                slip(Fault.in(SCOPE, "effective").takes("shield", 0), TimeScenario::scopeEnds),
                slip(Fault.in(SCOPE, "tellAll").dropsCall("scopeCancelled"), TimeScenario::scopeEnds),
                slip(
                        Fault.in(SCOPE, "leave").dropsCall("scopeLeft"),
                        TimeScenario::scopeInScope,
                        TimeScenario::scopeAndCancel,
                        TimeScenario::scopeEnds),
                slip(
                        Fault.in(SCOPE, "leave").dropsCall("unschedule"),
                        TimeScenario::inGoodTime,
                        TimeScenario::scopeEnds,
                        TimeScenario::scopeAndCancel),
                slip(
                        Fault.in(SCOPE, "causedByThis").answers(1),
                        TimeScenario::scopeInScope,
                        TimeScenario::scopeAndCancel,
                        TimeScenario::scopeEnds),
                slip(Fault.in(SCOPE, "addChild").doesNothing(), TimeScenario::scopeEnds),
                // Timeout
                slip(
                        Fault.in(TIMEOUT, "exit").dropsCall("unschedule"),
                        TimeScenario::timeoutMayCome,
                        TimeScenario::timeoutInTimeout,
                        TimeScenario::timeoutAndCancel),
                slip(Fault.in(OWN_CANCEL, "byOthers").takes("requestsBefore", 99), TimeScenario::timeoutAndCancel),
                slip(
                        Fault.in(OWN_CANCEL, "<init>").answersCall("cancelsDelivered", 0),
                        TimeScenario::timeoutInCleanup,
                        TimeScenario::cancelsItself,
                        TimeScenario::timeoutAndCancel,
                        TimeScenario::timeoutInTimeout),
                slip(
                        Fault.in(OWN_CANCEL, "<init>").callsInstead("cancelsDelivered", "cancelling"),
                        TimeScenario::timeoutInCleanup,
                        TimeScenario::cancelsItself,
                        TimeScenario::timeoutAndCancel,
                        TimeScenario::timeoutInTimeout),
                slip(Fault.in(OWN_CANCEL, "takeBack").dropsCall("keepPending"), TimeScenario::deadlinesInCleanup),
                // Task
                slip(Fault.in(TASK, "uncancel").dropsCall("keepPending"), TimeScenario::cancelTakenBack),
                slip(
                        Fault.in(TASK, "cancelHere").dropsWrite("undelivered"),
                        TimeScenario::cancelsItself,
                        ChannelScenario::cancelledSender,
                        LockScenario::cancelledWaiter,
                        QueueScenario::cancelledGetter,
                        TaskGroupScenario::itsOwnerIsCancelled),
                slip(
                        Fault.in(TASK, "runBody").answersCall("cancelPending", 0),
                        TaskGroupScenario::itsOwnerIsCancelled,
                        ChannelScenario::cancelledSender,
                        TimeScenario::timeoutAndCancel),
                slip(
                        Fault.in(TASK, "deliverPendingCancel").dropsCall("nothingPending"),
                        TimeScenario::childSwallowsCancel,
                        TimeScenario::cancelsItself,
                        ChannelScenario::cancelledSender,
                        LockScenario::cancelledWaiter,
                        TimeScenario::timeoutAndCancel,
                        TaskGroupScenario::itsOwnerIsCancelled,
                        TaskGroupScenario::oneFailsAndItsOwnerIsCancelled,
                        ConditionScenario::cancelledWaiter),
                // Gather
                slip(Fault.in("dev.rondo.Gather", "childDone").dropsWrite("pending"), GatherScenario::valuesInOrder),
                slip(
                        Fault.in("dev.rondo.Gather", "childDone").dropsWrite("broken"),
                        GatherScenario::oneFails,
                        GatherScenario::cancelled),
                // Semaphore, condition, barrier, event, limiter
                slip(
                        Fault.in("dev.rondo.AsyncSemaphore", "acquire").dropsCall("wakeWhoMayGo"),
                        SemaphoreScenario::releasedTwice,
                        SemaphoreScenario::cancelledWaiter),
                slip(
                        Fault.in("dev.rondo.AsyncSemaphore", "free").answersCall("woken", 0),
                        SemaphoreScenario::cancelledWaiter),
                slip(
                        Fault.in("dev.rondo.AsyncCondition", "await").dropsCall("passOn"),
                        ConditionScenario::cancelledWaiter),
                slip(
                        Fault.in("dev.rondo.AsyncCondition", "await").dropsCall("release"),
                        ConditionScenario::cancelledWaiter),
                slip(Fault.in("dev.rondo.AsyncBarrier", "leave").dropsCall("wakeAll"), BarrierScenario::cancelledParty),
                slip(Fault.in("dev.rondo.AsyncBarrier", "leave").dropsCall("clear"), BarrierScenario::cancelledParty),
                slip(Fault.in("dev.rondo.AsyncEvent", "set").dropsWrite("set"), EventScenario::cancelledWaiter),
                slip(
                        Fault.in("dev.rondo.CapacityLimiter", "availableTokens").answersCall("woken", 0),
                        SemaphoreScenario::cancelledBorrower),
                // Reactor, Sleep
                slip(
                        Fault.in(REACTOR, "unschedule").answers(1),
                        TimeScenario::inGoodTime,
                        TimeScenario::punctual,
                        TimeScenario::timeoutMayCome),
                slip(
                        Fault.in("dev.rondo.Sleep", "run").takes("over", 0),
                        TimeScenario::sleepsAgain,
                        TimeScenario::punctual),
                slip(
                        Fault.in("dev.rondo.Sleep", "abandon").dropsWrite("over"),
                        TimeScenario::sleepsAgain,
                        TimeScenario::punctual),
                slip(Fault.in("dev.rondo.reactor.TimerHeap", "before").turnsCondition(1), TimeScenario::punctual),
                slip(Fault.in("dev.rondo.reactor.TimerHeap", "dropEmptyTop").doesNothing(), TimeScenario::punctual),
                slip(Fault.in("dev.rondo.reactor.TimerHeap", "siftDown").turnsCondition(2), TimeScenario::punctual));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("slips")
    void isFound(Slip slip) {
        findsByOne(slip.fault(), 2000, slip.scenarios());
    }
}
