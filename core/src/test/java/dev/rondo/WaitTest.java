package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.waitAll;
import static dev.rondo.Asyncio.waitAny;
import static dev.rondo.Asyncio.waitFirstException;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private static Task<Integer, RuntimeException> after(int seconds) {
        return createTask(() -> {
            sleep(seconds(seconds));
            return seconds;
        });
    }

    private static Task<Integer, RuntimeException> failing(int seconds) {
        return createTask(() -> {
            sleep(seconds(seconds));
            throw new IllegalStateException("failed after " + seconds);
        });
    }

    private void assertElapsed(int seconds) {
        assertThat(clock.elapsed()).isEqualTo(seconds(seconds));
    }

    private void assertNothingLeft(Task<?, ?>... tasks) {
        for (Task<?, ?> task : tasks) {
            assertThat(task.hasCallbacks()).isFalse();
        }
    }

    // ------------------------------------------------------------------------------------------------ all

    @Test
    @Spec("W-1")
    void waitAllReturnsWhenAllAreDoneHoweverTheyEnded() {
        run(() -> {
            Task<Integer, RuntimeException> slow = after(3);
            Task<Integer, RuntimeException> failing = failing(1);
            Task<Integer, RuntimeException> cancelled = after(5);
            loop.callLater(seconds(2), cancelled::cancel);
            Waited<Task<Integer, RuntimeException>> waited = waitAll(List.of(slow, failing, cancelled));
            assertThat(waited.done()).containsExactly(slow, failing, cancelled);
            assertThat(waited.pending()).isEmpty();
            assertElapsed(3);
            assertThat(slow.result()).isEqualTo(3);
            assertThat(failing.exception()).hasMessage("failed after 1");
            assertThat(cancelled.cancelled()).isTrue();
            assertThat(loop.reactor().timerCount()).isZero();
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("W-1")
    void waitAllWithATimeoutNeitherThrowsNorCancels() {
        run(() -> {
            Task<Integer, RuntimeException> quick = after(1);
            Task<Integer, RuntimeException> slow = after(5);
            Waited<Task<Integer, RuntimeException>> waited = waitAll(List.of(slow, quick), seconds(2));
            assertThat(waited.done()).containsExactly(quick);
            assertThat(waited.pending()).containsExactly(slow);
            assertElapsed(2);
            assertNothingLeft(slow);
            assertThat(slow.cancelling()).isZero();
            assertThat(slow.await()).isEqualTo(5);
        });
    }

    @Test
    @Spec("W-1")
    void aTimeoutThatIsNotNeededLeavesNoTimer() {
        run(() -> {
            assertThat(waitAll(List.of(after(1)), seconds(100)).pending()).isEmpty();
            assertElapsed(1);
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    @Spec("W-1")
    void withATimeoutOfZeroItLooksOnce() {
        run(() -> {
            Task<Integer, RuntimeException> slow = after(5);
            Promise<Integer, RuntimeException> done = loop.createFuture();
            done.setResult(1);
            Waited<Awaitable<Integer, RuntimeException>> waited = waitAll(List.of(done, slow), Duration.ZERO);
            assertThat(waited.done()).containsExactly(done);
            assertThat(waited.pending()).containsExactly(slow);
            assertThat(waitAll(List.of(slow), seconds(-1)).pending()).containsExactly(slow);
            assertElapsed(0);
            slow.cancel();
        });
    }

    @Test
    @Spec("W-1")
    void ofNothingThereIsNothingToWaitFor() {
        run(() -> {
            for (Action<RuntimeException> wait : List.<Action<RuntimeException>>of(
                    () -> waitAll(List.<Task<?, ?>>of()),
                    () -> waitAny(List.<Task<?, ?>>of()),
                    () -> waitFirstException(List.<Task<?, ?>>of(), seconds(1)))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(wait::run)
                        .withMessage("Set of Tasks/Futures is empty.");
            }
        });
    }

    @Test
    @Spec("W-1")
    void duplicatesCollapse() {
        run(() -> {
            Task<Integer, RuntimeException> task = after(1);
            Task<Integer, RuntimeException> other = after(2);
            Waited<Task<Integer, RuntimeException>> waited = waitAll(List.of(task, other, task));
            assertThat(waited.done()).containsExactly(task, other);
        });
    }

    @Test
    void whatBelongsToAnotherLoopIsRefused() {
        try (EventLoop other = newEventLoop()) {
            run(() -> {
                Task<Integer, RuntimeException> mine = after(1);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> waitAll(List.of(mine, other.<Integer, RuntimeException>createFuture())))
                        .withMessageContaining("belongs to a different loop");
                assertNothingLeft(mine);
                mine.await();
            });
        }
    }

    @Test
    void aCallbackMayWaitToo() {
        run(() -> {
            Task<Integer, RuntimeException> task = after(1);
            loop.callSoon(() -> log.add("done: " + waitAll(List.of(task)).done().size()));
            sleep(seconds(2));
        });
        assertThat(log).containsExactly("done: 1");
    }

    // ------------------------------------------------------------------------------------------------ the first

    @Test
    @Spec("W-1")
    void waitAnyReturnsWhenTheFirstIsDone() {
        run(() -> {
            Task<Integer, RuntimeException> slow = after(5);
            Task<Integer, RuntimeException> quick = after(1);
            Waited<Task<Integer, RuntimeException>> waited = waitAny(List.of(slow, quick));
            assertThat(waited.done()).containsExactly(quick);
            assertThat(waited.pending()).containsExactly(slow);
            assertElapsed(1);
            assertNothingLeft(slow);
            assertThat(slow.await()).isEqualTo(5);
        });
    }

    @Test
    @Spec("W-1")
    void whatIsDoneByTheTimeTheCallerRunsIsDone() {
        run(() -> {
            Promise<Integer, RuntimeException> first = loop.createFuture();
            Promise<Integer, RuntimeException> second = loop.createFuture();
            Promise<Integer, RuntimeException> third = loop.createFuture();
            loop.callSoon(() -> {
                first.setResult(1);
                loop.callSoon(second::setResult, 2); // in the turn in which the caller is woken
            });
            Waited<Promise<Integer, RuntimeException>> waited = waitAny(List.of(third, second, first));
            assertThat(waited.done()).containsExactly(second, first);
            assertThat(waited.pending()).containsExactly(third);
        });
    }

    @Test
    @Spec("W-2")
    void waitAnyCountsOneThatIsCancelled() {
        run(() -> {
            Task<Integer, RuntimeException> slow = after(5);
            Task<Integer, RuntimeException> cancelled = after(3);
            cancelled.cancel();
            assertThat(waitAny(List.of(slow, cancelled)).done()).containsExactly(cancelled);
            assertElapsed(0);
            slow.cancel();
        });
    }

    @Test
    @Spec("W-1")
    void waitAnyGivesUpAfterItsTimeout() {
        run(() -> {
            Task<Integer, RuntimeException> slow = after(5);
            Waited<Task<Integer, RuntimeException>> waited = waitAny(List.of(slow), seconds(1));
            assertThat(waited.done()).isEmpty();
            assertThat(waited.pending()).containsExactly(slow);
            assertElapsed(1);
            slow.cancel();
        });
    }

    @Test
    @Spec("W-2")
    void waitFirstExceptionReturnsWhenOneFails() {
        run(() -> {
            Task<Integer, RuntimeException> quick = after(1);
            Task<Integer, RuntimeException> failing = failing(2);
            Task<Integer, RuntimeException> slow = after(5);
            Waited<Task<Integer, RuntimeException>> waited = waitFirstException(List.of(slow, failing, quick));
            assertThat(waited.done()).containsExactly(failing, quick);
            assertThat(waited.pending()).containsExactly(slow);
            assertElapsed(2);
            assertThat(failing.exception()).hasMessage("failed after 2");
            slow.cancel();
        });
    }

    @Test
    @Spec("W-2")
    void waitFirstExceptionHearsOfAFailureThatWasThereBefore() {
        run(() -> {
            Promise<Integer, RuntimeException> failed = loop.createFuture();
            failed.setException(new IllegalStateException("before"));
            Task<Integer, RuntimeException> slow = after(5);
            assertThat(waitFirstException(List.of(slow, failed)).done()).containsExactly(failed);
            assertElapsed(0);
            assertThat(failed.exception()).hasMessage("before");
            slow.cancel();
        });
    }

    @Test
    @Spec("W-2")
    void waitFirstExceptionDoesNotCountOneThatIsCancelledAndEndsWhenAllAreDone() {
        run(() -> {
            Task<Integer, RuntimeException> cancelled = after(3);
            Task<Integer, RuntimeException> slow = after(5);
            loop.callLater(seconds(1), cancelled::cancel);
            Waited<Task<Integer, RuntimeException>> waited = waitFirstException(List.of(cancelled, slow));
            assertThat(waited.done()).containsExactly(cancelled, slow);
            assertThat(waited.pending()).isEmpty();
            assertElapsed(5);
        });
    }

    @Test
    @Spec("W-1")
    void waitFirstExceptionGivesUpAfterItsTimeout() {
        run(() -> {
            Task<Integer, RuntimeException> slow = after(5);
            assertThat(waitFirstException(List.of(slow), seconds(1)).pending()).containsExactly(slow);
            assertElapsed(1);
            slow.cancel();
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Test
    void aFailureThatTheWaiterDoesNotLookAtIsReportedStill() {
        run(() -> {
            waitFirstException(List.of(failing(1)));
            sleep(seconds(10));
        });
        assertThat(reportedMessages()).containsExactly("Task exception was never retrieved");
    }

    @Test
    void theGraceOfAFailureBeginsWhenTheLastWhoHasItInHandReturns() {
        run(() -> {
            Task<Integer, RuntimeException> failing = failing(1);
            List<Task<?, RuntimeException>> waiters = List.of(
                    createTask(() -> waitAll(List.of(failing, after(10)))),
                    createTask(() -> waitAll(List.of(failing, after(20)))));
            sleep(Duration.ofMillis(20_500));
            assertThat(waiters).allMatch(Task::done);
            assertThat(reported).isEmpty();
            sleep(seconds(1));
            assertThat(reportedMessages()).containsExactly("Task exception was never retrieved");
        });
    }

    @Test
    void aFailureThatSomebodyWaitsOverWhenTheLoopClosesIsReportedOnce() {
        Task<Integer, RuntimeException> failing = loop.createTask(() -> {
            throw new IllegalStateException("nobody's");
        });
        loop.createTask(() -> waitAll(List.of(failing, loop.createFuture())));
        run(() -> sleep(seconds(5)));
        assertThat(reported).isEmpty();
        loop.close();
        assertThat(reportedMessages())
                .containsExactlyInAnyOrder(
                        "Task exception was never retrieved", "Task was destroyed but it is pending!");
    }

    // ------------------------------------------------------------------------------------------------ cancel

    @Test
    @Spec("W-3")
    void aCancelOfTheWaiterLeavesThemAlone() {
        run(() -> {
            Task<Integer, RuntimeException> task = after(5);
            Task<?, RuntimeException> waiter = createTask(() -> {
                try {
                    waitAll(List.of(task), seconds(100));
                } catch (CancelledError e) {
                    log.add("cancelled: " + e.getMessage());
                    throw e;
                }
            });
            sleep(seconds(1));
            waiter.cancel("enough");
            assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
            assertThat(waiter.cancelled()).isTrue();
            assertThat(task.cancelling()).isZero();
            assertNothingLeft(task);
            assertThat(loop.reactor().timerCount()).as("the task's own").isEqualTo(1);
            assertThat(task.await()).isEqualTo(5);
        });
        assertThat(log).containsExactly("cancelled: enough");
    }

    @Test
    @Spec("W-3")
    void aCancelThatComesAfterTheLastIsDoneWins() {
        run(() -> {
            Promise<Integer, RuntimeException> promise = loop.createFuture();
            Task<?, RuntimeException> waiter = createTask(() -> waitAll(List.of(promise)));
            yieldNow();
            promise.setResult(1);
            yieldNow(); // the waiter is told, and is woken for the next turn
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
            assertThat(promise.result()).isEqualTo(1);
        });
    }
}
