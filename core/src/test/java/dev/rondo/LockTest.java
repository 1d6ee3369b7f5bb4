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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockTest extends LoopTestCase {

    private final AsyncLock lock = new AsyncLock();

    /** Starts a task that takes the lock, says so, and keeps it. */
    private Task<?, ?> taker(String name) {
        return createTask(
                () -> {
                    try {
                        lock.acquire();
                    } catch (CancelledError e) {
                        log.add(name + " cancelled");
                        throw e;
                    }
                    log.add(name);
                },
                name);
    }

    // ------------------------------------------------------------------------------------------------ taking turns

    @Test
    @Spec("K-1")
    void aFreeLockIsTakenWithoutLettingOthersRun() {
        run(() -> {
            loop.callSoon(logs("another"));
            lock.acquire();
            assertThat(lock.locked()).isTrue();
            lock.release();
            assertThat(lock.locked()).isFalse();
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("K-1")
    @Spec("K-2")
    void eachReleaseLetsOneInAndTheFirstThatCameFirst() {
        run(() -> {
            lock.acquire();
            Task<?, ?> first = taker("first");
            Task<?, ?> second = taker("second");
            yieldNow();
            assertThat(log).isEmpty();
            lock.release();
            yieldNow();
            assertThat(log).containsExactly("first");
            yieldNow();
            assertThat(log).containsExactly("first");
            Task<?, ?> third = taker("third");
            lock.release();
            yieldNow();
            assertThat(log).containsExactly("first", "second");
            lock.release();
            yieldNow();
            assertThat(log).containsExactly("first", "second", "third");
            assertThat(List.of(first.done(), second.done(), third.done())).containsOnly(true);
            assertThat(lock.locked()).isTrue();
        });
    }

    @Test
    @Spec("K-1")
    void aNewcomerDoesNotOvertakeOneThatIsWoken() {
        run(() -> {
            lock.acquire();
            for (int i = 0; i < 3; i++) {
                String name = "" + i;
                createTask(() -> {
                    lock.acquire();
                    log.add(name);
                    lock.release();
                });
            }
            yieldNow();
            lock.release();
            assertThat(lock.locked())
                    .as("free, but meant for the one that was woken")
                    .isFalse();
            lock.acquire();
            log.add("late");
        });
        assertThat(log).containsExactly("0", "1", "2", "late");
    }

    @Test
    @Spec("K-2")
    void releasingALockThatIsFreeFails() {
        run(() -> {
            assertThatIllegalStateException().isThrownBy(lock::release).withMessage("Lock is not acquired.");
            lock.acquire();
            lock.release();
            assertThatIllegalStateException().isThrownBy(lock::release);
            lock.acquire();
            taker("waiter");
            yieldNow();
            lock.release();
            assertThatIllegalStateException()
                    .as("free until the one that was woken runs")
                    .isThrownBy(lock::release);
        });
    }

    @Test
    @Spec("K-2")
    void anyTaskMayRelease() throws Exception {
        run(() -> {
            lock.acquire();
            createTask(lock::release).await();
            assertThat(lock.locked()).isFalse();
        });
    }

    @Test
    @Spec("K-3")
    void holdReleasesHoweverTheBlockEnds() {
        run(() -> {
            try (var _ = lock.hold()) {
                assertThat(lock.locked()).isTrue();
            }
            assertThat(lock.locked()).isFalse();
            assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> {
                try (var _ = lock.hold()) {
                    throw new ArithmeticException();
                }
            });
            assertThat(lock.locked()).isFalse();
        });
    }

    @Test
    @Spec("K-3")
    void holdWaitsItsTurnAndACancelledHoldHasNothingToRelease() {
        run(() -> {
            lock.acquire();
            Task<?, ?> holder = createTask(() -> {
                try (var _ = lock.hold()) {
                    log.add("never");
                }
            });
            yieldNow();
            holder.cancel();
            yieldNow();
            assertThat(holder.cancelled()).isTrue();
            assertThat(lock.locked()).as("still ours").isTrue();
        });
        assertThat(log).isEmpty();
    }

    @Test
    void aHoldIsReleasedOnce() {
        run(() -> {
            Hold early = lock.hold();
            early.close();
            lock.acquire();
            early.close();
            assertThat(lock.locked()).as("another's by now").isTrue();
        });
    }

    @Test
    void callbacksMayWaitForItToo() {
        run(() -> {
            lock.acquire();
            loop.callSoon(() -> {
                lock.acquire();
                log.add("callback");
            });
            yieldNow();
            log.add("release");
            lock.release();
            yieldNow();
        });
        assertThat(log).containsExactly("release", "callback");
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @Test
    @Spec("K-3")
    void aCancelledWaiterLeavesTheQueue() {
        run(() -> {
            lock.acquire();
            Task<?, ?> waiter = taker("waiter");
            loop.callSoon(waiter::cancel);
            yieldNow();
            yieldNow();
            assertThat(waiter.cancelled()).isTrue();
            assertThat(lock).hasToString("<AsyncLock [locked]>");
            lock.release();
            loop.callSoon(logs("another"));
            lock.acquire();
            assertThat(log).as("nobody to wait for").containsExactly("waiter cancelled");
        });
    }

    @Test
    @Spec("K-3")
    @Spec("C-2")
    void aLockReleasedToACancelledWaiterGoesToTheNext() {
        run(() -> {
            lock.acquire();
            Task<?, ?> first = taker("first");
            Task<?, ?> second = taker("second");
            yieldNow();
            lock.release();
            first.cancel();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            yieldNow();
            assertThat(second.done()).isTrue();
        });
        assertThat(log).containsExactly("first cancelled", "second");
    }

    @Test
    @Spec("K-3")
    void aWaiterCancelledBeforeTheReleaseIsSkipped() {
        run(() -> {
            lock.acquire();
            Task<?, ?> first = taker("first");
            Task<?, ?> second = taker("second");
            yieldNow();
            first.cancel();
            lock.release();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            assertThat(second.done()).isTrue();
            assertThat(lock.locked()).isTrue();
        });
        assertThat(log).containsExactly("first cancelled", "second");
    }

    @Test
    @Spec("K-3")
    @Spec("C-2")
    void aCancelThatIsTakenBackBeforeTheWokenWaiterRunsLeavesItTheLock() {
        run(() -> {
            lock.acquire();
            Task<?, ?> first = taker("first");
            taker("second");
            yieldNow();
            lock.release();
            first.cancel();
            assertThat(first.uncancel()).isZero();
            yieldNow();
            assertThat(first.done()).isTrue();
            assertThat(first.cancelled()).isFalse();
            yieldNow();
        });
        assertThat(log).containsExactly("first");
    }

    @Test
    @Spec("C-2")
    void aCancelThatIsTakenBackAfterItReachedTheWaitIsThrownAllTheSame() {
        run(() -> {
            lock.acquire();
            Task<?, ?> first = taker("first");
            taker("second");
            yieldNow();
            first.cancel();
            assertThat(first.uncancel()).isZero();
            lock.release();
            yieldNow();
        });
        assertThat(log).containsExactly("first cancelled", "second");
    }

    @Test
    @Spec("K-3")
    void theHolderEndsAndTheNextIsCancelledInTheSameTurn() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> blocker = loop.createFuture();
            Task<?, ?> a = createTask(() -> {
                try (var _ = lock.hold()) {
                    blocker.await();
                }
            });
            yieldNow();
            Task<?, ?> b = taker("b");
            Task<?, ?> c = createTask(() -> {
                try (var _ = lock.hold()) {
                    log.add("c");
                }
            });
            yieldNow();
            blocker.setResult("go on");
            b.cancel();
            yieldNow();
            assertThat(lock.locked()).isFalse();
            assertThat(a.done()).isTrue();
            assertThat(b.cancelled()).isTrue();
            c.await();
        });
        assertThat(log).containsExactly("b cancelled", "c");
    }

    @Test
    @Spec("K-3")
    void twoNeverHaveItAfterACancelAndARelease() {
        run(() -> {
            lock.acquire();
            Task<?, ?> first = taker("first");
            Task<?, ?> second = taker("second");
            Task<?, ?> third = taker("third");
            yieldNow();
            loop.callSoon(() -> {
                first.cancel();
                lock.release();
            });
            while (!first.done()) {
                yieldNow();
            }
            assertThat(second.done()).isTrue();
            assertThat(third.done()).isFalse();
            third.cancel();
            yieldNow();
            assertThat(third.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("first cancelled", "second", "third cancelled");
    }

    @Test
    @Spec("K-3")
    void aLongLineOfWokenAndCancelledLosesNothing() {
        run(() -> {
            lock.acquire();
            List<Task<?, ?>> line = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                line.add(taker("" + i));
            }
            yieldNow();
            lock.release();
            for (Task<?, ?> task : line.subList(0, 9)) {
                task.cancel();
                yieldNow(); // it runs, cancelled, and wakes the next
            }
            yieldNow();
            assertThat(line.getLast().done()).isTrue();
        });
        assertThat(log).hasSize(10).endsWith("9");
    }

    @Test
    void aTimeoutWhileWaitingLeavesTheLockToOthers() throws Exception {
        run(() -> {
            Task<?, ?> holder = createTask(() -> {
                try (var _ = lock.hold()) {
                    sleep(Duration.ofSeconds(10));
                }
            });
            yieldNow();
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeout(Duration.ofSeconds(1), lock::acquire));
            holder.await();
            assertThat(lock).hasToString("<AsyncLock [unlocked]>");
        });
    }

    // ------------------------------------------------------------------------------------------------ where it belongs

    @Test
    @Spec("K-1")
    void itCanBeUsedWithoutALoopAndOnSeveralAsLongAsNobodyWaits() {
        lock.acquire();
        assertThat(lock.locked()).isTrue();
        lock.release();
        run(() -> {
            lock.acquire();
            lock.release();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(lock::acquire);
        }
        assertThatIllegalStateException()
                .isThrownBy(lock::acquire)
                .withMessageContaining("<AsyncLock [locked]>")
                .withMessageContaining("only inside a coroutine");
    }

    @Test
    @Spec("K-1")
    void itBelongsToTheLoopOnWhichSomebodyFirstWaited() {
        run(() -> {
            lock.acquire();
            Task<?, ?> waiter = taker("waiter");
            yieldNow();
            waiter.cancel();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> assertThatIllegalStateException()
                    .isThrownBy(lock::acquire)
                    .withMessage("<AsyncLock [locked]> is bound to a different event loop"));
        }
        assertThat(log).containsExactly("waiter cancelled");
    }

    @Test
    void anotherThreadCannotReleaseItWhileTheLoopRuns() throws Exception {
        run(() -> {
            lock.acquire();
            taker("waiter");
            yieldNow();
            onAnotherThread(() -> assertThatIllegalStateException()
                    .isThrownBy(lock::release)
                    .withMessageContaining("loop.callSoonThreadsafe"));
            assertThat(lock).hasToString("<AsyncLock [locked, waiters:1]>");
        });
    }

    @Test
    void theOneThatMustGoOnForAWaitToEndIsTheOwner() throws Exception {
        run(() -> {
            Task<?, ?> owner = createTask(() -> {
                lock.acquire();
                yieldNow();
                yieldNow();
            });
            Task<?, ?> waiter = taker("waiter");
            yieldNow();
            assertThat(wakers(waiter)).isEqualTo(List.of(owner));
            owner.await();
            assertThat(wakers(waiter)).as("it has ended: another may release").isNull();
        });
    }

    private static Object wakers(Task<?, ?> task) {
        return task.strand().waitingFor().wakers();
    }

    @Test
    @Spec("K-1")
    void itSaysItsStateAndHowManyWait() {
        run(() -> {
            assertThat(lock).hasToString("<AsyncLock [unlocked]>");
            lock.acquire();
            assertThat(lock).hasToString("<AsyncLock [locked]>");
            taker("first");
            taker("second");
            yieldNow();
            assertThat(lock).hasToString("<AsyncLock [locked, waiters:2]>");
            lock.release();
            assertThat(lock).as("one is woken and has not run").hasToString("<AsyncLock [unlocked, waiters:2]>");
            yieldNow();
            assertThat(lock).hasToString("<AsyncLock [locked, waiters:1]>");
        });
    }
}
