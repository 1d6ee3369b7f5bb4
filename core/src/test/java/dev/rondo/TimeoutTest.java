package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.timeoutAt;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.junit.jupiter.api.Test;

class TimeoutTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private static int cancelling() {
        return requireNonNull(currentTask()).cancelling();
    }

    @Test
    @Spec("TO-1")
    void aBodyThatIsQuickEnoughReturnsItsValueAndLeavesNoTimer() {
        run(() -> {
            String value = timeout(seconds(5), () -> {
                sleep(seconds(1));
                return "value";
            });
            assertThat(value).isEqualTo("value");
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    void aCancelThatWasDueWhenItBeganIsNotItsOwn() {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                requireNonNull(currentTask()).cancel("due");
                timeout(Duration.ZERO, () -> Asyncio.gather(() -> sleep(seconds(1))));
                log.add("not reached");
            });
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(task.cancelling()).isEqualTo(1);
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("TO-1")
    void outsideATaskThereIsNoTimeout() {
        loop.callSoon(() -> timeout(seconds(1), () -> {}));
        loop.stop();
        loop.runForever();
        assertThat(reported)
                .singleElement()
                .satisfies(context -> assertThat(context.exception())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("inside a task"));
    }

    @Test
    @Spec("TO-1")
    void aBodyThatNeverSuspendsIsNeverInterrupted() {
        run(() -> {
            assertThat(timeout(seconds(-1), () -> "value")).isEqualTo("value");
            yieldNow();
            assertThat(cancelling()).isZero();
        });
    }

    @Test
    @Spec("TO-2")
    void whenItExpiresTheBodyIsCancelledAndTheTimeoutThrown() {
        run(() -> {
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeout(seconds(5), () -> {
                        try {
                            sleep(seconds(10));
                        } finally {
                            sleep(seconds(1));
                            log.add("cleaned up");
                        }
                    }))
                    .withCauseInstanceOf(CancelledError.class)
                    .satisfies(
                            e -> assertThat(requireNonNull(e.scope()).expired()).isTrue());
            assertThat(clock.elapsed()).isEqualTo(seconds(6));
            assertThat(cancelling()).isZero();
        });
        assertThat(log).containsExactly("cleaned up");
    }

    @Test
    @Spec("TO-2")
    void aCancelFromOutsideGoesBeforeTheTimeout() {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                try {
                    timeout(Duration.ZERO, () -> {
                        requireNonNull(currentTask()).cancel();
                        sleep(seconds(10));
                    });
                } finally {
                    log.add("cancelling " + cancelling());
                }
            });
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(task.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("cancelling 1");
    }

    @Test
    @Spec("TO-3")
    void aBodyThatSwallowsTheCancelReturns() {
        run(() -> {
            String value = timeout(seconds(1), () -> {
                try {
                    sleep(seconds(10));
                } catch (CancelledError e) {
                    log.add("swallowed");
                }
                return "value";
            });
            assertThat(value).isEqualTo("value");
            assertThat(cancelling()).isZero();
            yieldNow();
        });
        assertThat(log).containsExactly("swallowed");
    }

    @Test
    @Spec("TO-4")
    void aFailureThatAnswersTheCancelGoesBeforeTheTimeout() {
        run(() -> assertThatThrownBy(() -> timeout(seconds(1), () -> {
                    try {
                        sleep(seconds(10));
                    } catch (CancelledError e) {
                        throw new IOException("foreign", e);
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(CancelledError.class)
                .satisfies(
                        e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(AsyncTimeoutException.class)));
    }

    @Test
    @Spec("TO-4")
    void eachFailureOfAGroupThatAnswersTheCancelSaysSo() {
        run(() -> assertThatExceptionOfType(TaskGroupException.class)
                .isThrownBy(() -> timeout(
                        seconds(1),
                        () -> taskGroup(group -> {
                            for (String name : List.of("a", "b")) {
                                group.createTask(() -> {
                                    try {
                                        sleep(seconds(10));
                                    } catch (CancelledError e) {
                                        throw new IOException(name, e);
                                    }
                                });
                            }
                        })))
                .satisfies(
                        e -> assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(AsyncTimeoutException.class),
                        e -> assertThat(e.causes())
                                .hasSize(2)
                                .allSatisfy(cause -> assertThat(cause.getSuppressed())
                                        .hasAtLeastOneElementOfType(AsyncTimeoutException.class))));
    }

    @Test
    void aFailureBeforeTheDeadlineIsThrownAsItIs() {
        IOException failure = new IOException();
        run(() -> {
            assertThatThrownBy(() -> timeout(seconds(1), () -> {
                        throw failure;
                    }))
                    .isSameAs(failure)
                    .hasNoSuppressedExceptions();
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    @Spec("TO-7")
    void ofTwoThatAreNestedTheOneThatExpiredThrows() {
        run(() -> {
            assertThatThrownBy(() -> timeout(seconds(5), () -> {
                        try {
                            timeout(seconds(1), () -> sleep(seconds(10)));
                        } catch (AsyncTimeoutException e) {
                            log.add("inner expired");
                        }
                        timeout(seconds(100), () -> sleep(seconds(50)));
                    }))
                    .isInstanceOf(AsyncTimeoutException.class)
                    .hasMessageContaining("5 s");
            assertThat(clock.elapsed()).isEqualTo(seconds(5));
            assertThat(cancelling()).isZero();
        });
        assertThat(log).containsExactly("inner expired");
    }

    @Test
    @Spec("TO-7")
    void ofTwoThatExpireTogetherTheOuterThrows() {
        run(() -> {
            assertThatThrownBy(() -> timeout(seconds(1), () -> timeout(seconds(1), () -> sleep(seconds(10)))))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(cancelling()).isZero();
            yieldNow();
        });
    }

    @Test
    void theMessageNamesTheDelayThoughTheClockGoesOnMeanwhile() {
        try (EventLoop ticking =
                EventLoop.builder().clock(TickTableTest.tickingClock()).build()) {
            ticking.runUntilComplete(() -> assertThatThrownBy(
                            () -> timeout(Duration.ofNanos(1000), () -> sleep(seconds(1))))
                    .isInstanceOf(AsyncTimeoutException.class)
                    .hasMessage("timed out after 0.000001 s"));
        }
    }

    @Test
    void inForeignCodeItInterruptsEachTime() {
        try (EventLoop real = newEventLoop()) {
            real.runUntilComplete(() -> {
                for (int i = 0; i < 3; i++) {
                    assertThatExceptionOfType(AsyncTimeoutException.class)
                            .isThrownBy(() -> timeout(Duration.ofMillis(1), new ArrayBlockingQueue<>(1)::take))
                            .withCauseInstanceOf(InterruptedException.class);
                    assertThat(cancelling()).isZero();
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                }
                yieldNow();
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ the deadline

    private static Timeout startedWith(Duration delay) {
        return timeout(delay, timeout -> {
            return timeout;
        });
    }

    @Test
    @Spec("TO-1")
    void aTimeoutAtATimeExpiresThen() {
        List<Timeout> scopes = new ArrayList<>();
        run(() -> {
            sleep(seconds(3));
            Duration deadline = loop.time().plus(seconds(5));
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeoutAt(deadline, scope -> {
                        scopes.add(scope);
                        assertThat(scope.when()).isEqualTo(deadline);
                        sleep(seconds(10));
                    }))
                    .withMessage("timed out after 5 s")
                    .satisfies(e -> assertThat(e.scope()).isSameAs(scopes.getFirst()));
            assertThat(loop.time()).isEqualTo(deadline);
            assertThat(scopes.getFirst().expired()).isTrue();
            assertThat(scopes.getFirst().when()).isEqualTo(deadline);
            assertThat(timeoutAt(loop.time().plus(seconds(1)), () -> "value")).isEqualTo("value");
            timeoutAt(loop.time().plus(seconds(1)), () -> log.add("an action"));
            assertThat(loop.reactor().timerCount()).isZero();
        });
        assertThat(log).containsExactly("an action");
    }

    @Test
    @Spec("TO-1")
    @Spec("TO-6")
    void withoutADeadlineItNeverExpires() {
        run(() -> {
            Action<RuntimeException> body = () -> sleep(Duration.ofDays(1000));
            timeout(null, body);
            timeoutAt(null, body);
            Timeout scope = timeoutAt(null, timeout -> {
                assertThat(timeout.when()).isNull();
                assertThat(timeout).hasToString("<Timeout [active] when=none>");
                assertThat(loop.reactor().timerCount()).isZero();
                return timeout;
            });
            assertThat(scope.expired()).isFalse();
        });
    }

    @Test
    @Spec("TO-1")
    void aDeadlineThatIsPastComesInTheNextTurn() {
        run(() -> {
            sleep(seconds(5));
            loop.callSoon(logs("was ready before"));
            assertThatThrownBy(() -> timeoutAt(loop.time().minus(seconds(1)), () -> {
                        try {
                            yieldNow();
                        } finally {
                            log.add("cancelled");
                        }
                    }))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThatThrownBy(() -> timeoutAt(Duration.ofSeconds(Long.MIN_VALUE), () -> sleep(seconds(1))))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(clock.elapsed()).isEqualTo(seconds(5));
        });
        assertThat(log).containsExactly("was ready before", "cancelled");
    }

    @Test
    void aDeadlineFurtherAwayThanTheClockCountsIsNoError() {
        run(() -> {
            assertThat(timeout(Duration.ofSeconds(Long.MAX_VALUE), () -> "value"))
                    .isEqualTo("value");
            assertThat(timeoutAt(Duration.ofSeconds(Long.MAX_VALUE), () -> "value"))
                    .isEqualTo("value");
        });
    }

    @Test
    @Spec("TO-5")
    void aDeadlineMayBeMovedAndTakenAway() {
        run(() -> {
            Duration begin = loop.time();
            timeout(seconds(1), scope -> {
                assertThat(scope.when()).isEqualTo(begin.plus(seconds(1)));
                scope.reschedule(begin.plus(seconds(5)));
                assertThat(scope.when()).isEqualTo(begin.plus(seconds(5)));
                assertThat(loop.reactor().timerCount()).isEqualTo(1);
                sleep(seconds(3));
                scope.reschedule(null);
                assertThat(scope.when()).isNull();
                assertThat(loop.reactor().timerCount()).isZero();
                sleep(seconds(100));
            });
            assertThatThrownBy(() -> timeout(seconds(1000), scope -> {
                        scope.reschedule(loop.time().plus(seconds(7)));
                        sleep(seconds(100));
                    }))
                    .isInstanceOf(AsyncTimeoutException.class)
                    .hasMessage("timed out after 7 s");
            assertThat(clock.elapsed()).isEqualTo(seconds(110));
        });
    }

    @Test
    @Spec("TO-5")
    void aDeadlineThatIsQueuedAlreadyMayBeMovedStill() {
        run(() -> {
            String value = timeout(Duration.ZERO, scope -> {
                scope.reschedule(loop.time().plus(seconds(5)));
                yieldNow();
                sleep(seconds(1));
                return "in time";
            });
            assertThat(value).isEqualTo("in time");
            assertThat(cancelling()).isZero();
        });
    }

    @Test
    @Spec("TO-5")
    void aDeadlineMovedIntoThePastComesInTheNextTurn() {
        run(() -> {
            assertThatThrownBy(() -> timeout(seconds(100), scope -> {
                        scope.reschedule(loop.time());
                        assertThat(scope.expired()).isFalse();
                        yieldNow();
                    }))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(clock.elapsed()).isZero();
        });
    }

    @Test
    @Spec("TO-5")
    void anotherTaskMayMoveIt() {
        run(() -> {
            Promise<Timeout, RuntimeException> entered = loop.createFuture();
            Task<?, RuntimeException> task = createTask(() -> timeout(seconds(10), scope -> {
                entered.setResult(scope);
                sleep(seconds(50));
            }));
            Timeout scope = entered.await();
            scope.reschedule(null);
            sleep(seconds(20));
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(scope.expired()).isFalse();
        });
    }

    @Test
    @Spec("TO-5")
    void whatIsOverCannotBeMoved() {
        run(() -> {
            Timeout finished = startedWith(seconds(1));
            assertThatIllegalStateException()
                    .isThrownBy(() -> finished.reschedule(seconds(1)))
                    .withMessage("Cannot change state of finished Timeout");
            List<Timeout> scopes = new ArrayList<>();
            assertThatThrownBy(() -> timeout(seconds(1), scope -> {
                        scopes.add(scope);
                        try {
                            sleep(seconds(5));
                        } finally {
                            assertThatIllegalStateException()
                                    .isThrownBy(() -> scope.reschedule(null))
                                    .withMessage("Cannot change state of expiring Timeout");
                            assertThat(scope).hasToString("<Timeout [expiring]>");
                            assertThat(scope.expired()).isTrue();
                        }
                    }))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThatIllegalStateException()
                    .isThrownBy(() -> scopes.getFirst().reschedule(null))
                    .withMessage("Cannot change state of expired Timeout");
        });
    }

    @Test
    @Spec("TO-6")
    void whatItIsCanBeRead() {
        List<Timeout> scopes = new ArrayList<>();
        run(() -> {
            String deadline = loop.time().plusMillis(1500).toNanos() / 1_000_000 + "";
            timeout(Duration.ofMillis(1500), scope -> {
                assertThat(scope.toString())
                        .startsWith("<Timeout [active] when=")
                        .endsWith(" s>");
                assertThat(requireNonNull(scope.when()).toMillis()).hasToString(deadline);
                scopes.add(scope);
            });
            assertThat(scopes.getFirst()).hasToString("<Timeout [finished]>");
            assertThat(scopes.getFirst().expired()).isFalse();
            assertThatThrownBy(() -> timeout(seconds(1), scope -> {
                        scopes.add(scope);
                        sleep(seconds(10));
                    }))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(scopes.getLast()).hasToString("<Timeout [expired]>");
        });
    }

    // ------------------------------------------------------------------------------------------------ which one it was

    @Test
    @Spec("TO-7")
    void theExceptionCarriesTheScopeThatFired() {
        run(() -> timeout(seconds(100), outer -> {
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeout(seconds(1), inner -> {
                        log.add("inner");
                        sleep(seconds(10));
                    }))
                    .satisfies(e -> assertThat(e.scope()).isNotNull().isNotSameAs(outer));
            assertThat(outer.expired()).isFalse();
        }));
        assertThat(log).containsExactly("inner");
    }

    @Test
    @Spec("TO-7")
    void ofTwoThatExpireTogetherBothHaveExpiredAndTheOuterIsNamed() {
        List<Timeout> scopes = new ArrayList<>();
        run(() -> {
            Duration deadline = loop.time().plus(seconds(1));
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeoutAt(deadline, outer -> {
                        scopes.add(outer);
                        timeoutAt(deadline, inner -> {
                            scopes.add(inner);
                            sleep(seconds(10));
                        });
                    }))
                    .satisfies(e -> assertThat(e.scope()).isSameAs(scopes.getFirst()));
            assertThat(scopes).allMatch(Timeout::expired);
        });
    }

    @Test
    @Spec("TO-7")
    void aTimeoutInTheCleanUpOfAnotherIsItsOwn() {
        run(() -> {
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeout(seconds(1), () -> {
                        try {
                            sleep(seconds(10));
                        } finally {
                            assertThatThrownBy(() -> timeout(seconds(2), () -> sleep(seconds(10))))
                                    .isInstanceOf(AsyncTimeoutException.class)
                                    .hasMessage("timed out after 2 s");
                        }
                    }))
                    .withMessage("timed out after 1 s");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(cancelling()).isZero();
        });
    }

    // ------------------------------------------------------------------------------------------------ other cancels

    @Test
    @Spec("TO-3")
    void aCancelBeforeTheDeadlineIsACancel() {
        List<Timeout> scopes = new ArrayList<>();
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> timeout(seconds(10), scope -> {
                scopes.add(scope);
                requireNonNull(currentTask()).cancel();
                sleep(seconds(20));
            }));
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(task.cancelled()).isTrue();
            assertThat(scopes.getFirst().expired()).isFalse();
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    @Spec("TO-2")
    void itWorksInATaskThatWasCancelledBeforeAndWentOn() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {
                requireNonNull(currentTask()).cancel();
                try {
                    sleep(seconds(1));
                } catch (CancelledError e) {
                    log.add("cancelled");
                }
                assertThatThrownBy(() -> timeout(Duration.ZERO, () -> sleep(seconds(1))))
                        .isInstanceOf(AsyncTimeoutException.class);
                log.add("cancelling " + cancelling());
                timeout(seconds(1), () -> {
                    requireNonNull(currentTask()).cancel();
                    sleep(seconds(2));
                });
            });
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(task.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("cancelled", "cancelling 1");
    }

    @Test
    @Spec("TO-2")
    void aTaskWhoseTimeoutExpiredIsNotCancelled() {
        run(() -> {
            Task<?, RuntimeException> task =
                    createTask(() -> assertThatThrownBy(() -> timeout(seconds(1), () -> sleep(seconds(10))))
                            .isInstanceOf(AsyncTimeoutException.class));
            task.await();
            assertThat(task.cancelled()).isFalse();
        });
    }

    @Test
    void aDeadlineThatASameInstantsScopeWasBeforeLeavesNoCancelBehindInCleanup() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {
                try {
                    sleep(seconds(10));
                } finally {
                    CancelScope.moveOnAfter(seconds(1), () -> timeout(seconds(1), () -> sleep(seconds(5))));
                    log.add("cancelling " + cancelling());
                    sleep(seconds(1));
                    log.add("cleaned up");
                }
            });
            yieldNow();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).containsExactly("cancelling 1", "cleaned up");
    }

    @Test
    void severalDeadlinesThatASameInstantsScopeWasBeforeLeaveNoCancelBehindInCleanup() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {
                try {
                    sleep(seconds(10));
                } finally {
                    timeout(seconds(5), outer -> {
                        CancelScope.moveOnAfter(
                                seconds(1),
                                () -> timeout(seconds(1), _ -> {
                                    outer.reschedule(loop.time().plus(seconds(1))); // the last of the three
                                    sleep(seconds(5));
                                }));
                    });
                    sleep(seconds(1));
                    log.add("cleaned up");
                }
            });
            yieldNow();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).containsExactly("cleaned up");
    }

    @Test
    void aDeadlineInTheInstantInWhichAnItemIsReceivedLeavesNoCancelBehindInCleanup() {
        Channel<String> channel = new Channel<>(0);
        run(() -> {
            Channel.Sender<String> sender = channel.openSender();
            Channel.Receiver<String> receiver = channel.openReceiver();
            Task<?, RuntimeException> task = createTask(() -> {
                try {
                    sleep(seconds(10));
                } finally {
                    sleep(seconds(1));
                    timeout(seconds(1), () -> sender.send("last words"));
                    sleep(seconds(1));
                    log.add("cleaned up");
                }
            });
            loop.callLater(seconds(2), () -> log.add(receiver.tryReceive()));
            yieldNow();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).containsExactly("last words", "cleaned up");
    }
}
