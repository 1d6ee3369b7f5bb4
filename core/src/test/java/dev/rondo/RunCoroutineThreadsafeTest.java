package dev.rondo;

import static dev.rondo.Asyncio.runCoroutineThreadsafe;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What other threads start on a loop, and what they hold of it. That it is a coroutine the compiler sees to. */
class RunCoroutineThreadsafeTest extends LoopTestCase {

    @Test
    @Spec("T-18")
    void theResultIsChained() throws Exception {
        run(() -> assertThat(toThread(() -> runCoroutineThreadsafe(
                                () -> {
                                    yieldNow(); // a sleep would never end: virtual time waits for the thread
                                    return "value";
                                },
                                loop)
                        .get()))
                .isEqualTo("value"));
    }

    @Test
    @Spec("T-18")
    void theFailureIsChainedAndCountsAsSeen() throws Exception {
        IOException failure = new IOException();
        run(() -> {
            toThread(() -> assertThatThrownBy(() -> runCoroutineThreadsafe(
                                    () -> {
                                        throw failure;
                                    },
                                    loop)
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(failure));
            sleep(Duration.ofHours(1));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("T-18")
    void cancellingTheFutureCancelsTheTask() throws Exception {
        Promise<Void, RuntimeException> reached = loop.createFuture();
        run(() -> {
            CompletableFuture<Void> future = onAnotherThread(() -> runCoroutineThreadsafe(
                    () -> {
                        try {
                            loop.callSoon(() -> reached.setResult(null));
                            sleep(Duration.ofHours(1));
                        } catch (CancelledError e) {
                            log.add("cancelled");
                            throw e;
                        }
                    },
                    loop));
            reached.await();
            assertThat(onAnotherThread(() -> future.cancel(true))).isTrue();
            yieldNow();
            yieldNow();
            assertThat(future.isCancelled()).isTrue();
            assertThat(Asyncio.allTasks()).hasSize(1);
        });
        assertThat(log).containsExactly("cancelled");
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    @Spec("T-18")
    void cancellingTheTaskCancelsTheFuture() throws Exception {
        Promise<Task<?, ?>, RuntimeException> task = loop.createFuture();
        run(() -> {
            CompletableFuture<Void> future = onAnotherThread(() -> runCoroutineThreadsafe(
                    () -> {
                        task.setResult(Asyncio.currentTask());
                        sleep(Duration.ofHours(1));
                    },
                    loop));
            task.await().cancel("why");
            toThread(() -> assertThatThrownBy(future::get)
                    .isInstanceOf(CancellationException.class)
                    .cause()
                    .hasMessage("why"));
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec("T-18")
    void aTimeOutOfGetLeavesTheTaskRunning() throws Exception {
        Promise<String, RuntimeException> promise = loop.createFuture();
        run(() -> {
            CompletableFuture<String> future = onAnotherThread(() -> runCoroutineThreadsafe(promise::await, loop));
            toThread(() -> assertThatThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class));
            assertThat(Asyncio.allTasks()).hasSize(2);
            promise.setResult("value");
            assertThat(toThread(() -> future.get())).isEqualTo("value");
        });
    }

    /** Because it is closed, that is. */
    @Test
    @Spec("T-18")
    void aLoopThatCannotStartItSaysSo() throws Exception {
        CompletableFuture<Boolean> inTime = runCoroutineThreadsafe(() -> log.add("never"), loop);
        loop.close();
        assertThatThrownBy(() -> inTime.get(20, TimeUnit.SECONDS))
                .isInstanceOf(CancellationException.class)
                .cause()
                .hasMessage("the event loop is closed");
        assertThatThrownBy(() -> runCoroutineThreadsafe(() -> log.add("never"), loop))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Event loop is closed");
        assertThat(log).isEmpty();
    }

    @Test
    void whoeverWaitsWhenTheLoopClosesIsTold() throws Exception {
        CompletableFuture<Void> future = runCoroutineThreadsafe(() -> sleep(Duration.ofHours(1)), loop);
        run(Asyncio::yieldNow);
        assertThat(future.isDone()).isFalse();
        loop.close();
        assertThat(future.isCancelled()).isTrue();
        assertThat(reportedMessages()).containsExactly("Task was destroyed but it is pending!");
    }

    @Test
    void whatIsCancelledBeforeTheLoopHeardOfItNeverBegins() throws Exception {
        CompletableFuture<Boolean> future = runCoroutineThreadsafe(() -> log.add("never"), loop);
        future.cancel(true);
        run(() -> sleep(Duration.ofSeconds(1)));
        assertThat(log).isEmpty();
    }

    @Test
    void cancelWithoutInterruptOnlyLetsGo() throws Exception {
        Promise<Boolean, RuntimeException> mayEnd = loop.createFuture();
        run(() -> {
            CompletableFuture<Boolean> future =
                    onAnotherThread(() -> runCoroutineThreadsafe(() -> mayEnd.await() && log.add("ended"), loop));
            yieldNow();
            assertThat(onAnotherThread(() -> future.cancel(false))).isTrue();
            mayEnd.setResult(true);
            sleep(Duration.ofSeconds(1));
        });
        assertThat(log).containsExactly("ended");
    }

    @Test
    @Spec("X-5")
    void itRunsInACopyOfTheCallersContext() throws Exception {
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        run(() -> {
            variable.set("the loop's");
            String[] after = new String[1];
            String seen = onAnotherThread(() -> {
                variable.set("the thread's");
                CompletableFuture<String> future = runCoroutineThreadsafe(
                        () -> {
                            String value = variable.get();
                            variable.set("the task's");
                            return value;
                        },
                        loop);
                String value = future.get();
                after[0] = variable.get();
                return value;
            });
            log.add(seen);
            log.add(after[0]);
            log.add(variable.get());
        });
        assertThat(log).containsExactly("the thread's", "the thread's", "the loop's");
    }

    /** The thread waits for the loop, and the loop, in {@code onAnotherThread}, for the thread: both suspend. */
    @Test
    void aCoroutineMayWaitForSuchAFutureAsWell() throws Exception {
        run(() -> assertThat(runCoroutineThreadsafe(() -> "value", loop).get()).isEqualTo("value"));
    }

    // ------------------------------------------------------------------------------------------------ asStage

    @Test
    void aStageEndsAsItsTaskDoes() throws Exception {
        IOException failure = new IOException();
        run(() -> {
            Task<String, RuntimeException> task = Asyncio.createTask(() -> "value");
            task.asStage().thenAccept(value -> log.add(value + " on " + (RunningLoops.here() == loop)));
            var stage = task.asStage();
            assertThat(toThread(() -> stage.toCompletableFuture().get())).isEqualTo("value");

            Promise<String, IOException> failed = loop.createFuture();
            failed.setException(failure);
            assertThat(failed.asStage().toCompletableFuture().exceptionNow()).isSameAs(failure);

            Promise<String, IOException> cancelled = loop.createFuture();
            cancelled.cancel();
            assertThat(cancelled.asStage().toCompletableFuture().isCancelled()).isTrue();
            sleep(Duration.ofHours(1));
        });
        assertThat(log).containsExactly("value on true");
        assertThat(reported).isEmpty();
    }

    @Test
    void aStageThatIsCancelledCancelsItsTask() throws Exception {
        run(() -> {
            Task<?, ?> task = Asyncio.createTask(() -> sleep(Duration.ofSeconds(1)));
            yieldNow();
            task.asStage().toCompletableFuture().cancel(true);
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
    }

    @Test
    void aStageIsMadeOnTheLoop() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            assertThatThrownBy(() -> onAnotherThread(promise::asStage)).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void aStageOfAClosedLoopIsCancelled() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        loop.close();
        assertThat(promise.asStage().toCompletableFuture().isCancelled()).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ failures

    /** Notes on what kind of thread it is asked, and fails. */
    private final class BrokenFactory implements TaskFactory {
        @Override
        public <T, X extends Exception> Task<T, X> createTask(
                EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options) {
            log.add(Thread.currentThread().isVirtual() ? "in a coroutine or callback" : "on the bare thread");
            throw new IllegalArgumentException("no tasks today");
        }
    }

    @Test
    @Spec("T-18")
    void theFailureOfTheTaskFactoryIsChained() throws Exception {
        run(() -> {
            loop.setTaskFactory(new BrokenFactory());
            CompletableFuture<String> future = onAnotherThread(() -> runCoroutineThreadsafe(() -> "value", loop));
            assertThatThrownBy(() -> toThread(() -> future.get()))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessage("no tasks today");
            assertThatThrownBy(() -> runCoroutineThreadsafe(() -> "value", loop).get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessage("no tasks today");
        });
        assertThat(log).containsExactly("in a coroutine or callback", "in a coroutine or callback");
    }

    @Test
    void whatALoopHasHeardOfAndNotBegunWhenItClosesIsCancelled() throws Exception {
        loop.setTaskFactory(TaskFactory.EAGER);
        CompletableFuture<Boolean> future = runCoroutineThreadsafe(() -> log.add("never"), loop);
        loop.callSoon(() -> {
            throw new KeyboardInterrupt(); // leaves the loop before it comes to the rest of the turn
        });
        assertThatThrownBy(loop::runForever).isInstanceOf(KeyboardInterrupt.class);
        loop.close();
        assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(log).isEmpty();
    }

    @Test
    void aFailureAfterTheFutureWasLetGoOfIsReported() throws Exception {
        IOException failure = new IOException();
        Promise<String, RuntimeException> goOn = loop.createFuture();
        run(() -> {
            CompletableFuture<Void> future = runCoroutineThreadsafe(
                    () -> {
                        goOn.await();
                        throw failure;
                    },
                    loop);
            yieldNow();
            future.cancel(false);
            goOn.setResult("");
            sleep(Duration.ofHours(1));
        });
        assertThat(reported).extracting(ExceptionContext::exception).containsExactly(failure);
    }
}
