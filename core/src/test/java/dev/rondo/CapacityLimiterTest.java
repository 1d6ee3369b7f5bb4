package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapacityLimiterTest extends LoopTestCase {

    private final CapacityLimiter limiter = new CapacityLimiter(2);

    /** Starts a task that borrows a token, says so, and has it for ten seconds. */
    private Task<?, ?> borrower(String name) {
        return createTask(
                () -> {
                    try (var _ = limiter.hold()) {
                        log.add(name);
                        sleep(Duration.ofSeconds(10));
                    }
                },
                name);
    }

    @Test
    void asManyTasksAsThereAreTokensRunAtATime() throws Exception {
        Action<RuntimeException> work = () -> {
            try (var _ = limiter.hold()) {
                sleep(Duration.ofSeconds(1));
            }
        };
        run(() -> gather(work, work, work, work, work));
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(3));
        assertThat(limiter.borrowedTokens()).isZero();
    }

    @Test
    void aFreeTokenIsBorrowedWithoutLettingOthersRun() {
        run(() -> {
            loop.callSoon(logs("another"));
            limiter.acquire();
            assertThat(limiter.borrowedTokens()).isEqualTo(1);
            assertThat(limiter.availableTokens()).isEqualTo(1);
            limiter.release();
            assertThat(limiter.borrowedTokens()).isZero();
            assertThat(log).isEmpty();
        });
    }

    @Test
    void whoCameFirstIsServedFirst() {
        run(() -> {
            for (String name : List.of("1", "2", "3", "4")) {
                borrower(name);
            }
            sleep(Duration.ofSeconds(15));
        });
        assertThat(log).containsExactly("1", "2", "3", "4");
    }

    @Test
    void theSameTaskTwiceIsAnErrorInsteadOfADeadlock() {
        run(() -> {
            limiter.acquire();
            assertThatIllegalStateException()
                    .isThrownBy(limiter::acquire)
                    .withMessageContaining(currentTask().toString())
                    .withMessageContaining("<CapacityLimiter [borrowed:1/2]>")
                    .withMessageContaining("release that first");
            assertThatIllegalStateException().isThrownBy(limiter::hold);
            limiter.release();
            limiter.acquire();
        });
    }

    @Test
    void onlyWhoBorrowedCanGiveBack() throws Exception {
        run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(limiter::release)
                    .withMessageContaining("has no token of <CapacityLimiter [borrowed:0/2]>");
            limiter.acquire();
            createTask(() -> {
                        assertThatIllegalStateException().isThrownBy(limiter::release);
                    })
                    .await();
            assertThat(limiter.borrowedTokens()).isEqualTo(1);
        });
    }

    @Test
    void aHoldGivesBackItsOwnTokenWhoeverClosesIt() throws Exception {
        run(() -> {
            Hold hold = limiter.hold();
            createTask(() -> {
                        limiter.acquire();
                        hold.close();
                        hold.close();
                        assertThat(limiter.borrowedTokens()).isEqualTo(1);
                        limiter.release();
                    })
                    .await();
            assertThat(limiter.borrowedTokens()).isZero();
        });
    }

    @Test
    void onlyTasksBorrow() throws Exception {
        run(() -> {
            loop.callSoon(() -> {
                assertThatIllegalStateException().isThrownBy(limiter::acquire).withMessageContaining("only a task");
                log.add("refused");
            });
            yieldNow();
        });
        assertThat(log).containsExactly("refused");
        assertThatIllegalStateException().isThrownBy(limiter::acquire).withMessageContaining("no running event loop");
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @Test
    void aCancelledWaiterHasNoTokenAndTheNextGoesOn() {
        run(() -> {
            borrower("1");
            borrower("2");
            Task<?, ?> third = borrower("3");
            borrower("4");
            yieldNow();
            assertThat(limiter).hasToString("<CapacityLimiter [borrowed:2/2, waiters:2]>");
            third.cancel();
            yieldNow();
            assertThat(limiter).hasToString("<CapacityLimiter [borrowed:2/2, waiters:1]>");
            sleep(Duration.ofSeconds(15));
            assertThat(log).containsExactly("1", "2", "4");
        });
    }

    @Test
    void aTokenMeantForACancelledTaskGoesToTheNextUnlessTheCancelIsTakenBack() {
        run(() -> {
            limiter.totalTokens(1);
            limiter.acquire();
            Task<?, ?> first = borrower("first");
            Task<?, ?> second = borrower("second");
            borrower("third");
            yieldNow();
            limiter.release();
            assertThat(limiter.availableTokens()).as("meant for the first").isZero();
            first.cancel();
            yieldNow();
            second.cancel();
            second.uncancel();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            assertThat(limiter).hasToString("<CapacityLimiter [borrowed:1/1, waiters:1]>");
        });
        assertThat(log).containsExactly("second");
    }

    // ------------------------------------------------------------------------------------------------ the total

    @Test
    void raisingTheTotalLetsInThoseWhoWait() {
        run(() -> {
            for (String name : List.of("1", "2", "3", "4", "5")) {
                borrower(name);
            }
            yieldNow();
            assertThat(log).hasSize(2);
            limiter.totalTokens(4);
            yieldNow();
            assertThat(log).containsExactly("1", "2", "3", "4");
            assertThat(limiter.totalTokens()).isEqualTo(4);
        });
    }

    @Test
    void loweringTheTotalTakesNothingAwayAndLetsNobodyInUntilThereIsRoom() {
        run(() -> {
            Task<?, ?> first = borrower("1");
            Task<?, ?> second = borrower("2");
            borrower("3");
            yieldNow();
            limiter.totalTokens(1);
            assertThat(limiter.borrowedTokens()).isEqualTo(2);
            assertThat(limiter.availableTokens()).isZero();
            first.cancel();
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("1", "2");
            second.cancel();
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("1", "2", "3");
        });
    }

    @Test
    void thereIsAtLeastOneToken() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CapacityLimiter(0))
                .withMessageContaining("was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.totalTokens(-1))
                .withMessageContaining("was -1");
        assertThat(limiter.totalTokens()).isEqualTo(2);
    }

    // ------------------------------------------------------------------------------------------------ where it belongs

    @Test
    void theOnesThatMustGoOnForAWaitToEndAreTheBorrowers() {
        run(() -> {
            Task<?, ?> first = borrower("1");
            Task<?, ?> second = borrower("2");
            Task<?, ?> third = borrower("3");
            yieldNow();
            assertThat(third.strand().waitingFor().wakers().stream().map(Task::name))
                    .containsExactlyInAnyOrder(first.name(), second.name());
        });
    }

    @Test
    void itBelongsToTheLoopOnWhichSomebodyFirstWaited() {
        run(() -> {
            borrower("1");
            borrower("2");
            borrower("3");
            yieldNow();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> assertThatIllegalStateException()
                    .isThrownBy(limiter::acquire)
                    .withMessageContaining("is bound to a different event loop"));
        }
    }

    @Test
    void anotherThreadCannotChangeTheTotalWhileTheLoopRuns() throws Exception {
        run(() -> {
            borrower("1");
            borrower("2");
            borrower("3");
            yieldNow();
            onAnotherThread(() -> assertThatIllegalStateException()
                    .isThrownBy(() -> limiter.totalTokens(5))
                    .withMessageContaining("loop.callSoonThreadsafe"));
            assertThat(limiter.totalTokens()).isEqualTo(2);
        });
    }
}
