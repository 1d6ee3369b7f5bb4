package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.shield;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShieldTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private <T, X extends Exception> Task<T, RuntimeException> shieldedIn(Promise<T, RuntimeException> inner) {
        Task<T, RuntimeException> outer = createTask(() -> shield(inner));
        yieldNow();
        return outer;
    }

    @Test
    @Spec("S-1")
    void theValueIsReturned() {
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            Task<String, RuntimeException> outer = shieldedIn(inner);
            inner.setResult("value");
            assertThat(outer.await()).isEqualTo("value");
        });
    }

    @Test
    @Spec("S-1")
    void theFailureIsThrown() {
        IOException failure = new IOException("typed");
        run(() -> {
            assertThatThrownBy(() -> shield(() -> {
                        yieldNow();
                        throw failure;
                    }))
                    .isSameAs(failure);
            sleep(seconds(5));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("S-1")
    void whatIsDoneTakesNoTurn() throws Exception {
        run(() -> {
            Promise<String, IOException> done = loop.createFuture();
            done.setResult("value");
            Promise<String, IOException> failed = loop.createFuture();
            failed.setException(new IOException("there"));
            loop.callSoon(logs("a turn"));
            assertThat(shield(done)).isEqualTo("value");
            assertThatThrownBy(() -> shield(failed)).hasMessage("there");
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("S-1")
    void aCancelOfTheCallerDoesNotReachWhatIsShielded() {
        run(() -> {
            Task<String, RuntimeException> inner = createTask(() -> {
                sleep(seconds(5));
                return "value";
            });
            Task<?, RuntimeException> outer = createTask(() -> {
                try {
                    shield(inner);
                } catch (CancelledError e) {
                    log.add("cancelled: " + e.getMessage());
                    throw e;
                }
            });
            sleep(seconds(1));
            outer.cancel("enough");
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(inner.cancelling()).isZero();
            assertThat(inner.await()).isEqualTo("value");
        });
        assertThat(log).containsExactly("cancelled: enough");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("S-1")
    void whatIsCancelledItselfThrowsAndIsNoCancelOfTheCaller() {
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            Task<?, RuntimeException> outer = createTask(() -> {
                assertThatThrownBy(() -> shield(inner))
                        .isInstanceOf(TaskCancelledException.class)
                        .hasMessageEndingWith(": why");
                log.add("cancelling " + currentTask().cancelling());
            });
            yieldNow();
            inner.cancel("why");
            outer.await();
        });
        assertThat(log).containsExactly("cancelling 0");
    }

    @Test
    @Spec("S-1")
    void aCoroutineBecomesATaskOfItsOwn() {
        run(() -> {
            Task<?, ?>[] shielded = new Task<?, ?>[1];
            Task<?, ?> outer = createTask(() -> shield(() -> {
                shielded[0] = currentTask();
                sleep(seconds(5));
                log.add("went on");
            }));
            sleep(seconds(1));
            assertThat(shielded[0]).isNotNull().isNotSameAs(outer);
            outer.cancel();
            yieldNow();
            assertThat(outer.cancelled()).isTrue();
            sleep(seconds(10));
            assertThat(shielded[0].cancelled()).isFalse();
        });
        assertThat(log).containsExactly("went on");
    }

    @Test
    @Spec("S-1")
    void aCancelThatComesAfterItIsDoneWinsAndTheFailureIsReported() {
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            Task<?, RuntimeException> outer = shieldedIn(inner);
            inner.setException(new IllegalStateException("nobody's"));
            yieldNow(); // the waiter is told, and is woken for the next turn
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            sleep(seconds(5));
        });
        assertThat(reportedMessages()).containsExactly("Promise exception was never retrieved");
    }

    @Test
    @Spec("S-1")
    void aCancelThatComesBeforeTheWaiterIsToldWinsToo() {
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            Task<?, RuntimeException> outer = shieldedIn(inner);
            inner.setException(new IllegalStateException("nobody's"));
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            sleep(seconds(5));
        });
        assertThat(reportedMessages()).containsExactly("Promise exception was never retrieved");
    }

    @Test
    void whatBelongsToAnotherLoopIsRefused() {
        try (EventLoop other = newEventLoop()) {
            run(() -> assertThatIllegalArgumentException()
                    .isThrownBy(() -> shield(other.<String, RuntimeException>createFuture()))
                    .withMessageContaining("belongs to a different loop"));
        }
    }

    // ------------------------------------------------------------------------------------------------ reports

    @Test
    @Spec("S-2")
    void aFailureAfterTheCallerWasCancelledIsReported() {
        IllegalStateException failure = new IllegalStateException();
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            Task<?, RuntimeException> outer = shieldedIn(inner);
            outer.cancel();
            yieldNow();
            assertThat(outer.cancelled()).isTrue();
            inner.setException(failure);
            sleep(seconds(5));
            assertThat(reported).singleElement().satisfies(context -> {
                assertThat(context.message()).isEqualTo("IllegalStateException exception in shielded future");
                assertThat(context.exception()).isSameAs(failure);
                assertThat(context.details()).containsEntry("future", inner);
            });
        });
    }

    @Test
    @Spec("S-2")
    void aValueOrACancelAfterTheCallerWasCancelledIsNot() {
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            Promise<String, RuntimeException> other = loop.createFuture();
            List.of(shieldedIn(inner), shieldedIn(other)).forEach(Task::cancel);
            yieldNow();
            inner.setResult("value");
            other.cancel();
            sleep(seconds(5));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("S-2")
    void severalWhoWereCancelledAreOneReport() {
        run(() -> {
            Promise<String, RuntimeException> inner = loop.createFuture();
            for (int i = 0; i < 3; i++) {
                shieldedIn(inner).cancel();
                yieldNow();
            }
            inner.setException(new IllegalStateException());
            sleep(seconds(5));
        });
        assertThat(reportedMessages()).containsExactly("IllegalStateException exception in shielded future");
    }

    // ------------------------------------------------------------------------------------------------ with gather

    @Test
    @Spec("S-1")
    void aShieldedGatherGoesOn() {
        run(() -> {
            Promise<String, RuntimeException> a = loop.createFuture();
            Promise<String, RuntimeException> b = loop.createFuture();
            Task<List<String>, RuntimeException> gathering = createTask(() -> gather(List.of(a, b)));
            Task<?, RuntimeException> outer = createTask(() -> shield(gathering));
            yieldNow();
            yieldNow();
            assertThat(outer.cancel()).isTrue();
            yieldNow();
            assertThat(outer.cancelled()).isTrue();
            a.setResult("a");
            b.setResult("b");
            assertThat(gathering.await()).containsExactly("a", "b");
        });
    }

    @Test
    @Spec("S-1")
    void aGatherOfShieldedOnesIsCancelledWithoutThem() {
        run(() -> {
            Promise<String, RuntimeException> a = loop.createFuture();
            Promise<String, RuntimeException> b = loop.createFuture();
            Task<?, RuntimeException> outer = createTask(() -> gather(() -> shield(a), () -> shield(b)));
            yieldNow();
            yieldNow();
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(a.done()).isFalse();
            assertThat(b.done()).isFalse();
        });
    }
}
