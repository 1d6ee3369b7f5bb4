package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.time.Clock;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CancelScopeTest extends LoopTestCase {

    private static final Duration LONG = Duration.ofHours(10);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Task<?, ?> self() {
        return requireNonNull(currentTask());
    }

    /** Suspends for long, and says what came of it. */
    private void sleepLogging(String what) {
        try {
            sleep(LONG);
            log.add(what + " slept");
        } catch (CancelledError e) {
            log.add(what + " cancelled");
            throw e;
        }
    }

    // ------------------------------------------------------------------------------------------------ deadlines

    @Nested
    class Deadlines {

        @Test
        void moveOnAfterGivesUpAtTheDeadlineAndTheTaskGoesOn() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(SECOND, () -> {
                    sleepLogging("body");
                    return "value";
                });
                assertThat(result.cancelled()).isTrue();
                assertThat(result.orElse("other")).isEqualTo("other");
                assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(result::get);
                assertThat(clock.elapsed()).isEqualTo(SECOND);
                assertThat(self().cancelling()).isZero();
                sleep(SECOND);
                assertThat(clock.elapsed()).isEqualTo(SECOND.multipliedBy(2));
            });
            assertThat(log).containsExactly("body cancelled");
        }

        @Test
        void aBodyThatIsDoneInTimeGivesItsValueAndTheDeadlineIsForgotten() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(LONG, () -> {
                    sleep(SECOND);
                    return "value";
                });
                assertThat(result.cancelled()).isFalse();
                assertThat(result.get()).isEqualTo("value");
                assertThat(loop.reactor().timerCount()).isZero();
            });
        }

        @Test
        void failAfterThrowsAnExceptionThatCarriesTheScope() throws Exception {
            run(() -> {
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .isThrownBy(() -> CancelScope.failAfter(Duration.ofMillis(1500), () -> sleep(LONG)))
                        .withMessage("timed out after 1.5 s")
                        .satisfies(e ->
                                assertThat(requireNonNull(e.scope()).expired()).isTrue());
                assertThat(CancelScope.failAfter(LONG, () -> "value")).isEqualTo("value");
            });
        }

        @Test
        void aFailureOfTheBodyComesOutTyped() throws Exception {
            run(() -> {
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> CancelScope.failAfter(LONG, () -> {
                            throw new IOException("broken");
                        }));
                assertThat(loop.reactor().timerCount()).isZero();
            });
        }

        @Test
        void aDeadlineOfZeroCancelsAtTheFirstSuspension() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(Duration.ZERO, () -> {
                    log.add("runs");
                    yieldNow();
                    log.add("not reached");
                });
                assertThat(result.cancelled()).isTrue();
                assertThat(CancelScope.moveOnAfter(Duration.ZERO, () -> "no suspension")
                                .get())
                        .isEqualTo("no suspension");
            });
            assertThat(log).containsExactly("runs");
        }

        @Test
        void theDeadlineCanBeMovedAndTakenBackWhileTheScopeIsOpen() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope().deadlineAfter(SECOND);
                var result = scope.run(() -> {
                    sleep(SECOND.dividedBy(2));
                    scope.deadlineAfter(SECOND.multipliedBy(3));
                    sleep(SECOND.multipliedBy(2));
                    scope.deadlineAfter(null);
                    sleep(LONG);
                    scope.deadlineAfter(SECOND);
                    sleep(LONG);
                });
                assertThat(result.cancelled()).isTrue();
                assertThat(scope.expired()).isTrue();
                assertThat(clock.elapsed()).isEqualTo(LONG.plus(Duration.ofMillis(3500)));
            });
        }

        @Test
        void theClockOfAScopeStartsWhenItIsEntered() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope().deadlineAfter(SECOND);
                sleep(LONG);
                scope.run(() -> sleep(LONG));
                assertThat(clock.elapsed()).isEqualTo(LONG.plus(SECOND));
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ the level

    @Nested
    class Level {

        @Test
        void everySuspensionInACancelledScopeThrowsHoweverOftenItIsCaught() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                var result = scope.run(() -> {
                    scope.cancel("enough");
                    for (int i = 0; i < 3; i++) {
                        assertThatExceptionOfType(CancelledError.class)
                                .isThrownBy(() -> sleep(LONG))
                                .withMessage("enough")
                                .satisfies(e -> assertThat(e.scope()).isSameAs(scope));
                        assertThatExceptionOfType(CancelledError.class).isThrownBy(Asyncio::yieldNow);
                        assertThatExceptionOfType(CancelledError.class)
                                .isThrownBy(() -> loop.createFuture().await());
                    }
                    return "the body may end as it likes";
                });
                assertThat(result.cancelled()).isFalse();
                assertThat(result.get()).isEqualTo("the body may end as it likes");
                assertThat(scope.cancelled()).isTrue();
                assertThat(scope.expired()).isFalse();
                yieldNow();
                assertThat(self().cancelling()).isZero();
            });
        }

        @Test
        void whatIsDoneAlreadyCanBeAwaitedInACancelledScope() throws Exception {
            run(() -> {
                Promise<String, RuntimeException> done = loop.createFuture();
                done.setResult("value");
                CancelScope scope = new CancelScope();
                scope.run(() -> {
                    scope.cancel();
                    assertThat(done.await()).isEqualTo("value");
                });
            });
        }

        @Test
        void aScopeMayBeCancelledBeforeItIsEntered() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                scope.cancel();
                var result = scope.run(() -> {
                    log.add("runs");
                    yieldNow();
                    log.add("not reached");
                });
                assertThat(result.cancelled()).isTrue();
            });
            assertThat(log).containsExactly("runs");
        }

        @Test
        void anotherTaskMayCancelIt() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                createTask(() -> {
                    sleep(SECOND);
                    scope.cancel();
                    scope.cancel("twice is once");
                });
                assertThat(scope.run(() -> sleepLogging("body")).cancelled()).isTrue();
                assertThat(clock.elapsed()).isEqualTo(SECOND);
                scope.cancel("a scope that was left");
            });
            assertThat(log).containsExactly("body cancelled");
        }

        @Test
        void aCancelBetweenWakeAndResumeWins() throws Exception {
            run(() -> {
                Promise<String, RuntimeException> promise = loop.createFuture();
                CancelScope scope = new CancelScope();
                Task<CancelScope.Result<String>, RuntimeException> task =
                        createTask(() -> scope.run(() -> promise.await()));
                yieldNow();
                promise.setResult("value");
                scope.cancel();
                assertThat(task.await().cancelled()).isTrue();
            });
        }

        @Test
        void aTaskThatIsAwaitedIsCancelledOnce() throws Exception {
            run(() -> {
                Task<?, RuntimeException> inner = createTask(() -> sleepLogging("inner"));
                var result = CancelScope.moveOnAfter(SECOND, () -> inner.await());
                assertThat(result.cancelled()).isTrue();
                assertThat(inner.cancelled()).isTrue();
                assertThat(inner.cancelling()).isEqualTo(1);
            });
            assertThat(log).containsExactly("inner cancelled");
        }

        @Test
        void theChildrenOfAGatherAreCancelled() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(
                        SECOND, () -> gather(() -> sleepLogging("one"), () -> sleepLogging("two")));
                assertThat(result.cancelled()).isTrue();
            });
            assertThat(log).containsExactly("one cancelled", "two cancelled");
        }

        @Test
        void nothingIsRepostedWhileACancelledScopeCleansUp() throws Exception {
            int[] readings = {0};
            VirtualClock virtual = new VirtualClock();
            Clock counting = new Clock() {
                @Override
                public long nanos() {
                    readings[0]++;
                    return virtual.nanos();
                }

                @Override
                public boolean jumpTo(long deadlineNanos) {
                    return virtual.jumpTo(deadlineNanos);
                }

                @Override
                public boolean virtual() {
                    return true;
                }
            };
            try (EventLoop loop = EventLoop.builder().clock(counting).build()) {
                loop.runUntilComplete(() -> {
                    CancelScope.moveOnAfter(SECOND, () -> {
                        try {
                            sleep(LONG);
                        } finally {
                            CancelScope.shielded(() -> sleep(LONG));
                        }
                    });
                });
            }
            assertThat(virtual.elapsed()).isEqualTo(LONG.plus(SECOND));
            assertThat(readings[0])
                    .as("readings of the clock, a few for each turn")
                    .isLessThan(50);
        }
    }

    // ------------------------------------------------------------------------------------------------ nesting

    @Nested
    class Nesting {

        @Test
        void aCancelOfTheOuterScopePassesThroughTheInner() throws Exception {
            run(() -> {
                CancelScope outer = new CancelScope().deadlineAfter(SECOND);
                var result = outer.run(() -> {
                    CancelScope.moveOnAfter(LONG, () -> sleepLogging("body"));
                    log.add("not reached");
                });
                assertThat(result.cancelled()).isTrue();
            });
            assertThat(log).containsExactly("body cancelled");
        }

        @Test
        void aCancelOfTheInnerScopeEndsThere() throws Exception {
            run(() -> {
                var outer = CancelScope.moveOnAfter(LONG, () -> {
                    var inner = CancelScope.moveOnAfter(SECOND, () -> sleepLogging("body"));
                    yieldNow();
                    return inner.cancelled();
                });
                assertThat(outer.get()).isTrue();
            });
        }

        @Test
        void ofTwoCancelledScopesTheOuterCounts() throws Exception {
            run(() -> {
                CancelScope outer = new CancelScope();
                CancelScope inner = new CancelScope();
                var result = outer.run(() -> {
                    inner.run(() -> {
                        inner.cancel();
                        outer.cancel();
                        sleep(LONG);
                    });
                    log.add("not reached");
                });
                assertThat(result.cancelled()).isTrue();
            });
            assertThat(log).isEmpty();
        }

        @Test
        void aShieldKeepsTheOuterCancelOutUntilItIsLeft() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(SECOND, () -> {
                    try {
                        sleep(LONG);
                    } finally {
                        CancelScope.shielded(() -> sleepLogging("clean-up"));
                        yieldNow();
                        log.add("not reached");
                    }
                });
                assertThat(result.cancelled()).isTrue();
            });
            assertThat(log).containsExactly("clean-up slept");
        }

        @Test
        void aShieldedScopeHasItsOwnDeadline() throws Exception {
            run(() -> {
                CancelScope.moveOnAfter(SECOND, () -> {
                    try {
                        sleep(LONG);
                    } finally {
                        new CancelScope().shield(true).deadlineAfter(SECOND).run(() -> sleepLogging("clean-up"));
                    }
                });
                assertThat(clock.elapsed()).isEqualTo(SECOND.multipliedBy(2));
            });
            assertThat(log).containsExactly("clean-up cancelled");
        }

        @Test
        void takingTheShieldAwayLetsInWhatHasBeenWaiting() throws Exception {
            run(() -> {
                CancelScope shield = new CancelScope().shield(true);
                CancelScope outer = new CancelScope();
                createTask(() -> {
                    outer.cancel();
                    sleep(SECOND);
                    shield.shield(false);
                });
                outer.run(() -> shield.run(() -> sleepLogging("body")));
                assertThat(clock.elapsed()).isEqualTo(SECOND);
            });
            assertThat(log).containsExactly("body cancelled");
        }
    }

    // ------------------------------------------------------------------------------------------------ with a task's
    // own cancel

    @Nested
    class BesideTheCancelOfATask {

        @Test
        void aCancelOfTheTaskPassesThroughAScope() throws Exception {
            run(() -> {
                Task<?, ?> task = createTask(() -> CancelScope.moveOnAfter(LONG, () -> sleepLogging("body")));
                yieldNow();
                task.cancel();
                assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::await);
                assertThat(task.cancelling()).isEqualTo(1);
            });
            assertThat(log).containsExactly("body cancelled");
        }

        @Test
        void ofBothTheCancelOfTheTaskWinsInEitherOrder() throws Exception {
            for (boolean scopeFirst : new boolean[] {true, false}) {
                run(() -> {
                    CancelScope scope = new CancelScope();
                    Task<?, ?> task =
                            createTask(() -> scope.run(() -> loop.createFuture().await()));
                    yieldNow();
                    if (scopeFirst) {
                        scope.cancel();
                        task.cancel();
                    } else {
                        task.cancel();
                        scope.cancel();
                    }
                    assertThatThrownBy(task::await)
                            .as("scope first: %s", scopeFirst)
                            .isInstanceOf(TaskCancelledException.class);
                });
            }
        }

        @Test
        void aCancelOfTheTaskThatTheScopesOwnCancelOvertookIsDeliveredAfterTheScope() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                Task<?, ?> task = createTask(() -> {
                    var result = scope.run(() -> sleep(LONG));
                    log.add("left, cancelled: " + result.cancelled());
                    yieldNow();
                    log.add("not reached");
                });
                yieldNow();
                scope.cancel(); // wakes the sleeper
                task.cancel(); // finds it awake
                assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            });
            assertThat(log).containsExactly("left, cancelled: true");
        }

        @Test
        void aShieldDoesNotHoldOffTheCancelOfTheTask() throws Exception {
            run(() -> {
                Task<?, ?> task = createTask(() -> CancelScope.shielded(() -> sleepLogging("body")));
                yieldNow();
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            });
            assertThat(log).containsExactly("body cancelled");
        }

        @Test
        void aTimeoutInsideAndTheScopeAroundAreToldApart() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(SECOND, () -> timeout(LONG, () -> sleepLogging("slow")));
                assertThat(result.cancelled()).isTrue();
                var inner = CancelScope.moveOnAfter(LONG, () -> {
                    assertThatExceptionOfType(AsyncTimeoutException.class)
                            .isThrownBy(() -> timeout(SECOND, () -> sleepLogging("slow")))
                            .satisfies(e -> assertThat(e.scope()).isInstanceOf(Timeout.class));
                });
                assertThat(inner.cancelled()).isFalse();
                assertThat(self().cancelling()).isZero();
            });
        }

        @Test
        void aCancelThatTheScopesOwnReplacesWhereTheBodyCleansUpGoesOn() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                Task<?, ?> task = createTask(() -> scope.run(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        log.add("cleaning up");
                        yieldNow(); // throws the scope's, and Java forgets the task's
                    }
                }));
                yieldNow();
                task.cancel("stop");
                scope.cancel();
                assertThatThrownBy(task::await)
                        .isInstanceOf(TaskCancelledException.class)
                        .hasMessageEndingWith(": stop");
                assertThat(task.cancelling()).isEqualTo(1);
            });
            assertThat(log).containsExactly("cleaning up");
        }

        @Test
        void aTimeoutAroundTheScopeIsNotForgottenWhereTheBodyCleansUp() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .isThrownBy(() -> timeout(
                                SECOND,
                                () -> scope.run(() -> {
                                    try {
                                        sleep(LONG);
                                    } finally {
                                        scope.cancel();
                                        yieldNow();
                                    }
                                })));
                assertThat(self().cancelling()).isZero();
                assertThat(CancelScope.moveOnAfter(SECOND, () -> sleep(LONG)).cancelled())
                        .isTrue();
            });
        }

        @Test
        void aCancelThatWasAnsweredAndTakenBackLeavesTheScopeItsOwn() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(SECOND, () -> {
                    self().cancel();
                    assertThatExceptionOfType(CancelledError.class).isThrownBy(Asyncio::yieldNow);
                    self().uncancel();
                    sleep(LONG);
                });
                assertThat(result.cancelled()).isTrue();
            });
        }

        @Test
        void aCancelBeforeTheScopeIsNoneOfItsBusiness() throws Exception {
            run(() -> {
                self().cancel();
                assertThatExceptionOfType(CancelledError.class).isThrownBy(Asyncio::yieldNow);
                var result = CancelScope.moveOnAfter(SECOND, () -> sleep(LONG));
                assertThat(result.cancelled()).isTrue();
                assertThat(self().cancelling()).isEqualTo(1);
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ foreign code

    @Test
    void blockingJavaIsInterruptedOnceAndItsExceptionEndsAtTheScope() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<CancelScope.Result<String>, InterruptedException> task = createTask(() -> scope.run(() -> {
                try {
                    return new ArrayBlockingQueue<String>(1).take();
                } finally {
                    log.add("interrupted flag in finally: "
                            + Thread.currentThread().isInterrupted());
                    new ArrayBlockingQueue<String>(1).offer("blocking code can be used again");
                    Thread.sleep(1); // would throw if it were interrupted again
                    log.add("cleaned up");
                }
            }));
            awaitForeign(task);
            scope.cancel();
            assertThat(task.await().cancelled()).isTrue();
            assertThat(task.cancelling()).isZero();
        });
        assertThat(log).containsExactly("interrupted flag in finally: false", "cleaned up");
    }

    @Test
    void aCancelBeforeTheScopeParksInBlockingJavaInterruptsItThere() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            var result = scope.run(() -> {
                scope.cancel();
                new ArrayBlockingQueue<String>(1).take();
            });
            assertThat(result.cancelled()).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
    }

    @Test
    void aChildThatTheScopeInterruptsInBlockingJavaIsCancelledAndHasNotFailed() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<?, ?> task = createTask(() -> {
                var result = scope.run(() -> taskGroup((TaskGroup group) -> {
                    Task<?, ?> child = group.createTask(() -> new ArrayBlockingQueue<String>(1).take());
                    awaitForeign(child);
                    scope.cancel("why");
                    Asyncio.shield(child);
                }));
                log.add("cancelled: " + result.cancelled());
            });
            task.await();
        });
        assertThat(log).containsExactly("cancelled: true");
        assertThat(reported).isEmpty();
    }

    @Test
    void aCancelOfTheTaskIsNotLostToTheInterruptOfTheScope() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<?, ?> task = createTask(() -> {
                scope.run(() -> new ArrayBlockingQueue<String>(1).take());
                yieldNow();
                log.add("not reached");
            });
            awaitForeign(task);
            scope.cancel(); // interrupts
            task.cancel(); // needs no other interrupt
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).isEmpty();
    }

    @Test
    void aCancelOfTheTaskThatInterruptsWhereTheScopeDidBeforeIsNotLost() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<?, ?> task = createTask(() -> {
                scope.run(() -> {
                    try {
                        new ArrayBlockingQueue<String>(1).take();
                    } finally {
                        log.add("cleans up");
                        new ArrayBlockingQueue<String>(1).take();
                    }
                });
                yieldNow();
                log.add("not reached");
            });
            awaitForeign(task);
            scope.cancel();
            while (log.isEmpty()) {
                yieldNow();
            }
            awaitForeign(task);
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).containsExactly("cleans up");
    }

    @Test
    void aCancelOfTheTaskThatCameByTheInterruptOfTheScopeOutlastsTheCleanUp() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<?, ?> task = createTask(() -> {
                scope.run(() -> {
                    try {
                        new ArrayBlockingQueue<String>(1).take();
                    } finally {
                        CancelScope.shielded(() -> sleep(SECOND));
                        log.add("cleaned up");
                    }
                });
                log.add("not reached");
            });
            awaitForeign(task);
            scope.cancel();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).containsExactly("cleaned up");
    }

    @Test
    void aScopeInterruptsCodeThatHasSwallowedTheInterruptOfAnother() throws Exception {
        run(() -> {
            CancelScope inner = new CancelScope();
            CancelScope outer = new CancelScope();
            Task<?, ?> task = createTask(() -> {
                var result = outer.run(() -> inner.run(() -> {
                    try {
                        new ArrayBlockingQueue<String>(1).take();
                    } catch (InterruptedException e) {
                        log.add("swallowed");
                    }
                    new ArrayBlockingQueue<String>(1).take();
                }));
                log.add("outer cancelled: " + result.cancelled());
            });
            awaitForeign(task);
            inner.cancel();
            while (log.isEmpty()) {
                yieldNow();
            }
            awaitForeign(task);
            outer.cancel();
            task.await();
        });
        assertThat(log).containsExactly("swallowed", "outer cancelled: true");
    }

    @Test
    void aScopeInterruptsCodeThatHasSwallowedTheInterruptOfATimeout() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<?, ?> task = createTask(() -> scope.run(() -> {
                try {
                    new ArrayBlockingQueue<String>(1).take();
                } catch (InterruptedException e) {
                    log.add("swallowed");
                }
                new ArrayBlockingQueue<String>(1).take();
            }));
            awaitForeign(task);
            task.cancel();
            while (log.isEmpty()) {
                yieldNow();
            }
            awaitForeign(task);
            scope.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
    }

    @Test
    void theInterruptOfAScopeIsNoCancelThatTheTaskWasTold() throws Exception {
        loop.setDebug(true);
        IOException later = new IOException("later");
        try (LogSpy spy = new LogSpy()) {
            run(() -> {
                CancelScope scope = new CancelScope();
                Task<?, IOException> task = createTask(() -> {
                    try {
                        scope.run(() -> new ArrayBlockingQueue<String>(1).take());
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    throw later;
                });
                awaitForeign(task);
                scope.cancel();
                assertThatThrownBy(task::await).isSameAs(later);
                yieldNow();
            });
            assertThat(spy.warnings("CancelledError caught")).isEmpty();
        }
        assertThat(later.getSuppressed()).isEmpty();
    }

    @Test
    void aCancelOfTheTaskAfterAScopeHasNothingToDoWithThatScope() throws Exception {
        run(() -> {
            CancelScope.moveOnAfter(SECOND, () -> sleep(LONG));
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeout(Duration.ZERO, () -> {
                        yieldNow(); // which is no wait, and remembers none
                        yieldNow();
                    }));
            assertThat(self().cancelling()).isZero();
        });
    }

    // ------------------------------------------------------------------------------------------------ what has to end
    // of itself

    @Test
    void aConditionTakesItsLockAgainInACancelledScopeAndWaitsForItOnce() throws Exception {
        run(() -> {
            AsyncLock lock = new AsyncLock();
            AsyncCondition condition = new AsyncCondition(lock);
            CancelScope scope = new CancelScope();
            Task<CancelScope.Result<@Nullable Void>, RuntimeException> task = createTask(() -> scope.run(() -> {
                try (var _ = condition.hold()) {
                    condition.await();
                } finally {
                    log.add("left at " + clock.elapsed().toSeconds() + " s");
                }
            }));
            yieldNow();
            lock.acquire();
            scope.cancel();
            sleep(SECOND);
            lock.release();
            assertThat(task.await().cancelled()).isTrue();
            assertThat(lock.locked()).isFalse();
        });
        assertThat(log).containsExactly("left at 1 s");
    }

    // ------------------------------------------------------------------------------------------------ task groups

    @Nested
    class Groups {

        @Test
        void theChildrenOfAGroupThatWasOpenedInTheScopeAreInIt() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(
                        SECOND,
                        () -> taskGroup(group -> {
                            group.createTask(() -> {
                                try {
                                    sleepLogging("child");
                                } finally {
                                    assertThatExceptionOfType(CancelledError.class)
                                            .isThrownBy(() -> sleep(LONG));
                                    log.add("still cancelled");
                                }
                            });
                            sleepLogging("body");
                        }));
                assertThat(result.cancelled()).isTrue();
                assertThat(clock.elapsed()).isEqualTo(SECOND);
            });
            assertThat(log).containsExactlyInAnyOrder("body cancelled", "child cancelled", "still cancelled");
        }

        @Test
        void aGroupWaitsForAChildThatShieldsItselfWithoutTryingOverAndOver() throws Exception {
            run(() -> {
                var result = CancelScope.moveOnAfter(
                        SECOND,
                        () -> taskGroup(group -> {
                            group.createTask(() -> {
                                try {
                                    sleep(LONG);
                                } finally {
                                    CancelScope.shielded(() -> sleepLogging("clean-up"));
                                }
                            });
                        }));
                assertThat(result.cancelled()).isTrue();
                assertThat(clock.elapsed()).isEqualTo(LONG.plus(SECOND));
            });
            assertThat(log).containsExactly("clean-up slept");
        }

        @Test
        void aScopeInsideTheGroupLeavesTheChildrenAlone() throws Exception {
            run(() -> {
                taskGroup((TaskGroup group) -> {
                    CancelScope.moveOnAfter(SECOND, () -> {
                        group.createTask(() -> sleepLogging("child"));
                        sleepLogging("body");
                    });
                });
                assertThat(clock.elapsed()).isEqualTo(LONG);
            });
            assertThat(log).containsExactly("body cancelled", "child slept");
        }

        @Test
        void aChildThatIsCreatedInACancelledScopeNeverRuns() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                scope.run(() -> taskGroup((TaskGroup group) -> {
                    scope.cancel();
                    group.createTask(logs("not reached")::run);
                }));
            });
            assertThat(log).isEmpty();
        }

        @Test
        void aCancelOfTheTaskWhileTheGroupEndsForTheScopeCountsBeforeAndReachesTheShielded() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                Task<?, ?> task = createTask(() -> {
                    scope.run(() -> taskGroup((TaskGroup group) -> {
                        group.createTask(() -> CancelScope.shielded(() -> sleepLogging("child")));
                        sleepLogging("body");
                    }));
                    log.add("not reached");
                });
                yieldNow();
                yieldNow();
                scope.cancel();
                yieldNow();
                yieldNow();
                task.cancel("why");
                assertThatExceptionOfType(TaskCancelledException.class)
                        .isThrownBy(task::await)
                        .withMessageEndingWith("why");
                assertThat(clock.elapsed()).isZero();
            });
            assertThat(log).containsExactly("body cancelled", "child cancelled");
        }

        @Test
        void anInterruptedBodyEndsTheGroupAsACancelDoes() throws Exception {
            run(() -> {
                CancelScope scope = new CancelScope();
                Task<?, ?> task = createTask(() -> {
                    var result = scope.run(() -> taskGroup((TaskGroup group) -> {
                        group.createTask(() -> sleepLogging("child"));
                        yieldNow();
                        new ArrayBlockingQueue<String>(1).take();
                    }));
                    log.add("cancelled: " + result.cancelled());
                });
                awaitForeign(task);
                scope.cancel();
                task.await();
            });
            assertThat(log).containsExactly("child cancelled", "cancelled: true");
        }
    }

    // ------------------------------------------------------------------------------------------------ misuse

    @Test
    void aScopeIsEnteredOnceAndInsideATask() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            scope.run(() -> assertThatIllegalStateException()
                    .isThrownBy(() -> scope.run(() -> {}))
                    .withMessageContaining("has already been entered"));
            assertThatIllegalStateException().isThrownBy(() -> scope.run(() -> {}));
            loop.callSoon(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> new CancelScope().run(() -> {}))
                        .withMessageContaining("inside a task");
                log.add("callback refused");
            });
            yieldNow();
        });
        assertThatIllegalStateException().isThrownBy(() -> CancelScope.moveOnAfter(SECOND, () -> {}));
        assertThat(log).containsExactly("callback refused");
    }

    @Test
    void anotherThreadMayNotCancelIt() throws Exception {
        run(() -> {
            CancelScope scope = new CancelScope();
            scope.run(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> onAnotherThread(() -> {
                            scope.cancel();
                            return null;
                        }));
            });
        });
    }
}
