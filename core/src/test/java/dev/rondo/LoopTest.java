package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getEventLoop;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.setEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.reactor.NioDriver;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoopTest extends LoopTestCase {

    // ------------------------------------------------------------------------------------------------ one turn

    @Test
    void aTurnRunsWhatIsQueuedWhenItBegins() {
        loop.callSoon(() -> {
            log.add("a");
            loop.callSoon(logs("a2"));
        });
        loop.callSoon(logs("b"));
        loop.callLater(Duration.ZERO, logs("L"));
        loop.callSoon(logs("X")).cancel();
        loop.callSoon(() -> {
            log.add("stop");
            loop.stop();
        });
        loop.callSoon(logs("after"));
        loop.runForever();
        assertThat(log).containsExactly("a", "b", "stop", "after", "L");

        loop.callSoon(loop::stop);
        loop.runForever();
        assertThat(log).endsWith("L", "a2");
    }

    @Test
    void callbacksAndCoroutinesShareOneQueue() {
        loop.callSoon(logs("callback 1"));
        loop.createTask(() -> log.add("task 1"));
        loop.callSoon(logs("callback 2"));
        loop.createTask(() -> log.add("task 2"));
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("callback 1", "task 1", "callback 2", "task 2");
    }

    @Test
    void whatOtherThreadsPostedRunsBeforeTimersThatAreDue() throws Exception {
        loop.callLater(Duration.ZERO, logs("timer"));
        onAnotherThread(() -> loop.callSoonThreadsafe(logs("post")));
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("post", "timer");
    }

    // ------------------------------------------------------------------------------------------------ L-1, L-2

    @Test
    @Spec("L-1")
    void aRunningLoopCannotBeRun() {
        loop.callSoon(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(loop::runForever)
                    .withMessage("This event loop is already running");
            assertThatIllegalStateException()
                    .isThrownBy(() -> loop.runUntilComplete(() -> log.add("ran")))
                    .withMessage("This event loop is already running");
            assertThat(loop.tasks().size()).as("no task is left behind").isZero();
            log.add("checked");
            loop.stop();
        });
        loop.runForever();
        assertThat(log).containsExactly("checked");
    }

    @Test
    @Spec("L-1")
    void aLoopCannotBeRunInsideAnother() {
        try (EventLoop other = newEventLoop()) {
            run(() -> assertThatIllegalStateException()
                    .isThrownBy(other::runForever)
                    .withMessageContaining("Cannot run the event loop while another loop is running"));
        }
    }

    @Test
    @Spec("L-1")
    void aClosedLoopCannotBeRun() {
        loop.close();
        assertThatIllegalStateException().isThrownBy(loop::runForever).withMessage("Event loop is closed");
    }

    @Test
    @Spec("L-1")
    void aLoopCannotBeRunOnAVirtualThread() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        Thread.ofVirtual()
                .start(() -> assertThatIllegalStateException()
                        .isThrownBy(() -> loop.runUntilComplete(() -> log.add("ran")))
                        .withMessageContaining("runs on a platform thread")
                        .withMessageContaining("Thread.ofPlatform()")
                        .satisfies(thrown::add))
                .join();
        assertThat(thrown).hasSize(1);
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("L-1")
    @Spec("L-6")
    void theLoopIsTheRunningOneWhileItRunsAndNotAfterwards() {
        loop.callSoon(() -> {
            assertThat(getRunningLoop()).isSameAs(loop);
            assertThat(loop.isRunning()).isTrue();
            loop.stop();
        });
        loop.runForever();
        assertThat(loop.isRunning()).isFalse();
        assertThatIllegalStateException().isThrownBy(Asyncio::getRunningLoop);
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("L-1")
    void anErrorThatEndsARunLeavesTheThreadWithoutALoopAndTheLoopReadyToRun() {
        loop.callSoon(() -> {
            loop.stop();
            throw new KeyboardInterrupt();
        });
        assertThatThrownBy(loop::runForever).isInstanceOf(KeyboardInterrupt.class);
        assertThatIllegalStateException().isThrownBy(Asyncio::getRunningLoop);
        try (EventLoop other = newEventLoop()) {
            assertThat(other.runUntilComplete(() -> "another runs here")).isEqualTo("another runs here");
        }
        loop.callLater(Duration.ofHours(1), loop::stop);
        loop.runForever();
        assertThat(clock.elapsed()).as("the stop was the first run's").isEqualTo(Duration.ofHours(1));
    }

    @Test
    @Spec("L-2")
    void aLoopThatWasStoppedBeforeRunsOneTurnAndDoesNotWait() {
        loop.callLater(Duration.ofHours(1), logs("timer"));
        loop.callSoon(() -> {
            log.add("first turn");
            loop.callSoon(logs("second turn"));
        });
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("first turn");
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    @Spec("L-1")
    void stoppingIsOverWhenTheRunIs() {
        loop.stop();
        loop.runForever();
        loop.callLater(Duration.ofHours(1), loop::stop);
        loop.runForever();
        assertThat(clock.elapsed()).isEqualTo(Duration.ofHours(1));
    }

    // ------------------------------------------------------------------------------------------------ L-3

    @Test
    @Spec("L-3")
    void runUntilCompleteReturnsTheResult() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        loop.callSoon(promise::setResult, "promised");
        assertThat(loop.runUntilComplete(promise)).isEqualTo("promised");
        assertThat(loop.runUntilComplete(() -> "coroutine")).isEqualTo("coroutine");
    }

    @Test
    @Spec("L-3")
    void runUntilCompleteRunsACoroutineAsATaskOfTheLoop() {
        Task<?, ?> task = loop.runUntilComplete(Asyncio::currentTask);
        assertThat(task.loop()).isSameAs(loop);
        assertThat(task.done()).isTrue();
        Promise<String, RuntimeException> promise = loop.createFuture();
        promise.setResult("done before");
        assertThat(loop.runUntilComplete(promise)).isEqualTo("done before");
    }

    @Test
    @Spec("L-3")
    void runUntilCompleteOfWhatIsCancelledSaysSo() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        loop.callSoon(() -> promise.cancel("why"));
        assertThatThrownBy(() -> loop.runUntilComplete(promise))
                .isInstanceOf(TaskCancelledException.class)
                .hasMessageEndingWith(": why");
    }

    @Test
    @Spec("L-3")
    void runUntilCompleteThrowsTheFailure() {
        IOException failure = new IOException("broken");
        assertThatThrownBy(() -> loop.runUntilComplete(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        loop.close();
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("L-3")
    void runUntilCompleteRefusesAnotherLoopsFuture() {
        try (EventLoop other = newEventLoop()) {
            Promise<String, RuntimeException> promise = other.createFuture();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loop.runUntilComplete(promise))
                    .withMessageContaining("different loop");
        }
    }

    @Test
    @Spec("L-3")
    void aLoopThatIsStoppedFirstHasNoResultToReturn() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        loop.callSoon(loop::stop);
        assertThatIllegalStateException()
                .isThrownBy(() -> loop.runUntilComplete(promise))
                .withMessage("Event loop stopped before promise completed");
        promise.setResult("late");
        loop.callLater(Duration.ofSeconds(1), loop::stop);
        loop.runForever();
        assertThat(clock.elapsed()).as("the promise does not stop a later run").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    @Spec("L-3")
    void aTaskThatDiesWithTheRunIsNotReportedAgain() {
        assertThatThrownBy(() -> run(() -> {
                    throw new KeyboardInterrupt();
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        loop.close();
        assertThat(reported).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ L-4, L-5

    @Test
    @Spec("L-4")
    void stopMayBeCalledAtAnyTimeAndTwice() {
        loop.stop();
        loop.stop();
        loop.runForever();
        loop.close();
        assertThatCode(loop::stop).doesNotThrowAnyException();
    }

    @Test
    @Spec("L-5")
    void aRunningLoopCannotBeClosed() {
        run(() -> assertThatIllegalStateException()
                .isThrownBy(loop::close)
                .withMessage("Cannot close a running event loop"));
        assertThat(loop.isClosed()).isFalse();
    }

    @Test
    @Spec("L-5")
    void closingDropsWhatIsScheduled() {
        loop.callSoon(logs("soon"));
        loop.callLater(Duration.ofSeconds(1), logs("later"));
        loop.close();
        loop.close();
        assertThat(loop.isClosed()).isTrue();
        assertThat(loop.reactor().timerCount()).isZero();
        assertThat(log).isEmpty();
    }

    static List<ThrowingCallable> whatAClosedLoopRefuses() {
        EventLoop closed = newEventLoop();
        closed.close();
        Runnable nothing = () -> {};
        return List.of(
                () -> closed.callSoon(nothing),
                () -> closed.callSoonThreadsafe(nothing),
                () -> closed.callLater(Duration.ZERO, nothing),
                () -> closed.callAt(Duration.ZERO, nothing),
                () -> closed.createTask(() -> 1),
                () -> closed.runInExecutor(null, () -> 1),
                () -> closed.runUntilComplete(() -> 1),
                closed::runForever);
    }

    @ParameterizedTest
    @MethodSource("whatAClosedLoopRefuses")
    @Spec("L-5")
    void aClosedLoopRefusesWork(ThrowingCallable call) {
        assertThatIllegalStateException().isThrownBy(call).withMessage("Event loop is closed");
    }

    @Test
    @Spec("L-5")
    void closingDoesNotWaitForThePool() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        run(() -> {
            loop.runInExecutor(null, () -> {
                closed.await();
                ended.countDown();
                return null;
            });
        });
        loop.close();
        closed.countDown();
        ended.await();
    }

    @Test
    void whatIsToBeReportedWhenTheLoopStopsIsReportedWhenItCloses() {
        IOException failure = new IOException();
        run(() -> {
            createTask(() -> {
                throw failure;
            });
            yieldNow();
        });
        loop.callLater(Duration.ofSeconds(1), loop::stop); // when the grace of the failure is over
        loop.runForever();
        loop.close();
        assertThat(reported).extracting(ExceptionContext::exception).containsExactly(failure);
    }

    @Test
    void anExecutorThatCannotBeShutDownDoesNotKeepTheLoopFromClosing() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        loop.setDefaultExecutor(new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedTransferQueue<>()) {
            @Override
            public void shutdown() {
                throw new IllegalStateException("not yours to shut down");
            }
        });
        loop.createTask(() -> {
            try {
                sleep(Duration.ofHours(1));
            } finally {
                ended.countDown();
            }
        });
        run(() -> yieldNow());
        assertThatIllegalStateException().isThrownBy(loop::close).withMessage("not yours to shut down");
        assertThat(loop.isClosed()).isTrue();
        ended.await();
    }

    @Test
    @Spec("L-5")
    void closingClosesTheDriverOnce() {
        List<String> calls = new ArrayList<>();
        EventLoop spied = EventLoop.builder()
                .driver(door -> DriverSpy.on(new NioDriver(door), (method, _) -> calls.add(method)))
                .build();
        calls.clear();
        spied.close();
        spied.close();
        assertThat(calls).containsOnlyOnce("close");
    }

    @Test
    @Spec("L-6")
    void aLoopIsClosedFromItsCloseOn() {
        assertThat(loop.isClosed()).isFalse();
        run(() -> assertThat(loop.isClosed()).isFalse());
        loop.close();
        assertThat(loop.isClosed()).isTrue();
        assertThat(loop.isRunning()).isFalse();
    }

    @Test
    @Spec("L-5")
    void closingEndsThePoolOfTheLoop() throws Exception {
        List<Thread> workers = new ArrayList<>();
        run(() -> workers.add(toThread(Thread::currentThread)));
        loop.close();
        assertThat(workers.getFirst().join(Duration.ofSeconds(20))).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ L-7

    @Test
    @Spec("L-7")
    void callSoonIsFirstInFirstOut() {
        List<Integer> order = new ArrayList<>();
        IntStream.range(0, 1000).forEach(i -> loop.callSoon(order::add, i));
        loop.stop();
        loop.runForever();
        assertThat(order).isEqualTo(IntStream.range(0, 1000).boxed().toList());
    }

    @Test
    @Spec("L-7")
    void callSoonTakesItsContextWhenItIsCalled() {
        ContextVar<String> variable = ContextVar.withDefault("v", "unset");
        variable.set("before");
        loop.callSoon(() -> log.add(variable.get()));
        loop.callSoon(log::add, "argument", new Context());
        Context mine = new Context();
        loop.callSoon(() -> variable.set("mine"), mine);
        variable.set("after");
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("before", "argument");
        mine.run(() -> assertThat(variable.get()).isEqualTo("mine"));
    }

    @Test
    @Spec("L-7")
    void whileItRunsOtherThreadsAreTurnedAway() throws Exception {
        run(() -> onAnotherThread(() -> {
            List<ThrowingCallable> calls = List.of(
                    () -> loop.callSoon(logs("no")),
                    () -> loop.callLater(Duration.ZERO, logs("no")),
                    () -> loop.createTask(() -> 1),
                    () -> loop.createFuture().setResult(null),
                    loop::stop);
            for (ThrowingCallable call : calls) {
                assertThatIllegalStateException()
                        .isThrownBy(call)
                        .withMessageContaining("Non-thread-safe operation")
                        .withMessageContaining("callSoonThreadsafe");
            }
            return null;
        }));
        assertThat(log).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ L-8

    @Test
    @Spec("L-8")
    void callSoonThreadsafeWakesALoopThatWaits() {
        CountDownLatch waiting = new CountDownLatch(1);
        Thread.ofPlatform().start(() -> {
            try {
                waiting.await();
                loop.callSoonThreadsafe(() -> {
                    log.add("posted");
                    loop.stop();
                });
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        loop.callSoon(waiting::countDown);
        loop.runForever();
        assertThat(log).containsExactly("posted");
    }

    @Test
    @Spec("L-8")
    void callSoonThreadsafeFromTheLoopItselfKeepsItsPlaceInTheQueue() {
        run(() -> {
            loop.callSoonThreadsafe(logs("first"));
            loop.callSoon(logs("second"));
            yieldNow();
        });
        assertThat(log).containsExactly("first", "second");
    }

    @Test
    @Spec("L-8")
    void aPostCanBeTakenBackByTheThreadThatMadeIt() throws Exception {
        onAnotherThread(() -> {
            Handle handle = loop.callSoonThreadsafe(logs("cancelled"));
            handle.cancel();
            assertThat(handle.cancelled()).isTrue();
            return null;
        });
        loop.stop();
        loop.runForever();
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("L-8")
    void cancelByAnotherThreadWaitsUntilTheCallbackIsOver() throws Exception {
        CountDownLatch inCallback = new CountDownLatch(1);
        Promise<String, RuntimeException> goOn = loop.createFuture();
        Handle handle = loop.callSoonThreadsafe(() -> {
            inCallback.countDown();
            goOn.await();
            log.add("callback over");
        });
        Thread canceller = Thread.ofPlatform().start(() -> {
            try {
                inCallback.await();
                handle.cancel();
                log.add("cancel over");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        run(() -> {
            while (canceller.getState() != Thread.State.WAITING || inCallback.getCount() > 0) {
                yieldNow();
            }
            goOn.setResult("");
            canceller.join();
        });
        assertThat(log).containsExactly("callback over", "cancel over");
    }

    @Test
    void cancelByACoroutineDoesNotWaitForACallbackThatIsSuspended() {
        Promise<String, RuntimeException> goOn = loop.createFuture();
        Handle handle = loop.callSoonThreadsafe(() -> log.add("callback " + goOn.await()));
        run(() -> {
            yieldNow();
            handle.cancel();
            assertThat(handle.cancelled()).isTrue();
            goOn.setResult("went on");
            yieldNow();
        });
        assertThat(log).containsExactly("callback went on");
    }

    @Test
    @Spec("L-8")
    void aPostedCallbackMayCancelItself() {
        Handle[] handle = new Handle[1];
        handle[0] = loop.callSoonThreadsafe(() -> {
            handle[0].cancel();
            log.add("went on");
        });
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("went on");
    }

    // ------------------------------------------------------------------------------------------------ L-9, L-10

    @Test
    @Spec("L-9")
    void timersRunInTheOrderOfTheirTimes() {
        loop.callLater(Duration.ofMillis(20), loop::stop);
        for (int i = 0; i < 5; i++) {
            loop.callLater(Duration.ofMillis(10), logs("equal " + i));
        }
        loop.callLater(Duration.ofMillis(5), logs("early"));
        loop.runForever();
        assertThat(log).containsExactly("early", "equal 0", "equal 1", "equal 2", "equal 3", "equal 4");
    }

    @Test
    @Spec("L-9")
    void aDelayInThePastCountsAsNone() {
        loop.callLater(Duration.ofSeconds(-10), logs("negative"));
        loop.callLater(Duration.ofSeconds(Long.MIN_VALUE), logs("never so negative"));
        loop.callAt(loop.time().minusSeconds(10), logs("in the past"));
        loop.callAt(Duration.ofSeconds(Long.MIN_VALUE), logs("before all time"));
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactlyInAnyOrder("negative", "never so negative", "in the past", "before all time");
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    @Spec("L-9")
    void whenIsTheAbsoluteTime() {
        Duration when = loop.time().plusSeconds(7);
        assertThat(loop.callLater(Duration.ofSeconds(7), logs("")).when()).isEqualTo(when);
        assertThat(loop.callAt(when, logs("")).when()).isEqualTo(when);
    }

    @Test
    @Spec("L-9")
    void aTimerMayBeForEver() {
        loop.callLater(Duration.ofSeconds(Long.MAX_VALUE), logs("never"));
        loop.callAt(Duration.ofSeconds(Long.MAX_VALUE), logs("never"));
        loop.callAt(Duration.ofNanos(Long.MAX_VALUE), logs("never"));
        loop.callLater(Duration.ofDays(365), loop::stop);
        loop.runForever();
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("L-10")
    void timeIsWhatTheLoopsClockSays() {
        assertThat(loop.time()).isEqualTo(clock.elapsed());
        run(() -> {
            Duration before = loop.time();
            sleep(Duration.ofHours(5));
            assertThat(loop.time()).isEqualTo(before.plusHours(5));
        });
        try (EventLoop real = newEventLoop()) {
            Duration before = real.time();
            assertThat(real.time()).isGreaterThanOrEqualTo(before);
        }
    }

    // ------------------------------------------------------------------------------------------------ L-11, L-12

    @Test
    @Spec("L-11")
    void aCancelledHandleNeverRunsAndLetsGoOfItsCallback() {
        Context context = new Context();
        CallbackHandle handle = (CallbackHandle) loop.callSoon(logs("cancelled"), context);
        assertThat(handle.cancelled()).isFalse();
        handle.cancel();
        handle.cancel();
        assertThat(handle.cancelled()).isTrue();
        assertThat(handle.callback()).isNull();
        assertThat(handle.context()).isSameAs(context);
        loop.stop();
        loop.runForever();
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("L-11")
    void aHandleMayBeCancelledAfterItRan() {
        Handle handle = loop.callSoon(logs("ran"));
        loop.stop();
        loop.runForever();
        assertThat(handle.cancelled()).isFalse();
        handle.cancel();
        assertThat(handle.cancelled()).isTrue();
        assertThat(log).containsExactly("ran");
    }

    @Test
    @Spec("L-12")
    void timerHandlesCompareByTimeAndAreEqualIfAllIsEqual() {
        Runnable callback = logs("");
        TimerHandle one = loop.callAt(Duration.ofSeconds(1), callback);
        TimerHandle same = loop.callAt(Duration.ofSeconds(1), callback);
        TimerHandle other = loop.callAt(Duration.ofSeconds(1), logs("other"));
        TimerHandle later = loop.callAt(Duration.ofSeconds(2), callback);
        assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).isEqualByComparingTo(other);
        assertThat(one).isNotEqualTo(other).isNotEqualTo(later).isLessThan(later);
        same.cancel();
        assertThat(one).isNotEqualTo(same);
    }

    @Test
    @Spec("L-12")
    void aCancelledTimerIsTakenOutAtOnce() {
        TimerHandle timer = loop.callLater(Duration.ofDays(1), logs("cancelled"));
        assertThat(loop.reactor().timerCount()).isEqualTo(1);
        timer.cancel();
        assertThat(loop.reactor().timerCount()).isZero();
    }

    @Test
    void aTimerMayBeCancelledByTheLoopsThreadOnly() throws Exception {
        TimerHandle timer = loop.callLater(Duration.ofDays(1), logs("never"));
        run(() -> onAnotherThread(() -> {
            assertThatIllegalStateException().isThrownBy(timer::cancel);
            return null;
        }));
        assertThat(timer.cancelled()).isFalse();
    }

    // ------------------------------------------------------------------------------------------------ L-13

    @Test
    @Spec("L-13")
    void aFailureOfACallbackIsReportedAndTheLoopGoesOn() {
        IllegalArgumentException failure = new IllegalArgumentException("oops");
        Handle handle = loop.callSoon(() -> {
            throw failure;
        });
        loop.callSoon(logs("next"));
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("next");
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).startsWith("Exception in callback");
            assertThat(context.exception()).isSameAs(failure);
            assertThat(context.details()).containsEntry("handle", handle);
        });
    }

    @Test
    @Spec("L-13")
    void aCancelledErrorInACallbackIsAFailureLikeAnyOther() {
        loop.callSoon(() -> {
            throw new CancelledError("not a task's");
        });
        loop.stop();
        loop.runForever();
        assertThat(reported).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("whatEscapes")
    @Spec("L-13")
    void someErrorsLeaveTheRunAndTheLoopCanBeRunAgain(Error error) {
        loop.callSoon(() -> {
            throw error;
        });
        loop.callSoon(logs("still queued"));
        assertThatThrownBy(loop::runForever).isSameAs(error);
        assertThat(loop.isRunning()).isFalse();
        assertThat(log).isEmpty();
        assertThat(reported).isEmpty();

        assertThat(loop.runUntilComplete(() -> "usable")).isEqualTo("usable");
        assertThat(log).containsExactly("still queued");
    }

    static List<Error> whatEscapes() {
        return List.of(new KeyboardInterrupt(), new OutOfMemoryError("made up"), new InternalError("made up"));
    }

    @Test
    @Spec("L-13")
    @Spec("T-5")
    void anErrorThatLeavesTheRunIsTheTasksFailureAsWell() {
        KeyboardInterrupt error = new KeyboardInterrupt();
        Task<Void, RuntimeException> task = loop.createTask(() -> {
            throw error;
        });
        assertThatThrownBy(loop::runForever).isSameAs(error);
        assertThat(task.exception()).isSameAs(error);
    }

    @Test
    @Spec("L-13")
    void theRunAfterAnEscapeLastsAsLongAsItMust() {
        assertThatThrownBy(() -> run(() -> {
                    throw new KeyboardInterrupt();
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        run(() -> {
            sleep(Duration.ofSeconds(1));
            log.add("after several turns");
        });
        assertThat(log).containsExactly("after several turns");
    }

    @Test
    @Spec("L-13")
    void anErrorThatAnExceptionHandlerThrowsLeavesTheRunToo() {
        KeyboardInterrupt error = new KeyboardInterrupt();
        loop.setExceptionHandler((_, _) -> {
            throw error;
        });
        loop.callSoon(() -> {
            throw new IllegalStateException("first");
        });
        assertThatThrownBy(loop::runForever).isSameAs(error);
    }

    @Test
    void anExceptionHandlerThatFailsDoesNotStopTheLoop() {
        loop.setExceptionHandler((_, _) -> {
            throw new IllegalStateException("handler");
        });
        loop.callSoon(() -> {
            throw new IllegalStateException("callback");
        });
        loop.callSoon(logs("next"));
        loop.callSoon(loop::stop);
        loop.runForever();
        assertThat(log).containsExactly("next");
    }

    @Test
    void anExceptionHandlerMayThrowWhatItWasGiven() {
        loop.setExceptionHandler((_, context) -> {
            throw (RuntimeException) context.exception();
        });
        loop.callSoon(() -> {
            throw new IllegalStateException("callback");
        });
        loop.callSoon(logs("next"));
        loop.callSoon(loop::stop);
        loop.runForever();
        assertThat(log).containsExactly("next");
    }

    @Test
    void theExceptionHandlerRunsAsACallbackAndMaySuspend() {
        loop.setExceptionHandler((_, context) -> {
            sleep(Duration.ofSeconds(1));
            log.add(context.message());
        });
        run(() -> {
            loop.callSoon(() -> {
                throw new IllegalStateException();
            });
            loop.createTask(() -> {
                throw new IllegalStateException();
            });
            sleep(Duration.ofSeconds(10));
        });
        assertThat(log).hasSize(2);
    }

    @Test
    void anyThreadMayReportToTheExceptionHandler() throws Exception {
        run(() -> onAnotherThread(() -> {
            loop.callExceptionHandler(new ExceptionContext("from outside", null));
            return null;
        }));
        assertThat(reportedMessages()).containsExactly("from outside");
    }

    // ------------------------------------------------------------------------------------------------ L-14 … L-16

    @Test
    @Spec("L-14")
    void withoutALoopThereIsNoRunningLoop() {
        assertThatIllegalStateException()
                .isThrownBy(Asyncio::getRunningLoop)
                .withMessageContaining("no running event loop");
    }

    @Test
    @Spec("L-14")
    void theRunningLoopOfAThreadIsNotThatOfAnother() {
        run(() -> toThread(() -> assertThatIllegalStateException().isThrownBy(Asyncio::getRunningLoop)));
    }

    @Test
    @Spec("L-15")
    void getEventLoopMakesOneWhereTheThreadHasNone() {
        setEventLoop(null);
        EventLoop made = getEventLoop();
        try {
            assertThat(getEventLoop()).isSameAs(made);
            assertThat(made.runUntilComplete(Asyncio::getEventLoop)).isSameAs(made);
            assertThat(loop.runUntilComplete(Asyncio::getEventLoop))
                    .as("the running loop goes first")
                    .isSameAs(loop);
        } finally {
            made.close();
            setEventLoop(null);
        }
    }

    @Test
    @Spec("L-16")
    void setEventLoopIsForTheThreadThatCallsIt() throws Exception {
        setEventLoop(loop);
        try {
            assertThat(getEventLoop()).isSameAs(loop);
            onAnotherThread(() -> {
                try (EventLoop others = getEventLoop()) {
                    assertThat(others).isNotSameAs(loop);
                }
                return null;
            });
        } finally {
            setEventLoop(null);
        }
    }

    @Test
    @Spec("L-16")
    void aThreadThatLosesItsLoopGetsAnother() {
        setEventLoop(loop);
        setEventLoop(null);
        try (EventLoop made = getEventLoop()) {
            assertThat(made).isNotSameAs(loop);
        } finally {
            setEventLoop(null);
        }
    }

    @Test
    @Spec("L-16")
    void aNewLoopIsNobodysYet() {
        setEventLoop(loop);
        try (EventLoop one = newEventLoop();
                EventLoop two = newEventLoop()) {
            assertThat(one).isNotSameAs(two);
            assertThat(one.isRunning()).isFalse();
            assertThat(one.isClosed()).isFalse();
            assertThat(getEventLoop()).isSameAs(loop);
        } finally {
            setEventLoop(null);
        }
    }

    // ------------------------------------------------------------------------------------------------ L-17, L-22, L-25

    @Test
    @Spec("L-17")
    void aPromiseBelongsToTheLoopThatMadeIt() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        assertThat(promise.loop()).isSameAs(loop);
        assertThat(promise.done()).isFalse();
        assertThat(loop.<String, RuntimeException>createFuture()).isNotSameAs(promise);
    }

    @Test
    @Spec("L-22")
    void withoutAnExecutorWorkIsDoneInThePoolOfTheLoop() throws IOException {
        IOException failure = new IOException("of the work");
        run(() -> {
            Thread worker = loop.runInExecutor(null, Thread::currentThread).await();
            assertThat(worker.getName()).startsWith("rondo-worker-");
            assertThat(worker.isDaemon()).isTrue();
            Awaitable<?, IOException> failing = loop.runInExecutor(null, () -> {
                throw failure;
            });
            assertThat(failing.loop()).isSameAs(loop);
            assertThatThrownBy(failing::await).isSameAs(failure);
        });
    }

    @Test
    @Spec("L-25")
    void debugModeIsOffUnlessTheProgramWasStartedWithIt() {
        assertThat(loop.debug()).isFalse();
        loop.setDebug(true);
        assertThat(loop.debug()).isTrue();
        loop.setDebug(false);
        assertThat(loop.debug()).isFalse();
        System.setProperty("rondo.debug", "true");
        try (EventLoop debugging = newEventLoop();
                EventLoop told = EventLoop.builder().debug(false).build()) {
            assertThat(debugging.debug()).isTrue();
            assertThat(told.debug()).isFalse();
        } finally {
            System.clearProperty("rondo.debug");
        }
    }
}
