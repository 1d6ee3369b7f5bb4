package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SemaphoreTest extends LoopTestCase {

    /** Starts a task that takes one, says so, and keeps it. */
    private Task<?, ?> taker(AsyncSemaphore semaphore, String name) {
        return createTask(
                () -> {
                    semaphore.acquire();
                    log.add(name);
                },
                name);
    }

    // ------------------------------------------------------------------------------------------------ counting

    @Test
    @Spec("K-8")
    void asManyAsItsValueComeInWithoutLettingOthersRun() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(2);
            loop.callSoon(logs("another"));
            semaphore.acquire();
            assertThat(semaphore.locked()).isFalse();
            semaphore.acquire();
            assertThat(semaphore.locked()).isTrue();
            assertThat(log).isEmpty();
            semaphore.release();
            assertThat(semaphore.locked()).isFalse();
        });
    }

    @Test
    @Spec("K-8")
    void theValueIsOneUnlessGivenAndNotNegative() {
        assertThat(new AsyncSemaphore()).hasToString("<AsyncSemaphore [unlocked, value:1]>");
        assertThat(new AsyncSemaphore(0).locked()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AsyncSemaphore(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> new AsyncBoundedSemaphore(-1));
    }

    @Test
    @Spec("K-8")
    void whoComesWhenThereIsNoneWaitsForARelease() throws Exception {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(3);
            semaphore.acquire();
            semaphore.acquire();
            taker(semaphore, "1");
            taker(semaphore, "2");
            taker(semaphore, "3");
            yieldNow();
            assertThat(log).containsExactly("1");
            assertThat(semaphore).hasToString("<AsyncSemaphore [locked, waiters:2]>");
            Task<?, ?> fourth = taker(semaphore, "4");
            semaphore.release();
            semaphore.release();
            assertThat(semaphore.free()).as("both are meant for who waited").isZero();
            yieldNow();
            assertThat(log).containsExactly("1", "2", "3");
            assertThat(semaphore).hasToString("<AsyncSemaphore [locked, waiters:1]>");
            semaphore.release();
            fourth.await();
        });
    }

    @Test
    @Spec("K-8")
    void holdReleasesAtTheEnd() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore();
            try (var _ = semaphore.hold()) {
                assertThat(semaphore.locked()).isTrue();
            }
            assertThat(semaphore.locked()).isFalse();
        });
    }

    @Test
    void atMostItsValueRunAtATime() throws Exception {
        AsyncSemaphore semaphore = new AsyncSemaphore(2);
        Action<RuntimeException> work = () -> {
            try (var _ = semaphore.hold()) {
                sleep(Duration.ofSeconds(1));
            }
        };
        run(() -> gather(work, work, work, work, work));
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(3));
    }

    // ------------------------------------------------------------------------------------------------ order

    @Test
    @Spec("K-8")
    void nobodyStealsWhatWasReleasedForAWaiter() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(0);
            taker(semaphore, "waiter");
            yieldNow();
            semaphore.release();
            assertThat(semaphore.locked()).as("a waiter lives").isTrue();
            taker(semaphore, "newcomer");
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("waiter");
            assertThat(semaphore).hasToString("<AsyncSemaphore [locked, waiters:1]>");
        });
    }

    @Test
    @Spec("K-8")
    void theyTakeTurns() throws Exception {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);
        run(() -> gather(() -> twice(semaphore, "a"), () -> twice(semaphore, "b"), () -> twice(semaphore, "c")));
        assertThat(log).containsExactly("a 1", "b 1", "c 1", "a 2", "b 2", "c 2");
    }

    private void twice(AsyncSemaphore semaphore, String name) {
        for (int i = 1; i <= 2; i++) {
            semaphore.acquire();
            log.add(name + " " + i);
            sleep(Duration.ofMillis(10));
            semaphore.release();
        }
    }

    @Test
    @Spec("K-8")
    void whoReleasesAndAcquiresStandsAtTheEnd() throws Exception {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(1);
            taker(semaphore, "1");
            createTask(() -> {
                semaphore.acquire();
                log.add("2");
                semaphore.release();
                semaphore.acquire();
                log.add("4");
            });
            Task<?, ?> third = taker(semaphore, "3");
            yieldNow();
            semaphore.release();
            semaphore.release();
            third.await();
            yieldNow();
        });
        assertThat(log).containsExactly("1", "2", "3", "4");
    }

    @Test
    @Spec("K-8")
    void whoCameLaterGoesAfterTheWokenThoughThereIsEnough() {
        AsyncSemaphore semaphore = new AsyncSemaphore(0);
        run(() -> {
            createTask(() -> {
                semaphore.acquire();
                assertThat(semaphore.free()).as("the others have been woken").isZero();
                createTask(() -> log.add("4"));
                log.add("1");
            });
            createTask(() -> {
                semaphore.release();
                semaphore.release();
                semaphore.release();
                assertThat(semaphore.free()).isEqualTo(2);
                assertThat(semaphore.locked()).as("the first has not run yet").isTrue();
                semaphore.acquire();
                log.add("2");
            });
            createTask(() -> {
                semaphore.acquire();
                assertThat(semaphore.locked()).isTrue();
                log.add("3");
            });
            yieldNow();
            assertThat(semaphore.free()).isEqualTo(2);
            assertThat(semaphore).hasToString("<AsyncSemaphore [locked, waiters:3]>");
            yieldNow();
            yieldNow();
        });
        assertThat(log).containsExactly("1", "2", "3", "4");
        assertThat(reported).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @Test
    @Spec("K-8")
    void aCancelledWaiterLeavesTheQueue() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore();
            semaphore.acquire();
            Task<?, ?> waiter = taker(semaphore, "waiter");
            loop.callSoon(waiter::cancel);
            yieldNow();
            yieldNow();
            assertThat(waiter.cancelled()).isTrue();
            assertThat(semaphore).hasToString("<AsyncSemaphore [locked]>");
            semaphore.release();
            assertThat(semaphore.locked()).isFalse();
        });
    }

    @Test
    @Spec("K-8")
    void cancelledBeforeTheReleaseTheyAreSkipped() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(0);
            Task<?, ?> first = taker(semaphore, "1");
            Task<?, ?> second = taker(semaphore, "2");
            taker(semaphore, "3");
            Task<?, ?> fourth = taker(semaphore, "4");
            yieldNow();
            first.cancel();
            second.cancel();
            semaphore.release();
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("3");
            assertThat(semaphore.locked()).isTrue();
            assertThat(fourth.done()).isFalse();
        });
    }

    @Test
    @Spec("K-8")
    @Spec("C-2")
    void cancelledAfterTheReleaseTheyHandItOn() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(0);
            Task<?, ?> first = taker(semaphore, "1");
            Task<?, ?> second = taker(semaphore, "2");
            Task<?, ?> third = taker(semaphore, "3");
            yieldNow();
            semaphore.release();
            semaphore.release();
            first.cancel();
            second.cancel();
            yieldNow();
            assertThat(first.cancelled() && second.cancelled()).isTrue();
            yieldNow();
            assertThat(third.done()).isTrue();
            assertThat(semaphore)
                    .as("two were released, one was used")
                    .hasToString("<AsyncSemaphore [unlocked, value:1]>");
        });
        assertThat(log).containsExactly("3");
    }

    @Test
    @Spec("C-2")
    void aCancelThatIsTakenBackBeforeTheWokenWaiterRunsChangesNothing() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(0);
            Task<?, ?> waiter = taker(semaphore, "waiter");
            yieldNow();
            semaphore.release();
            waiter.cancel();
            waiter.uncancel();
            yieldNow();
            assertThat(semaphore).hasToString("<AsyncSemaphore [locked]>");
        });
        assertThat(log).containsExactly("waiter");
    }

    @Test
    @Spec("K-8")
    void afterACancelOfTheFirstTheOthersGoInOrder() {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(0);
            Task<?, ?> first = taker(semaphore, "1");
            taker(semaphore, "2");
            taker(semaphore, "3");
            yieldNow();
            first.cancel();
            yieldNow();
            semaphore.release();
            semaphore.release();
            yieldNow();
        });
        assertThat(log).containsExactly("2", "3");
    }

    @Test
    @Spec("K-8")
    void aWaiterCancelledByTheHolderDoesNotKeepIt() throws Exception {
        run(() -> {
            AsyncSemaphore semaphore = new AsyncSemaphore(1);
            Task<?, ?>[] second = new Task<?, ?>[1];
            Task<?, ?> first = createTask(() -> {
                try (var _ = semaphore.hold()) {
                    yieldNow();
                }
                second[0].cancel();
            });
            second[0] = createTask(() -> {
                try (var _ = semaphore.hold()) {
                    log.add("never");
                }
            });
            first.await();
            yieldNow();
            assertThat(second[0].cancelled()).isTrue();
            semaphore.acquire();
        });
        assertThat(log).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ the bound

    @Test
    @Spec("K-9")
    void aBoundedSemaphoreIsNotReleasedAboveItsInitialValue() {
        AsyncBoundedSemaphore semaphore = new AsyncBoundedSemaphore(2);
        assertThatIllegalArgumentException()
                .isThrownBy(semaphore::release)
                .withMessageContaining("BoundedSemaphore released too many times");
        semaphore.acquire();
        semaphore.release();
        assertThatIllegalArgumentException().isThrownBy(semaphore::release);
        assertThat(semaphore).hasToString("<AsyncBoundedSemaphore [unlocked, value:2]>");
        assertThatIllegalArgumentException().isThrownBy(() -> new AsyncBoundedSemaphore().release());

        AsyncSemaphore unbounded = new AsyncSemaphore(2);
        unbounded.release();
        assertThat(unbounded).hasToString("<AsyncSemaphore [unlocked, value:3]>");
    }

    @Test
    @Spec("K-9")
    void holdingABoundedSemaphoreChecksTheBoundToo() {
        run(() -> {
            AsyncBoundedSemaphore semaphore = new AsyncBoundedSemaphore();
            Hold hold = semaphore.hold();
            semaphore.release();
            assertThatIllegalArgumentException().isThrownBy(hold::close);
        });
    }

    // ------------------------------------------------------------------------------------------------ where it belongs

    @Test
    @Spec("K-8")
    void itBelongsToTheLoopOnWhichSomebodyFirstWaited() {
        AsyncSemaphore semaphore = new AsyncSemaphore();
        semaphore.acquire();
        assertThatIllegalStateException().isThrownBy(semaphore::acquire).withMessageContaining("inside a coroutine");
        run(() -> {
            taker(semaphore, "waiter");
            yieldNow();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> assertThatIllegalStateException()
                    .isThrownBy(semaphore::acquire)
                    .withMessageContaining("is bound to a different event loop"));
        }
    }

    @Test
    void anotherThreadCannotReleaseItWhileTheLoopRuns() throws Exception {
        AsyncSemaphore semaphore = new AsyncBoundedSemaphore();
        run(() -> {
            semaphore.acquire();
            taker(semaphore, "waiter");
            yieldNow();
            onAnotherThread(() -> assertThatIllegalStateException()
                    .isThrownBy(semaphore::release)
                    .withMessageContaining("loop.callSoonThreadsafe"));
            assertThat(semaphore).hasToString("<AsyncBoundedSemaphore [locked, waiters:1]>");
        });
    }
}
