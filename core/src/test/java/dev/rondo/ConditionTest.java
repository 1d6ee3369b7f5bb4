package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ConditionTest extends LoopTestCase {

    private final AsyncCondition condition = new AsyncCondition();
    private int state;

    /** Starts a task that waits once, says so, and keeps the lock. */
    private Task<?, ?> keeper(String name) {
        return createTask(() -> {
            condition.acquire();
            condition.await();
            log.add(name);
        });
    }

    /** Starts a task that waits once, says so, and releases the lock. */
    private Task<?, ?> waiter(String name) {
        return createTask(() -> {
            try (var _ = condition.hold()) {
                condition.await();
                log.add(name);
            } catch (CancelledError e) {
                log.add(name + " cancelled: " + e.getMessage());
                throw e;
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ waiting

    @Test
    @Spec("K-5")
    void waitingReleasesTheLockAndASignalledWaiterTakesItAgainBeforeItGoesOn() {
        run(() -> {
            Task<?, ?> first = keeper("first");
            Task<?, ?> second = keeper("second");
            Task<?, ?> third = keeper("third");
            yieldNow();
            assertThat(log).isEmpty();
            assertThat(condition.locked()).as("all three wait").isFalse();

            condition.acquire();
            condition.signal();
            yieldNow();
            assertThat(log).as("the lock is ours").isEmpty();
            condition.release();
            yieldNow();
            assertThat(log).containsExactly("first");
            assertThat(condition.locked()).isTrue();

            condition.signal(2);
            yieldNow();
            assertThat(log).containsExactly("first");
            condition.release();
            yieldNow();
            assertThat(log).containsExactly("first", "second");
            assertThat(condition.locked()).isTrue();
            condition.release();
            yieldNow();
            assertThat(log).containsExactly("first", "second", "third");
            assertThat(first.done() && second.done() && third.done()).isTrue();
            assertThat(condition.locked()).isTrue();
        });
    }

    @Test
    @Spec("K-5")
    void withoutTheLockNothingButTakingItIsAllowed() {
        run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(condition::await)
                    .withMessageStartingWith("cannot wait on un-acquired lock");
            assertThatIllegalStateException()
                    .isThrownBy(condition::signal)
                    .withMessageStartingWith("cannot notify on un-acquired lock");
            assertThatIllegalStateException()
                    .isThrownBy(() -> condition.signal(2))
                    .withMessageStartingWith("cannot notify on un-acquired lock");
            assertThatIllegalStateException()
                    .isThrownBy(condition::signalAll)
                    .withMessageStartingWith("cannot notify on un-acquired lock");
            assertThatIllegalStateException().isThrownBy(condition::release).withMessage("Lock is not acquired.");
        });
    }

    @Test
    @Spec("K-5")
    void holdReleasesAtTheEnd() {
        run(() -> {
            assertThat(condition.locked()).isFalse();
            try (var _ = condition.hold()) {
                assertThat(condition.locked()).isTrue();
            }
            assertThat(condition.locked()).isFalse();
        });
    }

    @Test
    @Spec("K-5")
    void conditionsCanShareALock() throws Exception {
        run(() -> {
            AsyncLock lock = new AsyncLock();
            AsyncCondition one = new AsyncCondition(lock);
            AsyncCondition other = new AsyncCondition(lock);
            try (var _ = one.hold()) {
                assertThat(lock.locked() && one.locked() && other.locked()).isTrue();
            }
            try (var _ = lock.hold()) {
                assertThat(lock.locked() && one.locked() && other.locked()).isTrue();
            }
            assertThat(lock.locked() || one.locked() || other.locked()).isFalse();
            Task<?, ?> waiter = createTask(() -> {
                try (var _ = lock.hold()) {
                    one.await();
                    log.add("signalled");
                }
            });
            yieldNow();
            try (var _ = lock.hold()) {
                other.signalAll();
                yieldNow();
                assertThat(one).as("not signalled by the other").hasToString("<AsyncCondition [locked, waiters:1]>");
                one.signal();
            }
            waiter.await();
        });
        assertThat(log).containsExactly("signalled");
    }

    @Test
    @Spec("K-5")
    void atTheEndOfATimeoutTheLockIsTakenAgain() {
        run(() -> {
            try (var _ = condition.hold()) {
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .isThrownBy(() -> timeout(Duration.ofMillis(500), condition::await));
                assertThat(condition.locked()).isTrue();
            }
            assertThat(condition.locked()).isFalse();
        });
    }

    // ------------------------------------------------------------------------------------------------ a predicate

    @Test
    @Spec("K-7")
    void waitForLooksAgainAtEachSignal() {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                try (var _ = condition.hold()) {
                    condition.waitFor(() -> {
                        log.add("state " + state + (condition.locked() ? ", locked" : ""));
                        return state == 2;
                    });
                    log.add("done" + (condition.locked() ? ", locked" : ""));
                }
            });
            yieldNow();
            for (int i = 1; i <= 2; i++) {
                try (var _ = condition.hold()) {
                    state = i;
                    condition.signal();
                }
                yieldNow();
                assertThat(task.done()).isEqualTo(i == 2);
            }
        });
        assertThat(log).containsExactly("state 0, locked", "state 1, locked", "state 2, locked", "done, locked");
    }

    @Test
    @Spec("K-7")
    void whatIsTrueAlreadyNeedsNeitherLockNorTurn() {
        run(() -> {
            loop.callSoon(logs("another"));
            condition.waitFor(() -> true);
            assertThat(log).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(() -> condition.waitFor(() -> false))
                    .withMessageStartingWith("cannot wait on un-acquired lock");
        });
    }

    // ------------------------------------------------------------------------------------------------ signals

    @Test
    @Spec("K-7")
    void signalWakesAsManyAsItIsToldTo() {
        run(() -> {
            waiter("first");
            waiter("second");
            waiter("third");
            yieldNow();
            try (var _ = condition.hold()) {
                condition.signal(0);
                condition.signal(-1);
                assertThat(condition).hasToString("<AsyncCondition [locked, waiters:3]>");
                condition.signal(1);
            }
            yieldNow();
            assertThat(log).containsExactly("first");
            try (var _ = condition.hold()) {
                condition.signal(1);
                condition.signal(2048);
            }
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("first", "second", "third");
        });
    }

    @Test
    @Spec("K-7")
    void signalAllWakesAll() {
        run(() -> {
            waiter("first");
            waiter("second");
            yieldNow();
            try (var _ = condition.hold()) {
                condition.signalAll();
            }
            yieldNow();
            assertThat(log).containsExactly("first", "second");
        });
    }

    @Test
    @Spec("K-7")
    void aSignalWithNobodyThereIsNotKept() {
        run(() -> {
            try (var _ = condition.hold()) {
                condition.signal();
            }
            Task<?, ?> waiter = waiter("waiter");
            yieldNow();
            yieldNow();
            assertThat(waiter.done()).isFalse();
        });
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @Test
    @Spec("K-5")
    void aCancelledWaiterHasTheLockAgain() {
        run(() -> {
            Task<?, ?> waiter = createTask(() -> {
                condition.acquire();
                condition.await();
            });
            yieldNow();
            loop.callSoon(() -> waiter.cancel("enough"));
            yieldNow();
            yieldNow();
            assertThat(waiter.cancelled()).isTrue();
            assertThat(condition).hasToString("<AsyncCondition [locked]>");
        });
    }

    @Test
    @Spec("K-5")
    void aCancelWhileItTakesTheLockAgainIsThrownWhenItHasIt() {
        run(() -> {
            Task<?, ?> waiter = waiter("waiter");
            yieldNow();
            condition.acquire();
            condition.signal();
            yieldNow();
            waiter.cancel("foo");
            yieldNow();
            yieldNow();
            assertThat(waiter.done()).as("waits for the lock").isFalse();
            condition.release();
            yieldNow();
            assertThat(waiter.cancelled()).isTrue();
            assertThat(condition.locked()).isFalse();
        });
        assertThat(log).containsExactly("waiter cancelled: foo");
    }

    @Test
    @Spec("K-5")
    void aCancelAndTheReleaseInTheSameTurn() {
        run(() -> {
            Task<?, ?> waiter = createTask(() -> {
                condition.acquire();
                condition.await();
            });
            yieldNow();
            condition.acquire();
            condition.signal();
            loop.callSoon(waiter::cancel);
            loop.callSoon(condition::release);
            while (!waiter.done()) {
                yieldNow();
            }
            assertThat(waiter.cancelled()).isTrue();
            assertThat(condition.locked()).isTrue();
        });
    }

    @Test
    @Spec("K-5")
    @Spec("C-2")
    void aWaiterThatIsGivenTheLockAndCancelledWaitsForItAnew() {
        run(() -> {
            Task<?, ?> waiter = waiter("waiter");
            yieldNow();
            condition.acquire();
            condition.signal();
            yieldNow();
            createTask(() -> {
                try (var _ = condition.hold()) {
                    log.add("next");
                }
            });
            yieldNow();
            condition.release();
            waiter.cancel("late");
            yieldNow();
            yieldNow();
            yieldNow();
            assertThat(waiter.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("next", "waiter cancelled: late");
    }

    @Test
    @Spec("K-5")
    void ofSeveralCancelsTheLastIsThrown() {
        run(() -> {
            Task<?, ?> waiter = waiter("waiter");
            yieldNow();
            condition.acquire();
            for (String message : new String[] {"first", "second", "third"}) {
                waiter.cancel(message);
                yieldNow();
            }
            assertThat(waiter.done()).isFalse();
            condition.release();
            yieldNow();
            assertThat(waiter.cancelling()).isEqualTo(3);
        });
        assertThat(log).containsExactly("waiter cancelled: third");
    }

    @Test
    @Spec("K-5")
    void theLastCancelIsThrownAsItCame() {
        CancelledError[] thrown = new CancelledError[1];
        run(() -> {
            Task<?, ?> waiter = createTask(() -> {
                try (var _ = condition.hold()) {
                    condition.waitFor(() -> false);
                } catch (CancelledError e) {
                    thrown[0] = e;
                    throw e;
                }
            });
            yieldNow();
            waiter.cancel("foo");
            assertThatExceptionOfType(TaskCancelledException.class)
                    .isThrownBy(waiter::await)
                    .withMessageContaining("foo");
        });
        assertThat(thrown[0]).hasMessage("foo").hasNoSuppressedExceptions();
    }

    /** Starts a task that consumes one after the other until there are less than none. */
    private Task<?, ?> consumer() {
        return createTask(() -> {
            try (var _ = condition.hold()) {
                for (; ; ) {
                    condition.waitFor(() -> state != 0);
                    if (state < 0) {
                        return;
                    }
                    state--;
                }
            }
        });
    }

    @Test
    @Spec("K-6")
    @Spec("C-2")
    void aSignalToAWaiterThatIsCancelledBeforeItRunsGoesToTheNext() {
        run(() -> {
            Task<?, ?> first = consumer();
            Task<?, ?> second = consumer();
            yieldNow();
            try (var _ = condition.hold()) {
                state++;
                condition.signal();
                first.cancel();
            }
            yieldNow();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            assertThat(state).isZero();
            assertThat(second.done()).isFalse();
        });
    }

    @Test
    @Spec("K-6")
    void aSignalToAWaiterThatIsCancelledWhileItTakesTheLockGoesToTheNext() {
        run(() -> {
            Task<?, ?> first = consumer();
            Task<?, ?> second = consumer();
            yieldNow();
            try (var _ = condition.hold()) {
                state++;
                condition.signal();
                yieldNow(); // the first waits for the lock now
                first.cancel();
            }
            yieldNow();
            yieldNow();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            assertThat(state).isZero();
            assertThat(second.done()).isFalse();
        });
    }

    @Test
    @Spec("K-6")
    void aWaiterThatIsCancelledWithoutASignalWakesNobody() {
        run(() -> {
            Task<?, ?> first = waiter("first");
            Task<?, ?> second = waiter("second");
            yieldNow();
            first.cancel("no");
            yieldNow();
            yieldNow();
            yieldNow();
            assertThat(second.done()).isFalse();
        });
        assertThat(log).containsExactly("first cancelled: no");
    }

    @Test
    @Spec("C-2")
    void aCancelThatIsTakenBackBeforeTheSignalledWaiterRunsIsForgotten() {
        run(() -> {
            Task<?, ?> waiter = waiter("waiter");
            waiter("second");
            yieldNow();
            try (var _ = condition.hold()) {
                condition.signal();
                waiter.cancel();
                waiter.uncancel();
            }
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("waiter");
        });
    }

    // ------------------------------------------------------------------------------------------------ where it belongs

    @Test
    @Spec("K-5")
    void itCanBeUsedWithoutALoopAsLongAsNobodyWaits() {
        try (var _ = condition.hold()) {
            condition.signalAll();
            assertThatIllegalStateException()
                    .isThrownBy(condition::await)
                    .withMessageStartingWith("no running event loop");
            assertThat(condition.locked()).as("it was not let go").isTrue();
        }
        assertThat(condition.locked()).isFalse();
    }

    @Test
    @Spec("K-5")
    void onAnotherLoopWaitingFailsWithTheLockStillHeld() {
        run(() -> {
            waiter("waiter");
            yieldNow();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> {
                try (var _ = condition.hold()) {
                    assertThatIllegalStateException()
                            .isThrownBy(condition::await)
                            .withMessage("<AsyncCondition [locked, waiters:1]> is bound to a different event loop");
                    assertThat(condition.locked()).isTrue();
                }
            });
        }
    }

    @Test
    @Spec("K-5")
    void aConditionOfALockThatIsBoundElsewhereCannotWait() {
        AsyncLock lock = new AsyncLock();
        run(() -> {
            lock.acquire();
            Task<?, ?> waiter = createTask(lock::acquire);
            yieldNow();
            waiter.cancel();
            yieldNow();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> {
                AsyncCondition late = new AsyncCondition(lock);
                assertThatIllegalStateException()
                        .isThrownBy(late::acquire)
                        .withMessage("<AsyncLock [locked]> is bound to a different event loop");
                assertThatIllegalStateException()
                        .isThrownBy(late::await)
                        .withMessage("<AsyncLock [locked]> is bound to a different event loop");
                assertThat(lock.locked()).isTrue();
            });
        }
    }

    @Test
    void anotherThreadCannotSignalWhileTheLoopRuns() throws Exception {
        run(() -> {
            waiter("waiter");
            yieldNow();
            condition.acquire();
            onAnotherThread(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(condition::signal)
                        .withMessageContaining("loop.callSoonThreadsafe");
                return assertThatIllegalStateException().isThrownBy(condition::signalAll);
            });
            assertThat(condition).hasToString("<AsyncCondition [locked, waiters:1]>");
        });
    }

    @Test
    void aLoopThatIsClosedEndsAWaitThoughTheLockIsAnothers() throws Exception {
        CountDownLatch ended = new CountDownLatch(2);
        loop.createTask(withLock(condition::await, ended));
        loop.createTask(withLock(() -> sleep(Duration.ofHours(1)), ended));
        run(() -> {
            yieldNow();
            yieldNow();
            assertThat(condition).hasToString("<AsyncCondition [locked, waiters:1]>");
        });
        loop.close();
        ended.await(); // each of them: cancelled, and able to release
    }

    private Action<RuntimeException> withLock(Runnable body, CountDownLatch ended) {
        return () -> {
            condition.acquire();
            try {
                body.run();
            } catch (CancelledError e) {
                condition.release();
                ended.countDown();
                throw e;
            }
        };
    }

    @Test
    @Spec("K-5")
    void itSaysItsStateAndHowManyWait() {
        run(() -> {
            assertThat(condition).hasToString("<AsyncCondition [unlocked]>");
            condition.acquire();
            assertThat(condition).hasToString("<AsyncCondition [locked]>");
            condition.release();
            waiter("first");
            waiter("second");
            yieldNow();
            assertThat(condition).hasToString("<AsyncCondition [unlocked, waiters:2]>");
        });
    }
}
