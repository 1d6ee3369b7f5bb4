package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskTest extends LoopTestCase {

    @Test
    @Spec("T-1")
    void withoutARunningLoopThereIsNoTask() {
        assertThatIllegalStateException()
                .isThrownBy(() -> createTask(() -> 1))
                .withMessageContaining("no running event loop");
    }

    @Test
    @Spec("T-1")
    void tasksBeginInTheNextTurnInTheOrderOfTheirCreation() {
        run(() -> {
            for (int i = 0; i < 3; i++) {
                createTask(logs("task " + i)::run);
            }
            log.add("created");
            yieldNow();
        });
        assertThat(log).containsExactly("created", "task 0", "task 1", "task 2");
    }

    @Test
    void betweenTwoSuspensionsNothingElseRuns() {
        int[] counter = {0};
        run(() -> {
            List<Task<?, RuntimeException>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                tasks.add(createTask(() -> {
                    for (int k = 0; k < 100; k++) {
                        int before = counter[0];
                        Thread.onSpinWait();
                        counter[0] = before + 1;
                        yieldNow();
                    }
                }));
            }
            for (Task<?, RuntimeException> task : tasks) {
                task.await();
            }
        });
        assertThat(counter[0]).isEqualTo(10_000);
    }

    @Test
    @Spec("T-2")
    @Spec("T-11")
    void theCurrentTaskIsTheOneThatRuns() {
        List<Task<?, ?>> seen = new ArrayList<>();
        List<Task<?, ?>> tasks = new ArrayList<>();
        run(() -> {
            for (int i = 0; i < 2; i++) {
                tasks.add(createTask(() -> {
                    seen.add(currentTask());
                    yieldNow();
                    seen.add(currentTask());
                }));
            }
            loop.callSoon(() -> log.add("in a callback: " + currentTask()));
            yieldNow();
            yieldNow();
        });
        assertThat(seen).containsExactly(tasks.get(0), tasks.get(1), tasks.get(0), tasks.get(1));
        assertThat(log).containsExactly("in a callback: null");
        assertThatIllegalStateException().isThrownBy(Asyncio::currentTask);
    }

    @Test
    @Spec("T-2")
    void theResultOrTheFailureEndsATaskAndItsCallbacksRunATurnLater() throws IOException {
        IOException failure = new IOException();
        run(() -> {
            Task<String, RuntimeException> returns = createTask(() -> "value");
            Task<String, IOException> fails = createTask(() -> {
                loop.callSoon(() -> log.add("a turn after the steps"));
                throw failure;
            });
            returns.addDoneCallback(done -> log.add("callback of " + done.result()));
            fails.addDoneCallback(done -> log.add("callback of a failure"));
            assertThat(returns.done()).isFalse();
            yieldNow();
            assertThat(returns.result()).isEqualTo("value");
            assertThat(fails.exception()).isSameAs(failure);
            assertThat(log).as("in the turn of the steps").isEmpty();
            yieldNow();
        });
        assertThat(log).containsExactly("callback of value", "a turn after the steps", "callback of a failure");
    }

    @Test
    @Spec("T-12")
    void anyThreadMayAskALoopForItsTasks() throws Exception {
        run(() -> {
            Task<?, ?> sleeper = createTask(() -> sleep(Duration.ofHours(1)));
            assertThat(toThread(() -> allTasks(loop))).containsExactly(currentTask(), sleeper);
            assertThat(allTasks(loop)).containsExactly(currentTask(), sleeper);
            try (EventLoop other = newEventLoop()) {
                assertThat(allTasks(other)).isEmpty();
            }
        });
        assertThat(allTasks(loop)).singleElement().isNotNull();
        assertThat(onAnotherThread(() -> allTasks(loop))).hasSize(1);
    }

    @Test
    @Spec("T-12")
    void whoeverAsksALoopThatStopsIsAnsweredAllTheSame() throws Exception {
        FutureTask<Set<Task<?, ?>>> answer = new FutureTask<>(() -> allTasks(loop));
        loop.createTask(() -> sleep(Duration.ofHours(1)));
        loop.callSoon(() -> {
            Thread.ofPlatform().start(answer);
            loop.stop();
        });
        loop.runForever();
        assertThat(answer.get()).hasSize(1);
    }

    @Test
    @Spec("T-12")
    void allTasksAreThoseThatAreNotDone() {
        run(() -> {
            Task<?, ?> sleeper = createTask(() -> sleep(Duration.ofHours(1)));
            Task<?, ?> quick = createTask(() -> {});
            assertThat(allTasks()).containsExactly(currentTask(), sleeper, quick);
            yieldNow();
            assertThat(allTasks()).containsExactly(currentTask(), sleeper);
            sleeper.cancel();
        });
        assertThatIllegalStateException().isThrownBy(Asyncio::allTasks);
    }

    @Test
    void aTaskThatNobodyHoldsGoesOn() {
        run(() -> {
            createTask(() -> {
                sleep(Duration.ofSeconds(1));
                log.add("done");
            });
            yieldNow();
            System.gc();
            sleep(Duration.ofSeconds(2));
        });
        assertThat(log).containsExactly("done");
    }

    @Test
    @Spec("T-4")
    void aTaskCannotAwaitItself() {
        run(() -> assertThatIllegalStateException()
                .isThrownBy(() -> currentTask().await())
                .withMessageContaining("Task cannot await on itself"));
    }

    @Test
    @Spec("T-3")
    void aTaskOfAnotherLoopCannotBeAwaited() {
        try (EventLoop other = newEventLoop()) {
            Task<?, ?> others = other.createTask(() -> 1);
            run(() -> assertThatIllegalStateException()
                    .isThrownBy(others::await)
                    .withMessageContaining("Task")
                    .withMessageContaining("got " + others)
                    .withMessageContaining("attached to a different loop"));
        }
    }

    @Test
    void awaitThrowsTheFailureUnderItsOwnType() {
        IOException failure = new IOException("typed");
        run(() -> {
            Task<String, IOException> task = createTask(() -> {
                throw failure;
            });
            try {
                task.await();
            } catch (IOException e) {
                log.add(e.getMessage());
            }
            assertThat(task.exception()).isSameAs(failure);
            assertThatThrownBy(task::result).isSameAs(failure);
        });
        assertThat(log).containsExactly("typed");
    }

    @Test
    void aThrowableOfNoUsualKindTravelsToo() {
        Throwable odd = new Throwable("odd");
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> TaskTest.<RuntimeException>throwAny(odd));
            assertThatThrownBy(task::await).isSameAs(odd);
        });
    }

    @Test
    void aRecursionTooDeepFailsItsTaskAndNothingElse() {
        run(() -> {
            Task<?, RuntimeException> runaway = createTask(() -> recurse(0));
            Task<?, RuntimeException> other = createTask(() -> log.add("the other"));
            assertThatThrownBy(runaway::await).isInstanceOf(StackOverflowError.class);
            other.await();
        });
        assertThat(log).containsExactly("the other");
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwAny(Throwable throwable) throws X {
        throw (X) throwable;
    }

    @Test
    @Spec("T-7")
    void aTaskHasANameOfItsOwn() {
        run(() -> {
            Task<?, ?> first = createTask(() -> 1);
            Task<?, ?> second = createTask(() -> 1);
            assertThat(number(second)).isEqualTo(number(first) + 1);
            Task<?, ?> named = createTask(() -> sleep(Duration.ofHours(1)), "mine");
            assertThat(named.name()).isEqualTo("mine");
            named.name("renamed");
            assertThat(named.toString()).startsWith("<Task pending name='renamed' coro=<dev.rondo.TaskTest.lambda>");
            named.cancel();
            assertThat(named.toString()).startsWith("<Task cancelling");
        });
    }

    @Test
    @Spec("T-7")
    void numbersAreGivenAtCreationAndSharedByAllLoops() {
        try (EventLoop other = newEventLoop()) {
            Task<?, ?> first = loop.createTask(() -> 1);
            Task<?, RuntimeException> second = other.createTask(() -> 1);
            first.name("named");
            Task<?, ?> third = loop.createTask(() -> 1);
            assertThat(number(third)).isEqualTo(number(second) + 1);
            run(Asyncio::yieldNow);
            other.runUntilComplete(second);
        }
    }

    @Test
    @Spec("T-5")
    void anErrorThatLeavesTheLoopGoesBeforeACancel() {
        KeyboardInterrupt error = new KeyboardInterrupt();
        Task<?, ?> task = loop.createTask(() -> {
            try {
                sleep(Duration.ofHours(1));
            } catch (CancelledError e) {
                throw error;
            }
        });
        assertThatThrownBy(() -> run(() -> {
                    yieldNow();
                    task.cancel();
                    yieldNow();
                }))
                .isSameAs(error);
        assertThat(task.cancelled()).isFalse();
        assertThat(task.exception()).isSameAs(error);
    }

    @Test
    @Spec("T-6")
    void theOutcomeOfATaskIsItsCoroutinesAlone() {
        assertThat(Task.class.getMethods())
                .extracting(Method::getName)
                .contains("cancel", "result")
                .doesNotContain("setResult", "setException");
    }

    private static int number(Task<?, ?> task) {
        assertThat(task.name()).startsWith("Task-");
        return Integer.parseInt(task.name().substring("Task-".length()));
    }

    @Test
    @Spec("T-13")
    void whatIsUnfinishedWhenTheLoopClosesIsReported() {
        Task<?, ?> task = loop.createTask(() -> sleep(Duration.ofHours(1)));
        loop.stop();
        loop.runForever();
        loop.close();
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).isEqualTo("Task was destroyed but it is pending!");
            assertThat(context.details()).containsEntry("task", task);
        });
    }

    @Test
    @Spec("T-13")
    void whatARunOrAGatherMadeForItselfIsNotReported() {
        loop.callLater(Duration.ofSeconds(1), loop::stop);
        assertThatIllegalStateException()
                .isThrownBy(() -> run(() -> gather(
                        () -> sleep(Duration.ofHours(1)),
                        () -> gather(() -> sleep(Duration.ofHours(1)), () -> sleep(Duration.ofHours(2))))));
        assertThat(allTasks(loop)).hasSize(5);
        loop.close();
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("T-14")
    void aFailureThatNobodyTakesIsReported() {
        IllegalStateException failure = new IllegalStateException("nobody's");
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                throw failure;
            });
            sleep(Duration.ofSeconds(2));
            assertThat(reported).singleElement().satisfies(context -> {
                assertThat(context.message()).isEqualTo("Task exception was never retrieved");
                assertThat(context.exception()).isSameAs(failure);
                assertThat(context.details()).containsEntry("task", task);
            });
        });
    }

    @Test
    @Spec("T-16")
    void sleepTakesItsTime() {
        run(() -> sleep(Duration.ofDays(400)));
        assertThat(clock.elapsed()).isEqualTo(Duration.ofDays(400));
    }

    @Test
    @Spec("T-16")
    void sleepForNoTimeLetsTheOthersRunOnce() {
        run(() -> {
            for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
                loop.callSoon(() -> {
                    log.add("one turn");
                    loop.callSoon(() -> log.add("the next"));
                });
                sleep(none);
                assertThat(log).containsExactly("one turn");
                assertThat(loop.reactor().timerCount()).isZero();
                yieldNow();
                log.clear();
            }
        });
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    @Spec("T-16")
    void aSleepThatIsCancelledTakesItsTimerBack() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> sleep(Duration.ofHours(1)));
            yieldNow();
            assertThat(loop.reactor().timerCount()).isEqualTo(1);
            task.cancel();
            assertThat(loop.reactor().timerCount()).isZero();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(clock.elapsed()).isZero();
    }

    // ------------------------------------------------------------------------------------------------ other threads

    @Test
    @Spec("T-17")
    @Spec("X-5")
    void toThreadRunsElsewhereWithTheContext() {
        ContextVar<String> variable = ContextVar.named("v");
        run(() -> {
            variable.set("mine");
            Thread worker = toThread(() -> {
                log.add(variable.get());
                variable.set("theirs");
                return Thread.currentThread();
            });
            assertThat(worker.isVirtual()).isFalse();
            assertThat(worker.isDaemon()).isTrue();
            assertThat(variable.get()).isEqualTo("mine");
        });
        assertThat(log).containsExactly("mine");
    }

    @Test
    @Spec("T-17")
    void toThreadThrowsTheFailure() {
        IOException failure = new IOException();
        run(() -> assertThatThrownBy(() -> toThread(() -> {
                    throw failure;
                }))
                .isSameAs(failure));
    }

    @Test
    @Spec("T-17")
    void aCancelOfToThreadDoesNotStopTheThread() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(() -> {
                begun.countDown();
                mayEnd.await();
                ended.countDown();
            }));
            yieldNow();
            begun.await();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(task.cancelled()).isTrue();
        });
        mayEnd.countDown();
        ended.await();
    }

    @Test
    void workThatHasNotBegunIsTakenBackByACancel() {
        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            CountDownLatch busy = new CountDownLatch(1);
            one.submit(() -> {
                busy.await();
                return null;
            });
            run(() -> {
                Awaitable<?, ?> work = loop.runInExecutor(one, () -> log.add("ran"));
                assertThat(work.cancel()).isTrue();
                yieldNow();
            });
            busy.countDown();
        }
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("L-22")
    @Spec("X-5")
    void runInExecutorUsesThatExecutorAndHasNoContext() throws Exception {
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        AtomicInteger threads = new AtomicInteger();
        try (ExecutorService mine = Executors.newSingleThreadExecutor(work -> {
            threads.incrementAndGet();
            return Thread.ofPlatform().name("mine").unstarted(work);
        })) {
            run(() -> {
                variable.set("set");
                String found = loop.runInExecutor(
                                mine, () -> Thread.currentThread().getName() + " " + variable.get())
                        .await();
                assertThat(found).isEqualTo("mine none");
            });
        }
        assertThat(threads).hasValue(1);
    }

    @Test
    void anExecutorThatRefusesIsHeard() {
        ExecutorService shut = Executors.newSingleThreadExecutor();
        shut.shutdown();
        run(() -> {
            assertThatExceptionOfType(java.util.concurrent.RejectedExecutionException.class)
                    .isThrownBy(() -> loop.runInExecutor(shut, () -> 1));
            sleep(Duration.ofSeconds(1));
        });
    }

    // ------------------------------------------------------------------------------------------------ where it cannot

    /** Suspends while it is initialised, where no virtual thread can. */
    private static final class SuspendsInItsInitialiser {
        static final String VALUE;

        static {
            sleep(Duration.ofSeconds(1));
            VALUE = "initialised";
        }
    }

    private static final class AwaitsInItsInitialiser {
        static @org.jspecify.annotations.Nullable Promise<String, RuntimeException> promise;

        static final class Inner {
            static final String VALUE = promise.await();
        }
    }

    @Test
    void suspendingInAStaticInitialiserIsAnErrorAndNotAHang() {
        run(() -> {
            assertThatThrownBy(() -> log.add(SuspendsInItsInitialiser.VALUE))
                    .isInstanceOf(ExceptionInInitializerError.class)
                    .cause()
                    .hasMessageContaining("cannot suspend here")
                    .hasMessageContaining("static initialiser");
            assertThat(loop.reactor().timerCount())
                    .as("the timer is taken back")
                    .isZero();
            sleep(Duration.ofSeconds(5));
        });
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(5));
    }

    private static final class SuspendsWhileCancelled {
        static final String VALUE;

        static {
            sleep(Duration.ofSeconds(1));
            VALUE = "initialised";
        }
    }

    @Test
    void aCancelThatIsDueWhereTheTaskCannotSuspendIsDeliveredThere() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {
                Objects.requireNonNull(currentTask()).cancel("enough");
                log.add(SuspendsWhileCancelled.VALUE);
            });
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            assertThat(log).isEmpty();
        });
    }

    @Test
    void awaitingInAStaticInitialiserIsAnErrorAndTheNextAwaitWaits() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            AwaitsInItsInitialiser.promise = promise;
            assertThatThrownBy(() -> log.add(AwaitsInItsInitialiser.Inner.VALUE))
                    .isInstanceOf(ExceptionInInitializerError.class);
            loop.callSoon(promise::setResult, "too early");
            sleep(Duration.ofSeconds(5));
        });
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void yieldingInUserCodeLetsTheOthersRun() {
        run(() -> {
            createTask(logs("other")::run);
            Thread.yield();
            log.add("after the yield");
        });
        assertThat(log).containsExactly("other", "after the yield");
    }
}
