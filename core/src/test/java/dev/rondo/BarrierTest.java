package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarrierTest extends LoopTestCase {

    private static final int N = 5;

    private final AsyncBarrier barrier = new AsyncBarrier(N);

    /** Starts a task that waits at the barrier and says what became of it. */
    private Task<?, ?> party(AsyncBarrier barrier, String name) {
        return createTask(
                () -> {
                    try {
                        log.add(name + ":" + barrier.await());
                    } catch (BrokenBarrierException e) {
                        log.add(name + ":broken");
                    }
                },
                name);
    }

    private List<Task<?, ?>> parties(int count) {
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(party(barrier, "abcdefgh".substring(i, i + 1)));
        }
        return tasks;
    }

    private static <X extends Exception> void runAll(int count, Action<X> body) throws Exception {
        List<Task<?, X>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(createTask(body));
        }
        for (var task : tasks) {
            task.await();
        }
    }

    // ------------------------------------------------------------------------------------------------ filling and
    // draining

    @Test
    @Spec("K-10")
    void itTakesAtLeastOneParty() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AsyncBarrier(0))
                .withMessage("parties must be > 0, and was 0");
        assertThatIllegalArgumentException().isThrownBy(() -> new AsyncBarrier(-4));
    }

    @Test
    @Spec("K-10")
    @Spec("K-12")
    void whenTheLastHasComeAllGoOnEachWithANumberOfItsOwn() {
        run(() -> {
            parties(N - 1);
            yieldNow();
            assertThat(barrier.nWaiting()).isEqualTo(N - 1);
            assertThat(log).isEmpty();
            party(barrier, "last");
            yieldNow();
            assertThat(log).as("the last does not wait").containsExactly("last:4");
            assertThat(barrier.nWaiting()).as("not filling").isZero();
            yieldNow();
            assertThat(log).containsExactly("last:4", "a:0", "b:1", "c:2", "d:3");
            assertThat(barrier.nWaiting()).isZero();
            assertThat(barrier.broken()).isFalse();
            assertThat(barrier.parties()).isEqualTo(N);
        });
    }

    @Test
    @Spec("K-10")
    void aBarrierOfOneLetsEverybodyThroughAtOnce() {
        run(() -> {
            AsyncBarrier one = new AsyncBarrier(1);
            loop.callSoon(logs("another"));
            assertThat(one.await()).isZero();
            assertThat(one.await()).isZero();
            assertThat(log).isEmpty();
            assertThat(one.nWaiting()).isZero();
            assertThat(one).hasToString("<AsyncBarrier [filling, waiters:0/1]>");
        });
    }

    @Test
    @Spec("K-12")
    void nWaitingCountsThoseWhoHaveCome() {
        run(() -> {
            for (int i = 0; i < N - 1; i++) {
                assertThat(barrier.nWaiting()).isEqualTo(i);
                party(barrier, "p");
                yieldNow();
            }
            assertThat(barrier.nWaiting()).isEqualTo(N - 1);
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:4/5]>");
        });
    }

    @Test
    @Spec("K-10")
    void itCanBeUsedAgainAndAgain() throws Exception {
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        run(() -> runAll(N, () -> {
            first.add(barrier.await());
            second.add(barrier.await());
        }));
        assertThat(first).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(second).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(barrier.nWaiting()).isZero();
        assertThat(barrier.broken()).isFalse();
    }

    @Test
    @Spec("K-10")
    void itDrainsUntilTheLastHasLeft() throws Exception {
        run(() -> runAll(N, () -> {
            barrier.await();
            log.add(barrier.toString());
        }));
        assertThat(log.subList(0, N - 1)).containsOnly("<AsyncBarrier [draining, waiters:0/5]>");
        assertThat(log.getLast()).isEqualTo("<AsyncBarrier [filling, waiters:0/5]>");
    }

    @Test
    @Spec("K-10")
    void whoComesWhileItDrainsWaitsUntilAllHaveLeft() {
        run(() -> {
            parties(N);
            Task<?, ?> early = party(barrier, "early");
            yieldNow(); // the last has gone on, and early has come before the others, which were woken, have left
            assertThat(log).containsExactly("e:4");
            assertThat(barrier).hasToString("<AsyncBarrier [draining, waiters:0/5]>");
            yieldNow();
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
            yieldNow();
            assertThat(barrier.nWaiting()).isEqualTo(1);
            assertThat(early.done()).isFalse();
            parties(N - 1);
            yieldNow();
            yieldNow();
            assertThat(early.done()).isTrue();
        });
        assertThat(log.subList(N, 2 * N)).containsExactlyInAnyOrder("early:0", "a:1", "b:2", "c:3", "d:4");
    }

    @Test
    @Spec("K-10")
    void whoIsLetInWhenItHasFilledAgainMeanwhileGoesOnWaiting() {
        AsyncBarrier two = new AsyncBarrier(2);
        run(() -> {
            createTask(() -> {
                two.await();
                log.add("a, again:" + two.await());
            });
            party(two, "b");
            Task<?, ?> outside = party(two, "outside");
            yieldNow();
            party(two, "c"); // comes after a has come again, and before the one outside runs
            yieldNow();
            assertThat(log).containsExactly("b:1", "c:1");
            assertThat(two).hasToString("<AsyncBarrier [draining, waiters:0/2]>");
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("b:1", "c:1", "a, again:0");
            assertThat(two.nWaiting()).isEqualTo(1);
            assertThat(outside.done()).isFalse();
        });
    }

    @Test
    @Spec("K-10")
    void someWaitAgainWhileTheOthersAreStillInside() throws Exception {
        AsyncBarrier rest = new AsyncBarrier(N - 2);
        int[] again = {2};
        run(() -> runAll(N, () -> {
            barrier.await();
            if (again[0] > 0) {
                again[0]--;
                barrier.await();
            } else {
                rest.await();
                barrier.await();
            }
            log.add("through");
        }));
        assertThat(log).hasSize(N);
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @Test
    @Spec("K-12")
    void aCancelledWaiterLeavesAndTheOthersWaitForOneMore() {
        AsyncBarrier three = new AsyncBarrier(3);
        run(() -> {
            Task<?, ?> a = party(three, "a");
            yieldNow();
            party(three, "b");
            yieldNow();
            assertThat(three.nWaiting()).isEqualTo(2);
            a.cancel();
            yieldNow();
            assertThat(a.cancelled()).isTrue();
            assertThat(three.nWaiting()).isEqualTo(1);
            party(three, "c");
            yieldNow();
            assertThat(three.nWaiting()).isEqualTo(2);
            assertThat(three.broken()).isFalse();
            party(three, "d");
            yieldNow();
            yieldNow();
            assertThat(three.nWaiting()).isZero();
            assertThat(three.broken()).isFalse();
        });
        assertThat(log).as("numbers of their own, all the same").containsExactlyInAnyOrder("b:1", "c:0", "d:2");
    }

    @Test
    @Spec("K-12")
    @Spec("C-2")
    void cancelledAfterTheLastHasComeItLeavesAndTheOthersGoOn() {
        run(() -> {
            List<Task<?, ?>> tasks = parties(N);
            yieldNow();
            tasks.get(0).cancel();
            tasks.get(1).cancel();
            tasks.get(1).uncancel();
            yieldNow();
            assertThat(tasks.get(0).cancelled()).isTrue();
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
        });
        assertThat(log).containsExactly("e:4", "b:1", "c:2", "d:3");
    }

    @Test
    @Spec("K-12")
    void whoIsCancelledWhileItWaitsOutsideWasNeverIn() {
        run(() -> {
            parties(N);
            yieldNow();
            barrier.reset();
            Task<?, ?> outside = createTask(barrier::await);
            outside.cancel();
            yieldNow();
            yieldNow();
            assertThat(outside.cancelled()).isTrue();
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
        });
    }

    // ------------------------------------------------------------------------------------------------ reset

    @Test
    @Spec("K-11")
    void resettingABarrierAtWhichNobodyWaitsLeavesItAsItIs() {
        run(() -> {
            barrier.reset();
            assertThat(barrier.nWaiting()).isZero();
            assertThat(barrier.broken()).isFalse();
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
        });
    }

    @Test
    @Spec("K-11")
    @Spec("D-10")
    void resetSendsAwayWhoWaitsAndFillsAnewWhenTheyHaveLeft() {
        run(() -> {
            parties(N - 1);
            yieldNow();
            barrier.reset();
            assertThat(barrier).hasToString("<AsyncBarrier [resetting, waiters:0/5]>");
            assertThat(barrier.nWaiting()).isZero();
            yieldNow();
            assertThat(log).containsExactly("a:broken", "b:broken", "c:broken", "d:broken");
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
            assertThat(barrier.broken()).isFalse();
            assertThat(BrokenBarrierException.class).isAssignableTo(IllegalStateException.class);
        });
    }

    @Test
    @Spec("K-11")
    void whoComesWhileItIsResetWaitsUntilTheOthersHaveLeft() {
        run(() -> {
            parties(N - 1);
            yieldNow();
            loop.callSoon(barrier::reset);
            party(barrier, "newcomer");
            party(barrier, "second");
            yieldNow();
            assertThat(log).isEmpty();
            assertThat(barrier).hasToString("<AsyncBarrier [resetting, waiters:0/5]>");
            yieldNow();
            assertThat(log).containsExactly("a:broken", "b:broken", "c:broken", "d:broken");
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
            yieldNow();
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:2/5]>");
            assertThat(log).hasSize(N - 1);
        });
    }

    @Test
    @Spec("K-11")
    void resetWhileItDrainsSendsAwayThoseWhoHaveNotLeft() throws Exception {
        int[] left = {0};
        run(() -> runAll(N, () -> {
            try {
                barrier.await();
                if (++left[0] == N - N / 2) {
                    barrier.reset();
                }
            } catch (BrokenBarrierException e) {
                log.add("broken");
            }
        }));
        assertThat(log).hasSize(N / 2);
        assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
    }

    @Test
    @Spec("K-11")
    void resetWhileItDrainsKeepsThoseOutsideWaiting() throws Exception {
        int blocking = N / 2;
        int[] count = {0};
        run(() -> runAll(N, () -> {
            try {
                barrier.await();
            } catch (BrokenBarrierException e) {
                log.add("sent away");
                barrier.await();
                return;
            }
            if (++count[0] > blocking) {
                barrier.reset();
            }
            try {
                barrier.await();
            } catch (BrokenBarrierException e) {
                log.add("never: it was outside");
            }
        }));
        assertThat(log).hasSize(blocking).containsOnly("sent away");
        assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
    }

    @Test
    @Spec("K-11")
    void whoWasSentAwayMayComeAgain() throws Exception {
        run(() -> {
            createTask(() -> {
                yieldNow();
                barrier.reset();
                yieldNow();
                barrier.await();
                log.add("through");
            });
            runAll(N - 1, () -> {
                try {
                    barrier.await();
                } catch (BrokenBarrierException e) {
                    log.add("sent away");
                }
                barrier.await();
                log.add("through");
            });
        });
        assertThat(log.subList(0, N - 1)).containsOnly("sent away");
        assertThat(log.subList(N - 1, log.size())).hasSize(N).containsOnly("through");
    }

    @Test
    @Spec("K-11")
    void resetByTheLastThatLeftDisturbsNobody() throws Exception {
        int[] count = {0};
        run(() -> runAll(N, () -> {
            barrier.await();
            if (++count[0] == N) {
                barrier.reset();
            }
            barrier.await();
            barrier.await();
            log.add("through");
        }));
        assertThat(log).hasSize(N);
    }

    // ------------------------------------------------------------------------------------------------ abort

    @Test
    @Spec("K-11")
    @Spec("K-12")
    @Spec("D-10")
    void abortSendsAwayWhoWaitsAndWhoComesUntilItIsReset() {
        run(() -> {
            parties(N - 1);
            yieldNow();
            barrier.abort();
            assertThat(barrier.broken()).isTrue();
            assertThat(barrier.nWaiting()).isZero();
            assertThat(barrier).hasToString("<AsyncBarrier [broken]>");
            assertThatExceptionOfType(BrokenBarrierException.class)
                    .isThrownBy(barrier::await)
                    .withMessageContaining("reset()");
            yieldNow();
            assertThat(log).containsExactly("a:broken", "b:broken", "c:broken", "d:broken");
            assertThat(barrier.broken()).as("until it is reset").isTrue();
            barrier.reset();
            assertThat(barrier.broken()).isFalse();
            parties(N);
            yieldNow();
            yieldNow();
            assertThat(log).contains("e:4", "a:0");
        });
    }

    @Test
    @Spec("K-11")
    void abortWhileItDrainsSendsAwayThoseInsideAndThoseOutside() throws Exception {
        int blocking = N / 2;
        int[] count = {0};
        run(() -> runAll(N, () -> {
            try {
                barrier.await();
            } catch (BrokenBarrierException e) {
                log.add("inside");
                return;
            }
            if (++count[0] > blocking) {
                barrier.abort();
                return;
            }
            try {
                barrier.await();
            } catch (BrokenBarrierException e) {
                log.add("outside");
            }
        }));
        assertThat(barrier.broken()).isTrue();
        assertThat(log).containsOnly("inside", "outside").hasSize(N - 1);
        assertThat(log.stream().filter("inside"::equals)).hasSize(blocking);
        assertThat(barrier).hasToString("<AsyncBarrier [broken]>");
    }

    @Test
    @Spec("K-11")
    void resetBeforeThoseWhoWereAbortedHaveLeftStillSendsThemAway() {
        run(() -> {
            parties(2);
            yieldNow();
            barrier.abort();
            barrier.reset();
            assertThat(barrier).hasToString("<AsyncBarrier [resetting, waiters:0/5]>");
            yieldNow();
            assertThat(log).containsExactly("a:broken", "b:broken");
            assertThat(barrier).hasToString("<AsyncBarrier [filling, waiters:0/5]>");
        });
    }

    @Test
    @Spec("K-11")
    void oneThatFailsMayAbortForAllAndOneMayResetWhenAllAreGone() throws Exception {
        AsyncBarrier meeting = new AsyncBarrier(N);
        run(() -> runAll(N, () -> {
            try {
                if (barrier.await() == N / 2) {
                    barrier.abort();
                    log.add("aborted");
                } else {
                    barrier.await();
                    log.add("never");
                }
            } catch (BrokenBarrierException e) {
                log.add("broken");
            }
            if (meeting.await() == N / 2) {
                barrier.reset();
            }
            meeting.await();
            barrier.await();
            log.add("through");
        }));
        assertThat(log.subList(0, N))
                .containsOnlyOnce("aborted")
                .contains("broken")
                .doesNotContain("never");
        assertThat(log.subList(N, 2 * N)).containsOnly("through");
        assertThat(barrier.broken()).isFalse();
    }

    // ------------------------------------------------------------------------------------------------ where it belongs

    @Test
    @Spec("K-10")
    void itBelongsToTheLoopOnWhichSomebodyFirstWaited() {
        AsyncBarrier free = new AsyncBarrier(1);
        assertThat(free.await()).as("without a loop").isZero();
        assertThatIllegalStateException().isThrownBy(barrier::await).withMessageContaining("inside a coroutine");
        assertThat(barrier.nWaiting()).isZero();
        run(() -> {
            party(barrier, "a");
            yieldNow();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> assertThatIllegalStateException()
                    .isThrownBy(barrier::await)
                    .withMessageContaining("is bound to a different event loop"));
        }
        assertThat(barrier.nWaiting()).isEqualTo(1);
    }

    @Test
    void anotherThreadCannotOpenItWhileTheLoopRuns() throws Exception {
        AsyncBarrier two = new AsyncBarrier(2);
        run(() -> {
            party(two, "a");
            yieldNow();
            onAnotherThread(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(two::await)
                        .withMessageContaining("loop.callSoonThreadsafe");
                assertThatIllegalStateException().isThrownBy(two::reset);
                return assertThatIllegalStateException().isThrownBy(two::abort);
            });
            assertThat(two).hasToString("<AsyncBarrier [filling, waiters:1/2]>");
        });
    }
}
