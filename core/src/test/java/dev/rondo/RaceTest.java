package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.firstSuccess;
import static dev.rondo.Asyncio.race;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RaceTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private <T> Coroutine<T, RuntimeException> after(int seconds, T value) {
        return () -> {
            try {
                sleep(seconds(seconds));
            } catch (CancelledError e) {
                sleep(seconds(1));
                log.add(value + " ends");
                throw e;
            }
            return value;
        };
    }

    private static Coroutine<String, IOException> failsAfter(int seconds, String message) {
        return () -> {
            sleep(seconds(seconds));
            throw new IOException(message);
        };
    }

    private static Coroutine<String, IOException> failsOnTheWayOut(String message) {
        return () -> {
            try {
                sleep(Duration.ofHours(1));
                return "slept";
            } finally {
                throw new IOException(message);
            }
        };
    }

    /** As all that has been started has ended when a race returns, so has it when the test does. */
    @AfterEach
    void nothingIsLeft() {
        run(() -> assertThat(allTasks()).hasSize(1));
    }

    // ------------------------------------------------------------------------------------------------ race

    @Test
    void theFirstValueWinsAndTheOthersHaveEnded() throws Exception {
        run(() -> {
            assertThat(race(after(3, "slow"), after(1, "quick"), failsAfter(2, "never")))
                    .isEqualTo("quick");
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
            assertThat(requireNonNull(currentTask()).cancelling()).isZero();
            yieldNow();
        });
        assertThat(log).containsExactly("slow ends");
    }

    @Test
    void theFirstFailureWinsToo() {
        run(() -> {
            assertThatThrownBy(() -> race(after(3, "slow"), failsAfter(1, "quick"), failsOnTheWayOut("on the way out")))
                    .isInstanceOf(IOException.class)
                    .hasMessage("quick")
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .extracting(Throwable::getMessage)
                            .isEqualTo("on the way out"));
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("slow ends");
        assertThat(reported).isEmpty();
    }

    @Test
    void aLoserThatFailsBesideAValueIsReported() throws Exception {
        run(() -> {
            assertThat(race(after(1, "value"), failsOnTheWayOut("on the way out")))
                    .isEqualTo("value");
            assertThat(requireNonNull(currentTask()).cancelling()).isZero();
            yieldNow();
        });
        assertThat(reportedMessages()).containsExactly("a coroutine that lost a race has failed");
        assertThat(reported.getFirst().exception()).hasMessage("on the way out");
    }

    @Test
    void oneThatIsCancelledFirstLosesItForAll() {
        run(() -> {
            assertThatExceptionOfType(TaskCancelledException.class)
                    .isThrownBy(() -> race(
                            () -> {
                                requireNonNull(currentTask()).cancel("gave up");
                                return "lost";
                            },
                            after(1, "other")))
                    .withMessageEndingWith(": gave up");
        });
        assertThat(log).containsExactly("other ends");
    }

    @Test
    void actionsAndCollectionsRaceToo() throws Exception {
        run(() -> {
            race(() -> sleep(seconds(1)), () -> sleep(seconds(2)));
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(race(List.of(after(1, "a"), after(9, "b")))).isEqualTo("a");
            assertThatIllegalArgumentException().isThrownBy(() -> race(List.<Coroutine<String, RuntimeException>>of()));
            assertThat(race(() -> null, after(1, "b"))).isNull();
        });
    }

    @Test
    void aCancelCancelsAll() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> race(after(3, "a"), after(4, "b")));
            sleep(seconds(1));
            outer.cancel("why");
            assertThatThrownBy(outer::await).hasMessageEndingWith(": why");
            assertThat(outer.cancelled()).isTrue();
            Task<?, ?> failing = createTask(() -> race(after(3, "a"), failsOnTheWayOut("on the way out")));
            sleep(seconds(1));
            failing.cancel();
            assertThatThrownBy(failing::await).isInstanceOf(IOException.class).hasMessage("on the way out");
        });
        assertThat(log).containsExactly("a ends", "b ends", "a ends");
    }

    @Test
    void aCancelWhileTheLosersEndGoesOn() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> race(after(1, "quick"), after(9, "slow")));
            sleep(Duration.ofMillis(1500));
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("slow ends");
    }

    @Test
    void aKeyboardInterruptGoesBeforeTheWinner() {
        assertThatExceptionOfType(KeyboardInterrupt.class)
                .isThrownBy(() -> run(() -> {
                    race(after(5, "slow"), () -> {
                        throw new KeyboardInterrupt();
                    });
                }));
        assertThatExceptionOfType(KeyboardInterrupt.class).isThrownBy(() -> {
            loop.callLater(seconds(10), loop::stop);
            loop.runForever();
        });
    }

    // ------------------------------------------------------------------------------------------------ first success

    @Test
    void theFirstValueWinsOverFailures() {
        run(() -> {
            assertThat(firstSuccess(failsAfter(1, "one"), after(2, "value"), after(9, "slow")))
                    .isEqualTo("value");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(requireNonNull(currentTask()).cancelling()).isZero();
            assertThat(firstSuccess(List.of(failsAfter(1, "one"), after(2, "value"))))
                    .isEqualTo("value");
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("slow ends");
        assertThat(reported).isEmpty();
    }

    @Test
    void whereAllHaveFailedAllFailuresAreThrown() {
        run(() -> {
            TaskGroupException failure = assertThatExceptionOfType(TaskGroupException.class)
                    .isThrownBy(() -> firstSuccess(failsAfter(2, "two"), failsAfter(1, "one"), () -> {
                        requireNonNull(currentTask()).cancel("gave up");
                        return "";
                    }))
                    .actual();
            assertThat(failure).hasMessage("none of the coroutines has succeeded (3 sub-exceptions)");
            assertThat(failure.causes().get(0)).isInstanceOf(TaskCancelledException.class);
            assertThat(failure.causes().get(1)).hasMessage("one");
            assertThat(failure.causes().get(2)).hasMessage("two");
            assertThat(failure.getCause()).hasMessage("one");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> firstSuccess(List.<Coroutine<String, RuntimeException>>of()));
        });
    }

    @Test
    void whatFailsAfterTheWinnerIsReported() {
        run(() -> {
            assertThat(firstSuccess(failsAfter(0, "before"), after(1, "value"), failsOnTheWayOut("after")))
                    .isEqualTo("value");
            yieldNow();
        });
        assertThat(reported)
                .singleElement()
                .satisfies(context -> assertThat(context.exception()).hasMessage("after"));
    }

    @Test
    void aCancelCancelsAllThatTry() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> firstSuccess(failsAfter(0, "before"), after(3, "a")));
            sleep(seconds(1));
            outer.cancel();
            assertThatExceptionOfType(TaskGroupException.class)
                    .as("a failure and a cancel: the failure is thrown")
                    .isThrownBy(outer::await);
            Task<?, ?> other = createTask(() -> firstSuccess(after(4, "b"), after(3, "c")));
            sleep(seconds(1));
            other.cancel();
            assertThatThrownBy(other::await).isInstanceOf(TaskCancelledException.class);
            assertThat(other.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("a ends", "b ends", "c ends");
    }
}
