package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.wrapFuture;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The futures of {@code java.util.concurrent}: awaited, and wrapped for a loop. */
class ForeignFuturesTest extends LoopTestCase {

    private final IOException failure = new IOException("the failure");

    /** A future of either kind that a test can end, and the two ways to have a loop wait for it. */
    enum Kind {
        STAGE,
        FUTURE;

        Source make() {
            if (this == STAGE) {
                CompletableFuture<String> stage = new CompletableFuture<>();
                return new Source(stage, stage::complete, stage::completeExceptionally);
            }
            Object[] outcome = new Object[1];
            FutureTask<String> task = new FutureTask<>(() -> {
                if (outcome[0] instanceof Exception failure) {
                    throw failure;
                }
                return (String) outcome[0];
            });
            Function<Object, Boolean> end = with -> {
                outcome[0] = with;
                task.run();
                return true;
            };
            return new Source(task, end::apply, end::apply);
        }
    }

    record Source(Future<String> future, Function<String, Boolean> complete, Function<Throwable, Boolean> fail) {}

    /** Has another thread end what a coroutine waits for, once it waits. */
    private Object whileAwaited(Source source, Callable<?> end) throws Exception {
        List<Object> outcomes = new ArrayList<>();
        run(() -> {
            Task<?, ?> waiting = createTask(() -> {
                try {
                    outcomes.add(Asyncio.await(source.future));
                } catch (CompletionException | CancellationException e) {
                    outcomes.add(e);
                }
            });
            yieldNow();
            log.add("others run");
            assertThat(waiting.done()).isFalse();
            onAnotherThread(end);
            waiting.await();
        });
        assertThat(log).containsExactly("others run");
        return outcomes.getFirst();
    }

    // ------------------------------------------------------------------------------------------------ await

    @ParameterizedTest
    @EnumSource
    void awaitReturnsTheValue(Kind kind) throws Exception {
        Source source = kind.make();
        Object value = whileAwaited(source, () -> source.complete.apply("value"));
        assertThat(value).isEqualTo("value");
    }

    @ParameterizedTest
    @EnumSource
    void awaitThrowsTheFailureAsJoinDoes(Kind kind) throws Exception {
        Source source = kind.make();
        Object thrown = whileAwaited(source, () -> source.fail.apply(failure));
        assertThat((Throwable) thrown).isInstanceOf(CompletionException.class).hasCause(failure);
    }

    @ParameterizedTest
    @EnumSource
    void awaitOfWhatSomebodyElseCancels(Kind kind) throws Exception {
        Source source = kind.make();
        Object thrown = whileAwaited(source, () -> source.future.cancel(true));
        assertThat(thrown).isInstanceOf(CancellationException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aCancelOfTheTaskCancelsWhatItAwaits(Kind kind) throws Exception {
        Source source = kind.make();
        run(() -> {
            Task<?, ?> waiting = createTask(() -> Asyncio.await(source.future));
            yieldNow();
            waiting.cancel("why");
            assertThatThrownBy(waiting::await).isInstanceOf(TaskCancelledException.class);
            assertThat(waiting.cancelled()).isTrue();
            assertThat(source.future.isCancelled()).isTrue();
            sleep(Duration.ofHours(1));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void aCancelWhileItAwaitsAStageThatNobodyMayCancelIsACancelAndNothingElse() {
        CompletableFuture<String> source = new CompletableFuture<>();
        run(() -> {
            Task<?, ?> waiting = createTask(() -> Asyncio.await(source.minimalCompletionStage()));
            yieldNow();
            waiting.cancel();
            assertThatThrownBy(waiting::await).isInstanceOf(TaskCancelledException.class);
            source.complete("too late");
            sleep(Duration.ofHours(1));
        });
        assertThat(reported).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void awaitOfWhatIsDoneLetsNobodyElseRun(Kind kind) {
        Source source = kind.make();
        source.complete.apply("value");
        run(() -> {
            loop.callSoon(logs("another turn"));
            log.add(Asyncio.await(source.future));
        });
        assertThat(log.getFirst()).isEqualTo("value");
    }

    @Test
    void awaitTakesAStageAFutureAndWhatIsBoth() {
        CompletableFuture<String> both = CompletableFuture.completedFuture("value");
        Future<String> future = both;
        run(() -> {
            assertThat(Asyncio.await(both)).isEqualTo("value");
            assertThat(Asyncio.await(future)).isEqualTo("value");
            assertThat(Asyncio.await(both.minimalCompletionStage())).isEqualTo("value");
            assertThat(Asyncio.await(both.thenApply(String::length))).isEqualTo(5);
            assertThat(wrapFuture(both, loop).await()).isEqualTo("value");
            assertThat(wrapFuture(future, loop).await()).isEqualTo("value");
            assertThat(wrapFuture(both.minimalCompletionStage(), loop).await()).isEqualTo("value");
        });
    }

    @Test
    void awaitOutsideACoroutineSaysWhatToDo() {
        assertThatThrownBy(() -> Asyncio.await(new CompletableFuture<>()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Asyncio.run(");
    }

    @ParameterizedTest
    @EnumSource
    void virtualTimeStandsStillWhileAnotherThreadIsToCompleteIt(Kind kind) {
        Thread loopThread = Thread.currentThread();
        Source source = kind.make();
        run(() -> {
            createTask(() -> sleep(Duration.ofHours(5)));
            Task<String, RuntimeException> waiting = createTask(() -> Asyncio.await(source.future));
            yieldNow();
            Thread.ofPlatform().start(() -> {
                while (loopThread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                source.complete.apply(clock.elapsed().toString());
            });
            assertThat(waiting.await()).isEqualTo("PT0S");
            sleep(Duration.ofSeconds(1));
            assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(1));
        });
    }

    // ------------------------------------------------------------------------------------------------ wrapFuture

    @ParameterizedTest
    @EnumSource
    @Spec("F-12")
    @Spec("F-13")
    void aWrappedFutureEndsAsTheFutureDoes(Kind kind) throws Exception {
        Source succeeds = kind.make();
        Source fails = kind.make();
        Source cancelled = kind.make();
        run(() -> {
            Awaitable<String, RuntimeException> value = wrapFuture(succeeds.future, loop);
            assertThat(value.loop()).isSameAs(loop);
            assertThat(value.done()).isFalse();
            onAnotherThread(() -> succeeds.complete.apply("value"));
            assertThat(value.await()).isEqualTo("value");

            Awaitable<String, RuntimeException> failed = wrapFuture(fails.future, loop);
            onAnotherThread(() -> fails.fail.apply(failure));
            assertThatThrownBy(failed::await)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);

            Awaitable<String, RuntimeException> gone = wrapFuture(cancelled.future, loop);
            onAnotherThread(() -> cancelled.future.cancel(true));
            assertThatThrownBy(gone::await).isInstanceOf(TaskCancelledException.class);
            assertThat(gone.cancelled()).isTrue();
        });
        assertThat(reported).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @Spec("F-13")
    void cancellingTheWrapperCancelsTheFuture(Kind kind) {
        Source source = kind.make();
        run(() -> {
            Awaitable<String, RuntimeException> wrapper = wrapFuture(source.future, loop);
            wrapper.cancel();
            yieldNow();
            assertThat(source.future.isCancelled()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("F-13")
    void whatComesAfterTheLoopHasClosedIsDropped(Kind kind) throws Exception {
        Source source = kind.make();
        Source failing = kind.make();
        List<Awaitable<?, ?>> wrappers = new ArrayList<>();
        run(() -> {
            wrappers.add(wrapFuture(source.future, loop));
            wrappers.add(wrapFuture(failing.future, loop));
            yieldNow();
        });
        loop.close();
        source.complete.apply("value");
        failing.fail.apply(failure);
        untilStragglersAreIdle();
        assertThat(wrappers).noneMatch(Awaitable::done);
        assertThat(reported).isEmpty();
    }

    private static void untilStragglersAreIdle() throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            CountDownLatch reached = new CountDownLatch(1);
            Stragglers.run(reached::countDown);
            reached.await();
        }
    }

    /** Completed by the loop's own code the promise is done at once; by another thread, once the loop hears of it. */
    @Test
    @Spec("F-13")
    void whereTheLoopItselfCompletesTheFutureTheWrapperIsDoneAtOnce() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        run(() -> {
            Awaitable<String, RuntimeException> wrapper = wrapFuture(stage, loop);
            stage.complete("value");
            assertThat(wrapper.done()).isTrue();
        });
    }

    @Test
    void aStageOfOneLoopIsAwaitedInAnother() throws Exception {
        run(() -> {
            String value = onAnotherThread(() -> Asyncio.run(
                    () -> Asyncio.await(Asyncio.runCoroutineThreadsafe(() -> "from the other loop", loop))));
            assertThat(value).isEqualTo("from the other loop");
        });
    }

    @Test
    void virtualTimeGoesOnForAStageOfTheSameLoop() {
        run(() -> {
            Task<?, ?> task = createTask(() -> sleep(Duration.ofHours(5)));
            Asyncio.await(task.asStage());
        });
        assertThat(clock.elapsed()).isEqualTo(Duration.ofHours(5));
    }

    @ParameterizedTest
    @EnumSource
    void whoeverAwaitsWhenTheLoopClosesIsCancelled(Kind kind) throws Exception {
        CountDownLatch ended = new CountDownLatch(2);
        Action<RuntimeException> awaits = () -> {
            try {
                Asyncio.await(kind.make().future);
            } catch (CancelledError e) {
                ended.countDown();
            }
        };
        run(() -> {
            createTask(awaits);
            loop.callSoon(awaits::run);
            yieldNow();
            yieldNow();
        });
        loop.close();
        ended.await();
    }
}
