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
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
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
        finds(fault, LockScenario::cancelledWaiter, 2000);
        finds(fault, SemaphoreScenario::cancelledWaiter, 2000);
        finds(fault, SemaphoreScenario::releasedTwice, 2000);
        finds(fault, SemaphoreScenario::cancelledBorrower, 2000);
        finds(fault, ConditionScenario::cancelledWaiter, 2000);
        finds(fault, QueueScenario::cancelledGetter, 2000);
        finds(fault, QueueScenario::cancelledPutter, 2000);
        finds(fault, ChannelScenario::cancelledReceiver, 2000);
        finds(fault, TaskGroupScenario::boundedGroup, 2000);
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
        // The loop is left with what was queued for this turn.
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
        ClassDesc queue = ClassDesc.of("dev.rondo.AsyncQueue");
        ClassDesc items = ClassDesc.of("java.util.Queue");
        Fault fault = Fault.in("dev.rondo.AsyncQueue", "itemIsThere")
                .does(
                        "takes the item with it",
                        code -> code.aload(0)
                                .getfield(queue, "items", items)
                                .invokeinterface(items, "poll", MethodTypeDesc.of(ConstantDescs.CD_Object))
                                .pop()
                                .return_());
        finds(fault, QueueScenario::cancelledGetter, 2000);
    }

    @Test
    void aQueueForgetsThatThereIsRoom() {
        finds(Fault.in("dev.rondo.AsyncQueue", "roomIsThere").doesNothing(), QueueScenario::cancelledPutter, 2000);
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
        finds(fault, SemaphoreScenario::cancelledWaiter, 2000);
        finds(fault, SemaphoreScenario::releasedTwice, 2000);
    }

    @Test
    void aConditionLosesTheSignalOfACancelledWaiter() {
        finds(Fault.in("dev.rondo.AsyncCondition", "passOn").doesNothing(), ConditionScenario::cancelledWaiter, 2000);
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
        finds(Fault.in("dev.rondo.Timeout", "exit").dropsCall("uncancel"), TimeScenario::timeoutComes, 50);
    }

    @Test
    void aScopeHidesTheCancelOfTheTask() {
        finds(Fault.in("dev.rondo.CancelScope", "run").dropsCall("toldSince"), TimeScenario::scopeAndCancel, 2000);
    }

    @Test
    void gatherForgetsAChild() {
        finds(Fault.in("dev.rondo.Gather", "await").turnsCondition(2), GatherScenario::valuesInOrder, 50);
        finds(Fault.in("dev.rondo.Gather", "abort").answers(1), GatherScenario::cancelled, 50);
    }
}
