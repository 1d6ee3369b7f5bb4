package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.shield;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitForTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private String sleepyValue(int seconds) {
        try {
            sleep(seconds(seconds));
            return "value";
        } finally {
            log.add("ended");
        }
    }

    /** Takes its time, whatever it is asked. */
    private String stubborn(int seconds) {
        Duration end = loop.time().plus(seconds(seconds));
        while (loop.time().compareTo(end) < 0) {
            try {
                sleep(end.minus(loop.time()));
            } catch (CancelledError e) {
                log.add("asked to cancel");
            }
        }
        return "stubborn";
    }

    private static int cancelling() {
        return requireNonNull(currentTask()).cancelling();
    }

    // ------------------------------------------------------------------------------------------------ in time

    @Test
    @Spec("WF-1")
    void aCoroutineRunsInTheCallersTaskAndContext() {
        ContextVar<String> variable = ContextVar.named("v");
        run(() -> {
            Task<?, ?> caller = currentTask();
            String value = waitFor(seconds(5), () -> {
                assertThat(currentTask()).isSameAs(caller);
                variable.set("seen outside");
                return sleepyValue(1);
            });
            assertThat(value).isEqualTo("value");
            assertThat(variable.get()).isEqualTo("seen outside");
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    @Spec("WF-1")
    void withoutATimeoutItWaitsForEver() {
        run(() -> {
            assertThat(waitFor(null, () -> sleepyValue(1_000_000))).isEqualTo("value");
            assertThat(waitFor(null, createTask(() -> sleepyValue(1)))).isEqualTo("value");
        });
    }

    @Test
    @Spec("WF-1")
    void anActionIsWaitedForToo() {
        run(() -> waitFor(seconds(5), () -> sleep(seconds(1))));
        assertThat(clock.elapsed()).isEqualTo(seconds(1));
    }

    @Test
    void theFailureIsThrownUnderItsOwnType() {
        run(() -> {
            try {
                waitFor(seconds(5), () -> {
                    throw new IOException("typed");
                });
            } catch (IOException e) {
                log.add(e.getMessage());
            }
        });
        assertThat(log).containsExactly("typed");
    }

    @Test
    @Spec("WF-3")
    void aResultThatIsSetBeforeTheDeadlineCounts() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            loop.callLater(seconds(1), () -> promise.setResult("ok"));
            assertThat(waitFor(seconds(2), promise)).isEqualTo("ok");
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
        });
    }

    @Test
    void oneThatSomebodyElseCancelsIsNoTimeout() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            loop.callLater(seconds(1), () -> promise.cancel("why"));
            assertThatThrownBy(() -> waitFor(seconds(2), promise))
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": why");
            assertThat(cancelling()).isZero();
            assertThatThrownBy(() -> waitFor(Duration.ZERO, promise)).isInstanceOf(TaskCancelledException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ too late

    @Test
    @Spec("WF-1")
    void whatIsLateIsCancelledAndTheTimeoutThrown() {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> sleepyValue(10));
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> waitFor(seconds(1), task))
                    .withMessage("timed out after 1 s")
                    .withCauseInstanceOf(CancelledError.class)
                    .satisfies(
                            e -> assertThat(requireNonNull(e.scope()).expired()).isTrue());
            assertThat(task.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(cancelling()).isZero();
        });
        assertThat(log).containsExactly("ended");
    }

    @Test
    @Spec("WF-2")
    void itWaitsUntilTheCancelledHasEnded() {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> {
                try {
                    return sleepyValue(10);
                } finally {
                    sleep(seconds(3));
                    log.add("cleaned up");
                }
            });
            assertThatThrownBy(() -> waitFor(seconds(1), task))
                    .isInstanceOf(AsyncTimeoutException.class)
                    .hasCauseInstanceOf(CancelledError.class);
            assertThat(clock.elapsed()).isEqualTo(seconds(4));
        });
        assertThat(log).containsExactly("ended", "cleaned up");
    }

    @Test
    @Spec("WF-2")
    @Spec("WF-3")
    void aValueInSpiteOfTheCancelIsReturned() {
        run(() -> {
            assertThat(waitFor(seconds(1), () -> stubborn(2))).isEqualTo("stubborn");
            assertThat(waitFor(seconds(1), createTask(() -> stubborn(2)))).isEqualTo("stubborn");
            assertThat(clock.elapsed()).isEqualTo(seconds(4));
            assertThat(cancelling()).isZero();
        });
        assertThat(log).containsExactly("asked to cancel", "asked to cancel");
    }

    @Test
    @Spec("WF-2")
    void aFailureInAnswerToTheCancelIsThrown() {
        run(() -> {
            Task<String, IOException> task = createTask(() -> {
                try {
                    return sleepyValue(10);
                } catch (CancelledError e) {
                    throw new IOException("foreign");
                }
            });
            assertThatThrownBy(() -> waitFor(seconds(1), task))
                    .isInstanceOf(IOException.class)
                    .hasMessage("foreign");
            assertThat(cancelling()).isZero();
        });
    }

    // ------------------------------------------------------------------------------------------------ no time at all

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    @Spec("WF-1")
    void withNoTimeWhatIsDoneIsReturnedWithoutATurn(int timeout) throws Exception {
        run(() -> {
            Promise<String, IOException> done = loop.createFuture();
            done.setResult("done");
            Promise<String, IOException> failed = loop.createFuture();
            failed.setException(new IOException("there"));
            loop.callSoon(logs("a turn"));
            assertThat(waitFor(seconds(timeout), done)).isEqualTo("done");
            assertThatThrownBy(() -> waitFor(seconds(timeout), failed)).hasMessage("there");
            assertThat(log).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    @Spec("WF-1")
    void withNoTimeACoroutineIsNotEvenBegun(int timeout) {
        run(() -> {
            assertThatThrownBy(() -> waitFor(seconds(timeout), () -> log.add("begun")))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThatThrownBy(() -> waitFor(seconds(timeout), () -> {
                        log.add("begun");
                    }))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(clock.elapsed()).isZero();
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("WF-1")
    void withNoTimeAnEagerCoroutineThatIsDoneAtOnceIsReturned() {
        loop.setTaskFactory(TaskFactory.EAGER);
        run(() -> assertThat(waitFor(Duration.ZERO, () -> "value")).isEqualTo("value"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    @Spec("WF-1")
    @Spec("WF-2")
    void withNoTimeATaskThatRunsIsCancelledAndWaitedFor(int timeout) {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> {
                try {
                    return sleepyValue(10);
                } finally {
                    sleep(seconds(1));
                    log.add("cleaned up");
                }
            });
            yieldNow();
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> waitFor(seconds(timeout), task))
                    .withMessageContaining(timeout + " s")
                    .withCauseInstanceOf(TaskCancelledException.class)
                    .satisfies(e -> assertThat(e.scope()).isNull());
            assertThat(task.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
        });
        assertThat(log).containsExactly("ended", "cleaned up");
    }

    @Test
    @Spec("WF-1")
    @Spec("WF-2")
    void withNoTimeAValueInSpiteOfTheCancelIsReturned() {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> stubborn(2));
            yieldNow();
            assertThat(waitFor(Duration.ZERO, task)).isEqualTo("stubborn");
        });
        assertThat(log).containsExactly("asked to cancel");
    }

    // ------------------------------------------------------------------------------------------------ cancel

    @ParameterizedTest
    @ValueSource(ints = {60, Integer.MAX_VALUE})
    @Spec("WF-3")
    void aCancelOfTheCallerIsPassedOn(int timeout) {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> sleepyValue(100));
            Task<?, RuntimeException> waiter =
                    createTask(() -> waitFor(timeout == Integer.MAX_VALUE ? null : seconds(timeout), task));
            yieldNow();
            yieldNow();
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
            assertThat(waiter.cancelled()).isTrue();
            assertThat(task.cancelled()).isTrue();
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    @Spec("WF-3")
    void aCancelAfterTheInnerIsDoneWins() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, RuntimeException> waiter = createTask(() -> {
                waitFor(seconds(100), promise);
                log.add("not reached");
            });
            yieldNow();
            promise.setResult("lost");
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
            assertThat(waiter.cancelled()).isTrue();
            assertThat(loop.reactor().timerCount()).isZero();
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("WF-2")
    void aCallerThatIsCancelledWaitsForWhatIsStubborn() {
        run(() -> {
            Task<?, RuntimeException> waiter = createTask(() -> waitFor(seconds(10), () -> stubborn(5)));
            yieldNow();
            waiter.cancel();
            Asyncio.waitAll(java.util.List.of(waiter));
            assertThat(clock.elapsed()).isEqualTo(seconds(5));
        });
        assertThat(log).containsExactly("asked to cancel");
    }

    @Test
    @Spec("WF-3")
    void aTaskThatIsCancelledBeforeItWaitsNeverWaits() {
        run(() -> {
            Task<String, RuntimeException> inner = createTask(() -> sleepyValue(1));
            Task<?, RuntimeException> waiter = createTask(() -> waitFor(seconds(10), inner));
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
            assertThat(inner.await()).isEqualTo("value");
        });
    }

    @Test
    @Spec("WF-3")
    void aCancelWhileThereIsNoTimeLeavesTheOneThatIsCancelledAlready() {
        run(() -> {
            Task<String, RuntimeException> inner = createTask(() -> stubborn(5));
            yieldNow();
            Task<?, RuntimeException> waiter = createTask(() -> waitFor(Duration.ZERO, inner));
            sleep(seconds(1));
            waiter.cancel();
            assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
            assertThat(waiter.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(inner.cancelling()).isEqualTo(1);
            assertThat(inner.await()).isEqualTo("stubborn");
        });
    }

    // ------------------------------------------------------------------------------------------------ shield

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Spec("WF-4")
    void whatIsShieldedGoesOn(int timeout) {
        run(() -> {
            Task<String, RuntimeException> inner = createTask(() -> sleepyValue(5));
            yieldNow();
            assertThatThrownBy(() -> waitFor(seconds(timeout), () -> shield(inner)))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(clock.elapsed()).isEqualTo(seconds(timeout));
            assertThat(inner.cancelling()).isZero();
            assertThat(inner.await()).isEqualTo("value");
        });
    }

    // ------------------------------------------------------------------------------------------------ where it cannot

    @Test
    void whatBelongsToAnotherLoopIsRefusedAndNotCancelled() {
        try (EventLoop other = newEventLoop()) {
            Promise<String, RuntimeException> promise = other.createFuture();
            run(() -> {
                assertThatIllegalArgumentException().isThrownBy(() -> waitFor(seconds(1), promise));
                assertThatIllegalArgumentException().isThrownBy(() -> waitFor(Duration.ZERO, promise));
            });
            assertThat(promise.done()).isFalse();
        }
    }
}
