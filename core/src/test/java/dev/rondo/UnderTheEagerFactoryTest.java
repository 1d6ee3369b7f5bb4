package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds of tasks holds of eager ones: the same tests once more, on a loop whose tasks start at once. Those whose
 * subject is the order of the first steps say here what it is then.
 */
class UnderTheEagerFactoryTest {

    @Nested
    class Tasks extends TaskTest {
        Tasks() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        // A class is initialised once in a JVM: these are no tests here.

        @Override
        void suspendingInAStaticInitialiserIsAnErrorAndNotAHang() {}

        @Override
        void awaitingInAStaticInitialiserIsAnErrorAndTheNextAwaitWaits() {}

        @Override
        void aCancelThatIsDueWhereTheTaskCannotSuspendIsDeliveredThere() {}

        @Override
        @Test
        @Spec("T-20")
        void tasksBeginInTheNextTurnInTheOrderOfTheirCreation() {
            run(() -> {
                for (int i = 0; i < 3; i++) {
                    createTask(logs("task " + i)::run);
                }
                log.add("created");
                yieldNow();
            });
            assertThat(log).containsExactly("task 0", "task 1", "task 2", "created");
        }

        @Override
        @Test
        @Spec("T-20")
        void theResultOrTheFailureEndsATaskAndItsCallbacksRunATurnLater() {
            IOException failure = new IOException();
            run(() -> {
                Task<String, RuntimeException> returns = createTask(() -> "value");
                Task<String, IOException> fails = createTask(() -> {
                    throw failure;
                });
                assertThat(returns.done()).isTrue();
                assertThat(fails.exception()).isSameAs(failure);
                returns.addDoneCallback(done -> log.add("callback of " + done.result()));
                fails.addDoneCallback(done -> log.add("callback of a failure"));
                assertThat(log).isEmpty();
                yieldNow();
            });
            assertThat(log).containsExactly("callback of value", "callback of a failure");
        }

        @Override
        @Test
        @Spec("T-12")
        void allTasksAreThoseThatAreNotDone() {
            run(() -> {
                Task<?, ?> sleeper = createTask(() -> sleep(Duration.ofHours(1)));
                createTask(() -> {});
                assertThat(allTasks()).containsExactly(currentTask(), sleeper);
                sleeper.cancel();
            });
        }
    }

    @Nested
    class Cancellation extends CancellationTest {
        Cancellation() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        @Override
        @Test
        @Spec("T-21")
        void cancelledBeforeItsFirstStepATaskNeverRuns() {
            run(() -> {
                Task<?, ?> task = createTask(() -> log.add("ran"));
                assertThat(task.cancel()).as("it is done").isFalse();
            });
            assertThat(log).containsExactly("ran");
        }
    }

    @Nested
    class Gathering extends GatherTest {
        Gathering() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Completed extends AsCompletedTest {
        Completed() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Timeouts extends TimeoutTest {
        Timeouts() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Waiting extends WaitTest {
        Waiting() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class WaitingFor extends WaitForTest {
        WaitingFor() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        @Override
        @ParameterizedTest
        @ValueSource(ints = {0, -1})
        @Spec("WF-1")
        void withNoTimeACoroutineIsNotEvenBegun(int timeout) {
            run(() -> {
                assertThatThrownBy(() -> waitFor(Duration.ofSeconds(timeout), () -> {
                            log.add("begun");
                            yieldNow();
                            log.add("not reached");
                        }))
                        .isInstanceOf(AsyncTimeoutException.class);
                assertThat(clock.elapsed()).isZero();
            });
            assertThat(log).containsExactly("begun");
        }

        @Override
        @Test
        @Spec("WF-3")
        void aTaskThatIsCancelledBeforeItWaitsNeverWaits() {
            run(() -> {
                Task<?, RuntimeException> inner = createTask(() -> sleep(Duration.ofSeconds(1)));
                Task<?, RuntimeException> waiter = createTask(() -> waitFor(Duration.ofSeconds(10), inner));
                waiter.cancel();
                assertThatThrownBy(waiter::await).isInstanceOf(TaskCancelledException.class);
                assertThat(inner.cancelled()).as("it waited already").isTrue();
            });
        }
    }

    @Nested
    class Shielded extends ShieldTest {
        Shielded() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Promises extends PromiseTest {
        Promises() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Contexts extends ContextTest {
        Contexts() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Loops extends LoopTest {
        Loops() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class BlockingJava extends BlockingJavaTest {
        BlockingJava() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Scopes extends CancelScopeTest {
        Scopes() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Locks extends LockTest {
        Locks() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Conditions extends ConditionTest {
        Conditions() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Limiters extends CapacityLimiterTest {
        Limiters() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class Groups extends TaskGroupTest {
        Groups() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        @Override
        @Test
        @Spec("TG-14")
        void aBodyThatFailsAtOnceRunsNoChild() {
            run(() -> assertThatThrownBy(() -> taskGroup((TaskGroup tg) -> {
                        tg.createTask(() -> {
                            log.add("ran");
                            yieldNow();
                            log.add("not here");
                        });
                        throw new IOException("at once");
                    }))
                    .isInstanceOf(TaskGroupException.class));
            assertThat(log).containsExactly("ran");
        }
    }

    @Nested
    class GroupsThatAreCancelled extends TaskGroupCancelTest {
        GroupsThatAreCancelled() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        @Override
        @Test
        @Spec("TG-14")
        void aChildThatCancelsItsGroupIsCancelledToo() {
            run(() -> {
                List<Task<String, RuntimeException>> tasks = new ArrayList<>();
                taskGroup(tg -> {
                    tasks.add(tg.createTask(() -> {
                        tg.cancel("by a child");
                        return "kept";
                    }));
                    sleeper("body").run();
                });
                assertThat(tasks.getFirst().result())
                        .as("it had ended when it came to the group")
                        .isEqualTo("kept");
            });
            assertThat(log).containsExactly("body cancelled");
        }

        /** Its turns are counted for tasks that start later: no test here. */
        @Override
        void afterAFailureTheCancelFromOutsideComesAtTheNextAwait() {}
    }

    @Nested
    class Policies extends GroupPolicyTest {
        Policies() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        @Override
        @Test
        void noMoreThanSoManyRunAtOnceFirstComeFirstServed() {
            run(() -> taskGroup(GroupPolicy.failFast().maxConcurrency(2), tg -> {
                for (String name : List.of("a", "b", "c")) {
                    tg.createTask(() -> {
                        log.add(name + " starts");
                        sleep(Duration.ofSeconds(1));
                        log.add(name + " ends");
                    });
                }
                log.add("createTask does not suspend");
            }));
            assertThat(log)
                    .containsExactly(
                            "a starts",
                            "b starts",
                            "createTask does not suspend",
                            "a ends",
                            "b ends",
                            "c starts",
                            "c ends");
        }
    }

    @Nested
    class Starts extends TaskGroupStartTest {
        Starts() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }

        @Override
        @Test
        void aCancelAfterItIsReadyLeavesItToTheGroup() {
            run(() -> {
                taskGroup(tg -> {
                    String value = tg.start(ready -> {
                        ready.started("at once");
                        requireNonNull(currentTask()).cancel();
                        try {
                            sleep(Duration.ofSeconds(1));
                        } finally {
                            log.add("cancelled");
                        }
                    });
                    log.add(value);
                });
            });
            assertThat(log).containsExactly("at once", "cancelled");
        }
    }

    @Nested
    class Races extends RaceTest {
        Races() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }

    @Nested
    class AllOrNothing extends GatherOrCancelTest {
        AllOrNothing() {
            loop.setTaskFactory(TaskFactory.EAGER);
        }
    }
}
