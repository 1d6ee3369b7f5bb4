package dev.rondo.testkit.twin;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Each kind of fault that core could have is found, by random schedules of a scenario that means no fault in special.
 */
class PlantedFaultsTest extends PlantedFaults {

    private static final String WAIT_LIST = "dev.rondo.WaitList";

    // ------------------------------------------------------------------------------------------------ who is woken

    @Test
    void whoIsWokenInVainTellsNobody() {
        Fault fault = Fault.in(WAIT_LIST, "await").dropsCall("run");
        finds(fault, LockScenario::cancelledWaiter, 500);
        finds(fault, SemaphoreScenario::cancelledWaiter, 500);
        finds(fault, SemaphoreScenario::releasedTwice, 200);
        finds(fault, SemaphoreScenario::cancelledBorrower, 500);
        finds(fault, ConditionScenario::cancelledWaiter, 300);
        finds(fault, QueueScenario::cancelledGetter, 500);
        finds(fault, QueueScenario::cancelledPutter, 500);
        finds(fault, ChannelScenario::cancelledReceiver, 2000);
        finds(fault, TaskGroupScenario::boundedGroup, 500);
    }

    @Test
    void whoIsWokenIsNotWoken() {
        Fault fault = Fault.in(WAIT_LIST, "wakeFirst").dropsCall("wakeUp");
        finds(fault, LockScenario::cancelledWaiter, 20);
        finds(fault, EventScenario::cancelledWaiter, 20);
        finds(fault, BarrierScenario::cancelledParty, 20);
    }

    @Test
    void theCountOfThoseWokenNeverFalls() {
        Fault fault = Fault.in(WAIT_LIST, "await").dropsWrite("woken");
        finds(fault, LockScenario::cancelledWaiter, 200);
        finds(fault, SemaphoreScenario::cancelledWaiter, 200);
    }

    // ------------------------------------------------------------------------------------------------ in what order

    @Test
    void theLockGoesToWhoCameLast() {
        finds(Fault.in(WAIT_LIST, "wakeFirst").readsInstead("first", "last"), LockScenario::cancelledWaiter, 200);
    }

    @Test
    void theLockGoesToTheSecondInLine() {
        Fault fault = Fault.in(WAIT_LIST, "wakeFirst").atRead("first", "wakes the second", PlantedFaultsTest::second);
        finds(fault, LockScenario::cancelledWaiter, 200);
        finds(fault, SemaphoreScenario::cancelledWaiter, 200);
    }

    /** If there is a second, that instead of the first. */
    private static void second(FieldInstruction first, CodeBuilder code) {
        ClassDesc strand = first.typeSymbol();
        code.with(first)
                .block(list -> list.dup()
                        .ifnull(list.breakLabel())
                        .dup()
                        .getfield(strand, "nextInList", strand)
                        .ifnull(list.breakLabel())
                        .getfield(strand, "nextInList", strand));
    }

    @Test
    void whoComesNowGoesBeforeWhoWasWoken() {
        Fault fault = Fault.in("dev.rondo.AsyncLock", "acquire").answersCall("isEmpty", 1);
        finds(fault, LockScenario::cancelledWaiter, 200);
        finds(
                Fault.in("dev.rondo.AsyncSemaphore", "locked").answersCall("isEmpty", 1),
                SemaphoreScenario::cancelledWaiter,
                200);
    }

    // ------------------------------------------------------------------------------------------------ when

    @Test
    void stopCutsTheTurnShort() {
        ClassDesc loop = ClassDesc.of("dev.rondo.EventLoop");
        ClassDesc reactor = ClassDesc.of("dev.rondo.reactor.Reactor");
        Fault fault = Fault.in("dev.rondo.EventLoop", "stop")
                .beforeItReturns(
                        "ends the turn",
                        code -> code.aload(0)
                                .getfield(loop, "reactor", reactor)
                                .invokevirtual(reactor, "endTurn", MethodTypeDesc.of(ConstantDescs.CD_void)));
        assertThat(stops(new Twin(null))).isEqualTo("a, stop, b, c");
        assertThat(stops(new Twin(fault))).isEqualTo("a, stop");
    }

    private static @Nullable Object stops(Twin twin) {
        return twin.call("dev.rondo.testkit.core.LoopScenario", "stop", new Class<?>[0]);
    }

    @Test
    void aTimerThatIsTakenBackStays() {
        Fault inReactor = Fault.in("dev.rondo.reactor.Reactor", "unschedule").answers(1);
        assertThat(finds(inReactor, TimeScenario::inGoodTime, 2).failure()).contains("left when the test ends");
        Fault inTimeout = Fault.in("dev.rondo.Timeout", "unschedule").doesNothing();
        assertThat(finds(inTimeout, TimeScenario::inGoodTime, 2).failure()).contains("left when the test ends");
    }

    // ------------------------------------------------------------------------------------------------ left to chance

    @Test
    void whoIsCancelledFirstIsLeftToHashCodes() {
        isNotDeterministic(
                Fault.in("dev.rondo.TaskGroup", "<init>").makesInstead("java.util.LinkedHashSet", "java.util.HashSet"));
    }

    @Test
    void aDeadlineIsTakenFromRealTime() {
        isNotDeterministic(Fault.in("dev.rondo.EventLoop", "deadlineNanos")
                .beforeItReturns(
                        "adds real time",
                        code -> code.invokestatic(
                                        ClassDesc.of("java.lang.System"),
                                        "nanoTime",
                                        MethodTypeDesc.of(ConstantDescs.CD_long))
                                .loadConstant(0xfffffL)
                                .land()
                                .ladd()));
    }

    private static void isNotDeterministic(Fault fault) {
        assertThat(new Twin(null)
                        .explore(TaskGroupScenario::manySiblings, 1, 50)
                        .failure())
                .isNull();
        assertThat(new Twin(fault)
                        .explore(TaskGroupScenario::manySiblings, 1, 1)
                        .failure())
                .contains("the same schedule went another way when it was run again");
    }

    @Test
    void coreBlocksItsThread() {
        Fault fault = Fault.in("dev.rondo.AsyncEvent", "set")
                .beforeItReturns(
                        "sleeps",
                        code -> code.loadConstant(1L)
                                .invokestatic(
                                        ClassDesc.of("java.lang.Thread"),
                                        "sleep",
                                        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long)));
        assertThat(finds(fault, EventScenario::cancelledWaiter, 20).failure()).contains("sleep");
    }

    // ------------------------------------------------------------------------------------------------ how it is told

    @Test
    void whatIsFoundIsShrunkToTheFewChoicesThatMatter() {
        Fault fault = Fault.in("dev.rondo.AsyncQueue", "roomIsThere").doesNothing();
        Found found = new Twin(fault).explore(QueueScenario::cancelledPutter, 1, 500);
        assertThat(found.failure()).contains("nothing can go on any more");
        assertThat(found.deviations()).isBetween(1, 10);
        assertThat(new Twin(losesItem())
                        .explore(QueueScenario::cancelledGetter, 1, 500)
                        .tape())
                .as("the plain schedule has it too")
                .isEmpty();
    }

    @Test
    void aTimerFiresAMillisecondEarly() {
        Fault fault = Fault.in("dev.rondo.reactor.TimerHeap", "pollDue").says(1_000_000L, 0L);
        finds(fault, TimeScenario::punctual, 50);
    }

    // ------------------------------------------------------------------------------------------------ what is handed
    // over

    @Test
    void aQueueLosesTheItemOfACancelledGetter() {
        finds(losesItem(), QueueScenario::cancelledGetter, 500);
    }

    private static Fault losesItem() {
        ClassDesc queue = ClassDesc.of("dev.rondo.AsyncQueue");
        ClassDesc items = ClassDesc.of("java.util.Queue");
        return Fault.in("dev.rondo.AsyncQueue", "itemIsThere")
                .does(
                        "takes the item with it",
                        code -> code.aload(0)
                                .getfield(queue, "items", items)
                                .invokeinterface(items, "poll", MethodTypeDesc.of(ConstantDescs.CD_Object))
                                .pop()
                                .return_());
    }

    @Test
    void aQueueForgetsThatThereIsRoom() {
        finds(Fault.in("dev.rondo.AsyncQueue", "roomIsThere").doesNothing(), QueueScenario::cancelledPutter, 500);
    }

    @Test
    void aChannelForgetsThatThereIsAnItem() {
        finds(Fault.in("dev.rondo.Channel", "itemIsThere").doesNothing(), ChannelScenario::cancelledReceiver, 2000);
    }

    @Test
    void aCancelledSenderHasSentItsItemAllTheSame() {
        Fault fault = Fault.in("dev.rondo.Channel$Offer", "abort").dropsCall("remove");
        finds(fault, ChannelScenario::cancelledSender, 200);
    }

    @Test
    void aSenderWhoseItemWasTakenIsToldThatItWasNot() {
        finds(Fault.in("dev.rondo.Channel", "send").takes("taken", 0), ChannelScenario::cancelledSender, 200);
    }

    @Test
    void aSemaphoreLosesThePermitOfACancelledWaiter() {
        Fault fault = Fault.in("dev.rondo.AsyncSemaphore", "wakeWhoMayGo").doesNothing();
        finds(fault, SemaphoreScenario::cancelledWaiter, 500);
        finds(fault, SemaphoreScenario::releasedTwice, 200);
    }

    @Test
    void aConditionLosesTheSignalOfACancelledWaiter() {
        finds(Fault.in("dev.rondo.AsyncCondition", "passOn").doesNothing(), ConditionScenario::cancelledWaiter, 300);
    }

    // ------------------------------------------------------------------------------------------------ who is cancelled

    @Test
    void aGroupDoesNotCancelTheSiblings() {
        finds(Fault.in("dev.rondo.TaskGroup", "cancelChildren").doesNothing(), TaskGroupScenario::oneFails, 50);
    }

    @Test
    void aGroupDoesNotTakeBackItsCancel() {
        finds(Fault.in("dev.rondo.OwnCancel", "takeBack").doesNothing(), TaskGroupScenario::oneFails, 50);
    }

    @Test
    void aGroupForgetsTheCancelThatAFailureGoesBefore() {
        finds(
                Fault.in("dev.rondo.OwnCancel", "redeliver").doesNothing(),
                TaskGroupScenario::oneFailsAndItsOwnerIsCancelled,
                2000);
    }

    @Test
    void aTimeoutDoesNotTakeBackItsCancel() {
        finds(Fault.in("dev.rondo.Timeout", "exit").dropsCall("takeBack"), TimeScenario::timeoutComes, 50);
    }

    @Test
    void aScopeHidesTheCancelOfTheTask() {
        finds(Fault.in("dev.rondo.CancelScope", "run").dropsCall("toldSince"), TimeScenario::scopeAndCancel, 100);
    }

    @Test
    void gatherForgetsAChild() {
        finds(Fault.in("dev.rondo.Gather", "await").turnsCondition(2), GatherScenario::valuesInOrder, 50);
        finds(Fault.in("dev.rondo.Gather", "abort").answers(1), GatherScenario::cancelled, 50);
    }
}
