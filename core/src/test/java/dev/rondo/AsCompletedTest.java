package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class AsCompletedTest extends LoopTestCase {

    private Task<Integer, RuntimeException> after(int seconds) {
        return createTask(() -> {
            sleep(Duration.ofSeconds(seconds));
            return seconds;
        });
    }

    @Test
    @Spec("AC-1")
    void theOriginalsComeInTheOrderInWhichTheyAreDone() {
        run(() -> {
            var tasks = List.of(after(3), after(1), after(2));
            for (Task<Integer, RuntimeException> task : asCompleted(tasks)) {
                assertThat(tasks).contains(task);
                assertThat(task.done()).isTrue();
                log.add(task.result() + " at " + clock.elapsed().toSeconds());
            }
        });
        assertThat(log).containsExactly("1 at 1", "2 at 2", "3 at 3");
    }

    @Test
    @Spec("AC-1")
    void duplicatesCollapse() {
        run(() -> {
            Task<Integer, RuntimeException> task = after(1);
            assertThat(asCompleted(List.of(task, task))).containsExactly(task);
        });
    }

    @Test
    @Spec("AC-1")
    void whatIsDoneAlreadyComesFirst() {
        run(() -> {
            Promise<Integer, RuntimeException> pending = loop.createFuture();
            Promise<Integer, RuntimeException> done = loop.createFuture();
            done.setResult(1);
            loop.callLater(Duration.ofSeconds(1), () -> pending.setResult(2));
            assertThat(asCompleted(List.of(pending, done))).containsExactly(done, pending);
        });
    }

    @Test
    @Spec("AC-3")
    void theConsumerAwaitsAllThatAreLeft() {
        run(() -> {
            var one = after(1);
            var two = after(2);
            Task<?, RuntimeException> consumer = createTask(() -> {
                for (var _ : asCompleted(List.of(one, two))) {
                    log.add("one more");
                }
            });
            yieldNow();
            assertThat(awaitedBy(consumer)).containsExactly(one, two);
            one.await();
            yieldNow();
            yieldNow();
            assertThat(awaitedBy(consumer)).containsExactly(two);
            consumer.await();
        });
        assertThat(log).containsExactly("one more", "one more");
    }

    private static List<Awaitable<?, ?>> awaitedBy(Task<?, ?> task) {
        return List.copyOf(requireNonNull(task.strand().waitingFor()).awaited());
    }

    @Test
    void ofNothingThereIsNothing() {
        run(() -> {
            Iterator<Task<?, ?>> none = asCompleted(List.<Task<?, ?>>of()).iterator();
            assertThat(none.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(none::next);
        });
    }

    @Test
    void eachFailureIsThrownByItsOwnAwait() {
        run(() -> {
            Task<?, RuntimeException> failing = createTask(() -> {
                throw new IllegalStateException("mine");
            });
            for (Task<?, RuntimeException> task : asCompleted(List.of(failing, after(1)))) {
                try {
                    log.add("value " + task.await());
                } catch (IllegalStateException e) {
                    log.add(e.getMessage());
                }
            }
        });
        assertThat(log).containsExactly("mine", "value 1");
    }

    @Test
    @Spec("AC-2")
    void afterTheTimeoutEachOneLeftThrowsAndNoneIsCancelled() {
        run(() -> {
            var tasks = List.of(after(1), after(5), after(6));
            Iterator<Task<Integer, RuntimeException>> completed =
                    asCompleted(tasks, Duration.ofSeconds(2)).iterator();
            assertThat(completed.next().result()).isEqualTo(1);
            assertThatExceptionOfType(AsyncTimeoutException.class).isThrownBy(completed::next);
            assertThat(completed.hasNext()).isTrue();
            assertThatExceptionOfType(AsyncTimeoutException.class).isThrownBy(completed::next);
            assertThat(completed.hasNext()).isFalse();
            assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(2));
            assertThat(tasks.get(2).await()).isEqualTo(6);
        });
    }

    @Test
    @Spec("AC-2")
    void aTimeoutThatIsNotNeededLeavesNoTimer() {
        run(() -> {
            for (var task : asCompleted(List.of(after(1)), Duration.ofHours(1))) {
                assertThat(task.await()).isEqualTo(1);
            }
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    void aTimeoutLeavesNothingBehindAtWhatGoesOn() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> asCompleted(List.of(promise), Duration.ofSeconds(1))
                            .iterator()
                            .next());
            assertThat(promise.hasCallbacks()).isFalse();
        });
    }

    @Test
    void aCancelledConsumerLeavesTheTasksAlone() {
        run(() -> {
            Task<Integer, RuntimeException> task = after(1);
            Task<?, ?> consumer =
                    createTask(() -> asCompleted(List.of(task)).iterator().next());
            yieldNow();
            consumer.cancel();
            assertThatThrownBy(consumer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(consumer.cancelled()).isTrue();
            assertThat(task.await()).isEqualTo(1);
        });
    }

    @Test
    void aCancelBetweenWakeUpAndResumptionLosesNoTask() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Iterator<Promise<String, RuntimeException>> completed =
                    asCompleted(List.of(promise)).iterator();
            Task<?, ?> consumer = createTask(completed::next);
            yieldNow();
            promise.setResult("kept");
            yieldNow();
            consumer.cancel();
            assertThatThrownBy(consumer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(completed.next().result()).isEqualTo("kept");
        });
    }

    @Test
    void itCanBeIteratedOnce() {
        run(() -> {
            Iterable<Task<Integer, RuntimeException>> completed = asCompleted(List.of(after(1)));
            assertThat(completed.iterator()).toIterable().hasSize(1);
            assertThatIllegalStateException().isThrownBy(completed::iterator);
        });
    }

    @Test
    void twoConsumersAreOneTooMany() throws Exception {
        run(() -> {
            Iterator<Task<Integer, RuntimeException>> completed =
                    asCompleted(List.of(after(1), after(2))).iterator();
            Task<?, ?> first = createTask(completed::next);
            Task<?, ?> second = createTask(completed::next);
            assertThatThrownBy(second::await)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another coroutine");
            first.await();
        });
    }

    @Test
    void noSecondConsumerTakesWhatTheFirstWasWokenFor() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Iterator<Promise<String, RuntimeException>> completed =
                    asCompleted(List.of(promise)).iterator();
            Task<?, ?> first = createTask(completed::next);
            yieldNow();
            promise.setResult("the first's");
            yieldNow(); // which is woken now, and yet to run
            assertThatIllegalStateException().isThrownBy(completed::next).withMessageContaining("another coroutine");
            assertThat(first.await()).isSameAs(promise);
        });
    }

    @Test
    void whatBelongsToAnotherLoopIsRefused() {
        try (EventLoop other = newEventLoop()) {
            run(() -> assertThatIllegalArgumentException()
                    .isThrownBy(() -> asCompleted(List.of(other.<String, RuntimeException>createFuture()))));
        }
    }
}
