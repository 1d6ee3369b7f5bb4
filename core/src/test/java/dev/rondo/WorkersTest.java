package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The loop's pool: its end, another in its place, and work that is interrupted. */
class WorkersTest extends LoopTestCase {

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    /** Work that ends when told to. */
    private void work() throws InterruptedException {
        begun.countDown();
        mayEnd.await();
    }

    // ------------------------------------------------------------------------------------------------ the end of the
    // pool

    @Test
    @Spec("L-21")
    void shutdownWaitsForTheWorkWhileTheLoopRuns() throws Exception {
        run(() -> {
            Task<?, ?> working = createTask(() -> toThread(() -> {
                work();
                log.add("work ends");
            }));
            yieldNow();
            begun.await();
            Task<?, ?> closing = createTask(() -> {
                loop.shutdownDefaultExecutor(null);
                log.add("shut down");
            });
            awaitForeign(closing);
            log.add("the loop runs");
            assertThatThrownBy(() -> loop.runInExecutor(null, () -> log.add("never")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Executor shutdown has been called");
            mayEnd.countDown();
            closing.await();
            working.await();
        });
        assertThat(log).containsExactly("the loop runs", "work ends", "shut down");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("L-21")
    void shutdownOfAPoolThatWasNeverUsed() {
        run(() -> {
            loop.shutdownDefaultExecutor(Duration.ofSeconds(1));
            assertThatThrownBy(() -> toThread(() -> log.add("never"))).hasMessage("Executor shutdown has been called");
        });
        assertThat(log).isEmpty();
        assertThat(clock.elapsed()).isZero();
    }

    /** On real time, since virtual time stands still while a thread works. */
    @Test
    @Spec("L-21")
    void whenTheTimeIsOverThatIsReportedAndTheThreadIsLeftToItself() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (EventLoop loop = Asyncio.newEventLoop()) {
            loop.setExceptionHandler((_, context) -> reported.add(context));
            loop.runUntilComplete(() -> {
                Awaitable<?, ?> working = loop.runInExecutor(null, () -> {
                    work();
                    ended.countDown();
                    return null;
                });
                begun.await();
                loop.shutdownDefaultExecutor(Duration.ofMillis(10));
                yieldNow();
                assertThat(working.done()).isFalse();
                assertThatThrownBy(() -> loop.runInExecutor(null, () -> null))
                        .hasMessage("Executor shutdown has been called");
            });
        }
        assertThat(reportedMessages()).containsExactly("The executor did not finish joining its threads within 0.01 s");
        assertThat(reported.getFirst().details().get("threads").toString())
                .contains("rondo-worker-1\n\tat ")
                .contains("WorkersTest.work(");
        mayEnd.countDown();
        ended.await();
    }

    @Test
    void aCancelOfTheShutdownIsACancelAndNothingElse() throws Exception {
        run(() -> {
            Awaitable<?, ?> working = loop.runInExecutor(null, () -> {
                work();
                return null;
            });
            Task<?, ?> closing = createTask(() -> loop.shutdownDefaultExecutor(null));
            awaitForeign(closing);
            closing.cancel();
            assertThatThrownBy(closing::await).isInstanceOf(TaskCancelledException.class);
            assertThat(closing.cancelled()).isTrue();
            mayEnd.countDown();
            working.await();
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void anInterruptThatIsNoCancelDoesNotDisturbTheShutdown() throws Exception {
        run(() -> {
            Awaitable<?, ?> working = loop.runInExecutor(null, () -> {
                work();
                return null;
            });
            Task<?, ?> closing = createTask(() -> {
                loop.shutdownDefaultExecutor(null);
                log.add("shut down, interrupted " + Thread.interrupted());
            });
            awaitForeign(closing);
            closing.thread().interrupt();
            yieldNow();
            awaitForeign(closing);
            mayEnd.countDown();
            closing.await();
            working.await();
        });
        assertThat(log).containsExactly("shut down, interrupted true");
    }

    @Test
    void shutdownIsForCoroutines() {
        assertThatThrownBy(() -> loop.shutdownDefaultExecutor(null)).isInstanceOf(IllegalStateException.class);
    }

    /** The loop runs on while the end of a run waits for the pool, so a thread that still needs the loop gets on. */
    @Test
    void atTheEndOfARunAThreadMayStillNeedTheLoop() throws Exception {
        try (Runner runner = new Runner(() -> loop)) {
            runner.run(() -> {
                loop.runInExecutor(null, () -> {
                    work();
                    return Asyncio.runCoroutineThreadsafe(() -> log.add("the loop still runs"), loop)
                            .get();
                });
                begun.await();
                mayEnd.countDown();
            });
        }
        assertThat(log).containsExactly("the loop still runs");
    }

    // ------------------------------------------------------------------------------------------------ another pool

    /** That it is an executor at all the compiler sees to. */
    @Test
    @Spec("L-23")
    void theDefaultExecutorIsTheOneThatWasSet() {
        ExecutorService mine = Executors.newSingleThreadExecutor(
                work -> Thread.ofPlatform().name("mine").unstarted(work));
        run(() -> {
            loop.setDefaultExecutor(mine);
            assertThat(toThread(() -> Thread.currentThread().getName())).isEqualTo("mine");
            assertThat(loop.runInExecutor(null, () -> Thread.currentThread().getName())
                            .await())
                    .isEqualTo("mine");
            assertThat(mine.isShutdown()).isFalse();
        });
        loop.close();
        assertThat(mine.isShutdown()).isTrue();
    }

    @Test
    @Spec("L-22")
    void thePoolIsMadeWhenFirstUsedAndItsThreadsHaveAName() {
        run(() -> {
            assertThat(loop.workers().hasPool()).isFalse();
            assertThat(loop.runInExecutor(null, () -> Thread.currentThread().getName())
                            .await())
                    .isEqualTo("rondo-worker-1");
            assertThat(loop.workers().hasPool()).isTrue();
        });
    }

    @Test
    void aWorkerInheritsNothingFromTheCoroutineThatStartedIt() {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        run(() -> {
            local.set("the coroutine's");
            assertThat((Object) toThread(local::get)).isNull();
        });
    }

    // ------------------------------------------------------------------------------------------------ interrupts

    @Test
    @Spec("T-17")
    void aCancelCanInterruptTheThread() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                try {
                    toThread(
                            () -> {
                                try {
                                    work();
                                } finally {
                                    log.add("thread ends, interrupted");
                                }
                            },
                            OnCancel.INTERRUPT);
                } catch (CancelledError e) {
                    log.add("cancelled: " + e.getMessage());
                    throw e;
                }
            });
            yieldNow();
            begun.await();
            task.cancel("why");
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(task.cancelled()).isTrue();
            assertThat(toThread(() -> Thread.currentThread().isInterrupted()))
                    .as("the next work finds no interrupt")
                    .isFalse();
        });
        assertThat(log).containsExactly("thread ends, interrupted", "cancelled: why");
    }

    @Test
    void theCoroutineGoesOnOnlyWhenTheInterruptedWorkHasEnded() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(
                    () -> {
                        try {
                            begun.countDown();
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.countDown();
                        }
                        mayEnd.await();
                        return "value";
                    },
                    OnCancel.INTERRUPT));
            yieldNow();
            begun.await();
            task.cancel();
            interrupted.await();
            yieldNow();
            assertThat(task.done()).isFalse();
            mayEnd.countDown();
            assertThatThrownBy(task::await)
                    .as("the cancel is not lost, though the work swallowed the interrupt")
                    .isInstanceOf(TaskCancelledException.class);
        });
    }

    @Test
    void whatTheWorkThrowsInAnswerToTheInterruptIsThrown() throws Exception {
        IOException failure = new IOException("cannot clean up");
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(
                    () -> {
                        try {
                            work();
                        } catch (InterruptedException e) {
                            throw failure;
                        }
                    },
                    OnCancel.INTERRUPT));
            yieldNow();
            begun.await();
            task.cancel();
            assertThatThrownBy(task::await).isSameAs(failure);
        });
    }

    @Test
    void soItIsWhereAScopeWasCancelled() throws Exception {
        IOException failure = new IOException("cannot clean up");
        run(() -> {
            CancelScope scope = new CancelScope();
            Task<?, ?> task = createTask(() -> scope.run(() -> toThread(
                    () -> {
                        try {
                            work();
                        } catch (InterruptedException e) {
                            throw failure;
                        }
                    },
                    OnCancel.INTERRUPT)));
            yieldNow();
            begun.await();
            scope.cancel();
            assertThatThrownBy(task::await).isSameAs(failure);
        });
    }

    @Test
    void workThatHasNotBegunIsTakenBackByEitherKindOfCancel() throws Exception {
        loop.setDefaultExecutor(Executors.newSingleThreadExecutor());
        run(() -> {
            Awaitable<?, ?> busy = loop.runInExecutor(null, () -> {
                work();
                return null;
            });
            List<Task<?, ?>> waiting = new ArrayList<>();
            for (OnCancel onCancel : OnCancel.values()) {
                waiting.add(createTask(() -> toThread(() -> log.add("ran"), onCancel)));
            }
            yieldNow();
            waiting.forEach(Task::cancel);
            for (Task<?, ?> task : waiting) {
                assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            }
            mayEnd.countDown();
            busy.await();
        });
        assertThat(log).isEmpty();
    }

    @Test
    void withoutACancelWorkThatCanBeInterruptedIsLikeAnyOther() throws Exception {
        IOException failure = new IOException();
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        run(() -> {
            variable.set("mine");
            assertThat(toThread(variable::get, OnCancel.INTERRUPT)).isEqualTo("mine");
            assertThatThrownBy(() -> toThread(
                            () -> {
                                throw failure;
                            },
                            OnCancel.INTERRUPT))
                    .isSameAs(failure);
            toThread(() -> {}, OnCancel.ABANDON);
        });
    }

    @Test
    void aTimeOutInterruptsTheThread() throws Exception {
        try (EventLoop loop = Asyncio.newEventLoop()) {
            loop.runUntilComplete(() -> assertThatThrownBy(
                            () -> timeout(Duration.ofMillis(10), () -> toThread(this::work, OnCancel.INTERRUPT)))
                    .isInstanceOf(AsyncTimeoutException.class));
            loop.runUntilComplete(() -> loop.shutdownDefaultExecutor(null)); // would hang if the thread did
        }
    }

    @Test
    void whenTheLoopClosesTheThreadIsInterrupted() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        run(() -> {
            createTask(() -> toThread(
                    () -> {
                        try {
                            work();
                        } finally {
                            ended.countDown();
                        }
                    },
                    OnCancel.INTERRUPT));
            yieldNow();
            begun.await();
        });
        loop.close();
        ended.await();
    }
}
