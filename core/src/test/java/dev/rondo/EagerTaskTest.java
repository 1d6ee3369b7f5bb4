package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A task that runs at once, inside createTask, until it first suspends. */
class EagerTaskTest extends LoopTestCase {

    private static final TaskOptions EAGER = TaskOptions.eager();

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private void startThenEnd() {
        log.add("start");
        yieldNow();
        log.add("end");
    }

    // ------------------------------------------------------------------------------------------------ order

    @Test
    @Spec("T-20")
    void anEagerTaskRunsBeforeItsCreatorGoesOnUntilItSuspends() {
        run(() -> {
            loop.callSoon(logs("was ready before"));
            Task<?, RuntimeException> task = createTask(this::startThenEnd, EAGER);
            log.add("after create");
            assertThat(task.done()).isFalse();
            task.await();
        });
        assertThat(log).containsExactly("start", "after create", "was ready before", "end");
    }

    @Test
    @Spec("T-20")
    void withoutTheOptionATaskStartsInTheNextTurn() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(this::startThenEnd);
            log.add("after create");
            task.await();
        });
        assertThat(log).containsExactly("after create", "start", "end");
    }

    @Test
    @Spec("T-20")
    void oneThatNeverSuspendsIsDoneOnReturnAndCostsNoTurn() {
        run(() -> {
            loop.callSoon(logs("a turn"));
            Task<String, RuntimeException> task = createTask(() -> "value", EAGER);
            assertThat(task.done()).isTrue();
            assertThat(task.await()).isEqualTo("value");
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("T-20")
    void itsFirstStepIsItsOwn() {
        List<Task<?, ?>> seen = new ArrayList<>();
        run(() -> {
            Task<?, ?> creator = currentTask();
            Task<?, RuntimeException> task = createTask(
                    () -> {
                        seen.add(currentTask());
                        sleep(seconds(1));
                        seen.add(currentTask());
                    },
                    EAGER);
            assertThat(seen).containsExactly(task);
            assertThat(currentTask()).isSameAs(creator);
            task.await();
            assertThat(seen).containsExactly(task, task);
        });
    }

    @Test
    @Spec("T-12")
    @Spec("T-20")
    void itIsAmongAllTasksInItsFirstStepAndAfterwardsWhileItIsNotDone() {
        run(() -> {
            List<Set<Task<?, ?>>> seen = new ArrayList<>();
            Task<?, RuntimeException> quick = createTask(() -> seen.add(allTasks()), EAGER);
            assertThat(seen.getFirst()).containsExactly(currentTask(), quick);
            assertThat(allTasks()).containsExactly(currentTask());

            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, RuntimeException> waiting = createTask(
                    () -> {
                        seen.add(allTasks());
                        promise.await();
                    },
                    EAGER);
            assertThat(seen.getLast()).containsExactly(currentTask(), waiting);
            assertThat(allTasks()).containsExactly(currentTask(), waiting);
            promise.setResult("go");
            waiting.await();
            assertThat(allTasks()).containsExactly(currentTask());
        });
    }

    @Test
    @Spec("T-20")
    void eagerTasksInsideEagerTasksRunInnermostFirst() {
        run(() -> {
            createTask(
                    () -> {
                        log.add("child");
                        Task<?, RuntimeException> grandchild = createTask(
                                () -> {
                                    log.add("grandchild");
                                    yieldNow();
                                    log.add("grandchild ends");
                                },
                                EAGER);
                        log.add("child goes on");
                        assertThat(grandchild.done()).isFalse();
                        yieldNow();
                        log.add("child ends");
                    },
                    EAGER);
            log.add("creator goes on");
            yieldNow();
            yieldNow();
        });
        assertThat(log)
                .containsExactly(
                        "child", "grandchild", "child goes on", "creator goes on", "grandchild ends", "child ends");
    }

    @Test
    void theyMayNestDeeperThanAStackIsDeep() {
        int[] depth = {0};
        run(() -> {
            nest(10_000, depth);
            assertThat(depth[0]).isEqualTo(10_000);
            assertThat(allTasks()).hasSize(1);
        });
    }

    private static void nest(int levels, int[] depth) {
        if (levels > 0) {
            depth[0]++;
            Task<?, RuntimeException> task = createTask(() -> nest(levels - 1, depth), EAGER);
            assertThat(task.done()).isTrue();
        }
    }

    @Test
    @Spec("G-6")
    void aGatherOfWhatIsDoneAtOnceTakesNoTurn() {
        run(() -> {
            loop.setTaskFactory(TaskFactory.EAGER);
            loop.callSoon(logs("a turn"));
            assertThat(gather(() -> 1, () -> 2)).containsExactly(1, 2);
            assertThat(recursiveGather(5, 4)).isEqualTo(781);
            assertThat(log).isEmpty();
        });
    }

    private static int recursiveGather(int width, int depth) {
        if (depth == 0) {
            return 1;
        }
        List<Task<Integer, RuntimeException>> tasks = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            tasks.add(createTask(() -> recursiveGather(width, depth - 1)));
        }
        return 1 + gather(tasks).stream().mapToInt(n -> n).sum();
    }

    // ------------------------------------------------------------------------------------------------ where it cannot

    @Test
    @Spec("T-20")
    void whileTheLoopDoesNotRunItStartsLikeAnyOther() {
        Task<?, RuntimeException> task = loop.createTask(() -> log.add("ran"), EAGER);
        assertThat(log).isEmpty();
        assertThat(task.done()).isFalse();
        loop.runUntilComplete(task);
        assertThat(log).containsExactly("ran");
    }

    @Test
    @Spec("T-20")
    @Spec("T-22")
    void aLoopThatAnotherLoopsCoroutineTouchesIsNotRunThere() {
        try (EventLoop other = newEventLoop()) {
            run(() -> {
                Task<?, RuntimeException> task = other.createTask(() -> log.add("ran"), EAGER);
                assertThat(task.done()).isFalse();
            });
            assertThat(log).isEmpty();
            other.runUntilComplete(() -> yieldNow());
            assertThat(log).containsExactly("ran");
        }
    }

    @Test
    @Spec("T-22")
    void anotherThreadThanTheLoopsIsRefused() {
        run(() -> {
            assertThatThrownBy(() -> onAnotherThread(() -> loop.createTask(() -> log.add("ran"), EAGER)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("callSoonThreadsafe");
            assertThat(allTasks()).containsExactly(currentTask());
            yieldNow();
        });
        assertThat(log).isEmpty();
    }

    private static final class CreatesInItsInitialiser {
        static final Task<String, RuntimeException> TASK = createTask(() -> "value", EAGER);
    }

    @Test
    void inAStaticInitialiserItStartsInTheNextTurn() {
        run(() -> {
            Task<String, RuntimeException> task = CreatesInItsInitialiser.TASK;
            assertThat(task.done()).isFalse();
            assertThat(task.await()).isEqualTo("value");
        });
    }

    @Test
    @Spec("T-22")
    void whatIsNoCoroutineIsRefusedAndLeavesNothingBehind() {
        run(() -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> createTask((Coroutine<String, RuntimeException>) null, EAGER))
                    .withMessageContaining("a coroutine was expected");
            assertThat(allTasks()).containsExactly(currentTask());
            assertThat(createTask(() -> "the next", EAGER).await()).isEqualTo("the next");
        });
    }

    @Test
    @Spec("T-22")
    @Spec("X-1")
    void theContextMayBeTheOneThatTheCreatorRunsIn() {
        ContextVar<String> variable = ContextVar.named("v");
        run(() -> {
            Context mine = requireNonNull(currentTask()).context();
            Task<?, RuntimeException> task = createTask(() -> variable.set("the child's"), EAGER.context(mine));
            assertThat(task.done()).isTrue();
            assertThat(variable.get()).isEqualTo("the child's");
        });
    }

    // ------------------------------------------------------------------------------------------------ context

    @Test
    @Spec("X-7")
    void itRunsInACopyOfTheContextAndTheCreatorsIsThereAgainAfterwards() {
        ContextVar<Integer> variable = ContextVar.named("v");
        run(() -> {
            variable.set(1);
            Task<?, RuntimeException> task = createTask(
                    () -> {
                        log.add("first step " + variable.get());
                        variable.set(2);
                        sleep(seconds(1));
                        log.add("second step " + variable.get());
                        variable.set(3);
                    },
                    EAGER);
            assertThat(variable.get()).isEqualTo(1);
            task.await();
            assertThat(variable.get()).isEqualTo(1);
        });
        assertThat(log).containsExactly("first step 1", "second step 2");
    }

    @Test
    @Spec("X-7")
    void aCallbackCreatesThemTooInItsOwnContext() {
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        run(() -> {
            variable.set("outer");
            loop.callSoon(() -> {
                variable.set("the callback's");
                createTask(
                        () -> {
                            log.add("first step, " + variable.get());
                            variable.set("the task's");
                            yieldNow();
                            log.add("second step, " + variable.get());
                        },
                        EAGER);
                log.add("callback goes on, " + variable.get() + ", task " + currentTask());
            });
            loop.callSoon(logs("next callback"));
            yieldNow();
            yieldNow();
        });
        assertThat(log)
                .containsExactly(
                        "first step, the callback's",
                        "callback goes on, the callback's, task null",
                        "next callback",
                        "second step, the task's");
    }

    // ------------------------------------------------------------------------------------------------ cancel

    @Test
    @Spec("T-21")
    void aCancelOfOneThatIsDoneDoesNothing() {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> "value", EAGER);
            assertThat(task.cancel()).isFalse();
            assertThat(task.await()).isEqualTo("value");
            assertThat(task.cancelled()).isFalse();
        });
    }

    @Test
    @Spec("T-21")
    void aCancelOfOneThatHasSuspendedReachesItWithItsMessage() {
        run(() -> {
            Task<?, RuntimeException> task = createTask(
                    () -> {
                        try {
                            sleep(seconds(1));
                        } catch (CancelledError e) {
                            log.add(e.getMessage());
                            throw e;
                        }
                    },
                    EAGER);
            assertThat(task.cancel("enough")).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
            assertThatThrownBy(task::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining("enough");
            assertThat(task.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("enough");
    }

    @Test
    void aCancelOfTheCreatorIsNotDeliveredInCreateTask() {
        run(() -> {
            Task<?, RuntimeException> creator = createTask(() -> {
                Task<?, ?> self = requireNonNull(currentTask());
                createTask(() -> self.cancel("by the child"), EAGER);
                log.add("created, cancelling " + self.cancelling());
                yieldNow();
                log.add("not reached");
            });
            assertThatThrownBy(creator::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining("by the child");
        });
        assertThat(log).containsExactly("created, cancelling 1");
    }

    @Test
    void aCancelThatTheCreatorHasComingDoesNotReachTheChild() {
        run(() -> {
            Task<?, RuntimeException> creator = createTask(() -> {
                requireNonNull(currentTask()).cancel();
                Task<?, RuntimeException> child = createTask(this::startThenEnd, EAGER);
                assertThat(child.cancelling()).isZero();
                yieldNow();
            });
            assertThatThrownBy(creator::await).isInstanceOf(TaskCancelledException.class);
            yieldNow();
        });
        assertThat(log).containsExactly("start", "end");
    }

    @Test
    void oneThatCancelsItselfInItsFirstStepIsCancelled() {
        run(() -> {
            Task<?, RuntimeException> child =
                    createTask(() -> requireNonNull(currentTask()).cancel(), EAGER);
            assertThat(child.cancelled()).isTrue();
        });
    }

    @Test
    void theChildMayAwaitItsCreator() {
        run(() -> {
            Task<String, RuntimeException> creator = createTask(() -> {
                Task<?, ?> self = requireNonNull(currentTask());
                createTask(() -> log.add("the creator returned " + self.await()), EAGER);
                log.add("created");
                return "value";
            });
            creator.await();
            yieldNow();
        });
        assertThat(log).containsExactly("created", "the creator returned value");
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Test
    void aFailureInTheFirstStepIsTheTasksAndIsReportedIfNobodyTakesIt() {
        IllegalStateException failure = new IllegalStateException("at once");
        run(() -> {
            Task<?, RuntimeException> taken = createTask(
                    () -> {
                        throw failure;
                    },
                    EAGER);
            assertThatThrownBy(taken::await).isSameAs(failure);
            createTask(
                    () -> {
                        throw failure;
                    },
                    EAGER);
            sleep(seconds(2));
        });
        assertThat(reportedMessages()).containsExactly("Task exception was never retrieved");
    }

    @Test
    @Spec("T-5")
    void whatLeavesTheLoopLeavesItOnceTheCreatorSuspends() {
        KeyboardInterrupt interrupt = new KeyboardInterrupt();
        Task<?, ?>[] children = new Task<?, ?>[1];
        assertThatThrownBy(() -> run(() -> {
                    loop.callSoon(logs("the next run"));
                    children[0] = createTask(
                            () -> {
                                throw interrupt;
                            },
                            EAGER);
                    log.add("creator goes on");
                    yieldNow();
                    log.add("the next run too");
                }))
                .isSameAs(interrupt);
        assertThat(log).containsExactly("creator goes on");
        assertThat(children[0].exception()).isSameAs(interrupt);
        run(() -> yieldNow());
        assertThat(log).containsExactly("creator goes on", "the next run", "the next run too");
    }

    @Test
    void itMayStopTheLoop() {
        Task<?, RuntimeException> creator = loop.createTask(() -> {
            createTask(() -> loop.stop(), EAGER);
            log.add("creator goes on");
            yieldNow();
            log.add("the next run");
        });
        loop.runForever();
        assertThat(log).containsExactly("creator goes on");
        loop.runUntilComplete(creator);
        assertThat(log).containsExactly("creator goes on", "the next run");
    }

    // ------------------------------------------------------------------------------------------------ blocking Java

    @Test
    void oneThatParksInForeignCodeLetsItsCreatorGoOn() throws Exception {
        BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);
        run(() -> {
            Task<String, InterruptedException> task = createTask(queue::take, EAGER);
            assertThat(task.strand().isForeign()).isTrue();
            log.add("creator goes on");
            queue.add("taken");
            log.add(task.await());
        });
        assertThat(log).containsExactly("creator goes on", "taken");
    }

    @Test
    void oneThatNeedsALockOfItsCreatorsGetsItLater() {
        ReentrantLock lock = new ReentrantLock();
        Object monitor = new Object();
        run(() -> {
            Task<?, RuntimeException> task;
            lock.lock();
            try {
                synchronized (monitor) {
                    task = createTask(
                            () -> {
                                lock.lock();
                                synchronized (monitor) {
                                    log.add("the child has both");
                                }
                                lock.unlock();
                            },
                            EAGER);
                    log.add("the creator has both");
                }
            } finally {
                lock.unlock();
            }
            task.await();
        });
        assertThat(log).containsExactly("the creator has both", "the child has both");
    }

    @Test
    void theInterruptFlagOfTheCreatorStaysItsOwn() {
        run(() -> {
            Thread.currentThread().interrupt();
            createTask(() -> log.add("child " + Thread.currentThread().isInterrupted()), EAGER);
            log.add("creator " + Thread.interrupted());
        });
        assertThat(log).containsExactly("child false", "creator true");
    }

    // ------------------------------------------------------------------------------------------------ all together

    /** A tree of tasks, some eager, which suspend in every way there is; each must always find itself the current. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aTreeOfTasksOfBothKindsEndsAndNoneIsMistakenForAnother(long seed) throws Exception {
        Random random = new Random(seed);
        int[] ended = {0};
        loop.runUntilComplete(() -> {
            assertThat(tree(random, 6, ended)).isEqualTo(ended[0]);
            assertThat(allTasks()).containsExactly(currentTask());
        });
        assertThat(ended[0]).isGreaterThan(100);
    }

    private int tree(Random random, int depth, int[] ended) throws InterruptedException {
        Task<?, ?> self = currentTask();
        List<Task<Integer, InterruptedException>> children = new ArrayList<>();
        for (int i = 0; depth > 0 && i < 3; i++) {
            TaskOptions options = TaskOptions.none().eagerStart(random.nextBoolean());
            children.add(createTask(() -> tree(random, depth - 1, ended) + 1, options));
            assertThat(currentTask()).isSameAs(self);
            switch (random.nextInt(5)) {
                case 0 -> yieldNow();
                case 1 -> sleep(Duration.ofMillis(random.nextInt(3)));
                case 2 -> Thread.yield();
                case 3 -> Thread.sleep(1); // parked in foreign code
                default -> {}
            }
            assertThat(currentTask()).isSameAs(self);
        }
        int below = 0;
        for (Task<Integer, InterruptedException> child : children) {
            below += child.await();
        }
        ended[0] += children.size();
        return below;
    }

    // ------------------------------------------------------------------------------------------------ factories

    /** Notes what it is given and passes it on. */
    private final class NotingFactory implements TaskFactory {
        @Override
        public <T, X extends Exception> Task<T, X> createTask(
                EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options) {
            assertThat(loop).isSameAs(EagerTaskTest.this.loop);
            log.add(options.toString());
            return Task.start(loop, coroutine, options);
        }
    }

    @Test
    @Spec("L-18")
    @Spec("L-19")
    void aFactoryMakesAllTasksAndIsGivenTheOptionsUntouched() {
        TaskFactory factory = new NotingFactory();
        loop.setTaskFactory(factory);
        assertThat(loop.taskFactory()).isSameAs(factory);
        Context context = new Context();
        run(() -> {
            createTask(() -> 1);
            createTask(() -> 1, "named");
            createTask(() -> 1, EAGER.name("all").context(context));
            gather(() -> 1);
        });
        String none = TaskOptions.none().toString();
        assertThat(log)
                .containsExactly(
                        none,
                        none,
                        TaskOptions.named("named").toString(),
                        new TaskOptions("all", context, true).toString(),
                        none);
        loop.setTaskFactory(null);
        assertThat(loop.taskFactory()).isNull();
        run(() -> {});
        assertThat(log).hasSize(5);
    }

    @Test
    @Spec("L-18")
    void onALoopThatIsClosedTheFactoryIsNotAsked() {
        loop.setTaskFactory(new NotingFactory());
        loop.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> loop.createTask(() -> 1, EAGER))
                .withMessage("Event loop is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> Task.start(loop, () -> 1, EAGER))
                .withMessage("Event loop is closed");
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("T-20")
    void theEagerFactoryStartsAllTasksAtOnceButThoseThatSayOtherwise() {
        loop.setTaskFactory(TaskFactory.EAGER);
        assertThat(loop.taskFactory()).isSameAs(TaskFactory.EAGER);
        run(() -> {
            Task<?, RuntimeException> eager = createTask(() -> log.add("eager"));
            assertThat(eager.done()).isTrue();
            Task<?, RuntimeException> lazy =
                    createTask(() -> log.add("lazy"), TaskOptions.none().eagerStart(false));
            assertThat(lazy.done()).isFalse();
            lazy.await();
        });
        assertThat(log).containsExactly("eager", "lazy");
    }

    @Test
    void optionsAreValues() {
        Context context = new Context();
        TaskOptions options = TaskOptions.named("n").context(context).eagerStart(false);
        assertThat(options).isEqualTo(new TaskOptions("n", context, false));
        assertThat(options.name("m")).isEqualTo(new TaskOptions("m", context, false));
        run(() -> {
            Task<?, RuntimeException> task = createTask(() -> {}, options);
            assertThat(task.name()).isEqualTo("n");
            assertThat(task.context()).isSameAs(context);
        });
    }

    @Test
    @Spec("L-17")
    void aFutureBelongsToTheLoopThatMadeIt() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        assertThat(promise.loop()).isSameAs(loop);
        assertThat(promise.done()).isFalse();
    }
}
