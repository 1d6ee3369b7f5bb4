package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
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
}
