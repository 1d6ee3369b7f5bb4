package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupPolicyTest extends LoopTestCase {

    private static final Duration LONG = Duration.ofHours(1);

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private Action<RuntimeException> worker(String name, int seconds) {
        return () -> {
            log.add(name + " starts");
            sleep(seconds(seconds));
            log.add(name + " ends");
        };
    }

    private static Action<IOException> failsAfter(int seconds, String message) {
        return () -> {
            sleep(seconds(seconds));
            throw new IOException(message);
        };
    }

    private static List<String> causes(Action<?> action) {
        return assertThatExceptionOfType(TaskGroupException.class).isThrownBy(action::run).actual().causes().stream()
                .map(Throwable::getMessage)
                .toList();
    }

    private static int cancelling() {
        return requireNonNull(currentTask()).cancelling();
    }

    // ------------------------------------------------------------------------------------------------ wait for all

    @Test
    void waitAllLetsAllFinishAndThrowsThen() {
        run(() -> {
            assertThat(causes(() -> taskGroup(GroupPolicy.waitAll(), (TaskGroup tg) -> {
                        tg.createTask(failsAfter(1, "one"));
                        tg.createTask(worker("worker", 3));
                        tg.createTask(failsAfter(2, "two"));
                        sleep(seconds(1));
                        yieldNow();
                        tg.createTask(worker("late worker", 1));
                        throw new IOException("body");
                    })))
                    .containsExactly("one", "two", "body");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(cancelling()).isZero();
        });
        assertThat(log).containsExactly("worker starts", "late worker starts", "late worker ends", "worker ends");
    }

    @Test
    void waitAllIsCancelledAsAWhole() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(GroupPolicy.waitAll(), tg -> {
                tg.createTask(worker("worker", 10));
            }));
            sleep(seconds(1));
            runner.cancel();
            assertThatThrownBy(runner::await).isInstanceOf(TaskCancelledException.class);
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
        });
        assertThat(log).containsExactly("worker starts");
    }

    @Test
    void waitAllDoesNotOutliveAKeyboardInterrupt() {
        Task<?, ?> main = loop.createTask(() -> taskGroup(GroupPolicy.waitAll(), tg -> {
            tg.createTask(worker("worker", 10));
            tg.createTask(() -> {
                throw new KeyboardInterrupt();
            });
        }));
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(KeyboardInterrupt.class).isThrownBy(() -> loop.runUntilComplete(main));
        }
        assertThat(main.exception()).isInstanceOf(KeyboardInterrupt.class);
        assertThat(clock.elapsed()).isZero();
    }

    // ------------------------------------------------------------------------------------------------ supervise

    @Test
    void superviseGivesEachFailureToTheHandlerAndLivesOn() {
        ContextVar<String> variable = ContextVar.named("variable");
        run(() -> {
            String value = taskGroup(
                    GroupPolicy.supervise((task, failure) -> {
                        assertThat(task.done()).isTrue();
                        log.add(task.name() + ": " + failure.getMessage() + " in " + variable.get());
                    }),
                    tg -> {
                        tg.createTask(
                                () -> {
                                    variable.set("its context");
                                    throw new IOException("one");
                                },
                                "a");
                        variable.set("another");
                        tg.createTask(failsAfter(2, "two"), "b");
                        tg.createTask(() -> sleep(LONG), "c").cancel();
                        tg.createTask(worker("worker", 3));
                        return "value";
                    });
            assertThat(value).isEqualTo("value");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("worker starts", "a: one in its context", "b: two in another", "worker ends");
        assertThat(reported).isEmpty();
    }

    @Test
    void superviseWaitsForTheHandlerWhichMayStartTasks() {
        List<TaskGroup> groups = new ArrayList<>();
        run(() -> {
            taskGroup(
                    GroupPolicy.supervise((_, failure) -> {
                        sleep(seconds(1));
                        log.add(failure.getMessage() + " handled");
                        groups.getFirst().createTask(worker("another", 1));
                    }),
                    tg -> {
                        groups.add(tg);
                        tg.createTask(failsAfter(1, "one"));
                    });
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
        });
        assertThat(log).containsExactly("one handled", "another starts", "another ends");
    }

    @Test
    void aHandlerThatFailsEndsTheGroup() {
        run(() -> {
            TaskGroupException failure = assertThatExceptionOfType(TaskGroupException.class)
                    .isThrownBy(() -> taskGroup(
                            GroupPolicy.supervise((_, _) -> {
                                throw new IllegalStateException("of the handler");
                            }),
                            tg -> {
                                tg.createTask(failsAfter(1, "one"));
                                tg.createTask(worker("worker", 10));
                                sleep(LONG);
                            }))
                    .actual();
            assertThat(failure.getCause()).hasMessage("of the handler");
            assertThat(requireNonNull(failure.getCause()).getSuppressed())
                    .singleElement()
                    .isInstanceOf(IOException.class);
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(cancelling()).isZero();
        });
        assertThat(log).containsExactly("worker starts");
    }

    @Test
    void aSupervisedBodyThatFailsEndsTheGroup() {
        run(() -> {
            assertThat(causes(() -> taskGroup(GroupPolicy.supervise((_, _) -> log.add("handled")), (TaskGroup tg) -> {
                        tg.createTask(worker("worker", 10));
                        sleep(seconds(1));
                        throw new IOException("body");
                    })))
                    .containsExactly("body");
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
        });
        assertThat(log).containsExactly("worker starts");
    }

    // ------------------------------------------------------------------------------------------------ so many at once

    @Test
    void noMoreThanSoManyRunAtOnceFirstComeFirstServed() {
        run(() -> {
            taskGroup(GroupPolicy.failFast().maxConcurrency(2), tg -> {
                for (String name : List.of("a", "b", "c", "d")) {
                    tg.createTask(worker(name, 1));
                }
                log.add("createTask does not suspend");
            });
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
        });
        assertThat(log)
                .containsExactly(
                        "createTask does not suspend",
                        "a starts",
                        "b starts",
                        "a ends",
                        "b ends",
                        "c starts",
                        "d starts",
                        "c ends",
                        "d ends");
    }

    @Test
    void oneThatIsCancelledWhileItWaitsNeverRuns() {
        run(() -> taskGroup(GroupPolicy.failFast().maxConcurrency(1), tg -> {
            tg.createTask(worker("a", 1));
            Task<?, ?> waits = tg.createTask(worker("b", 1));
            tg.createTask(worker("c", 1));
            yieldNow();
            assertThat(waits.strand().waitingFor()).asString().startsWith("a free place in <TaskGroup tasks=3");
            waits.cancel();
        }));
        assertThat(log).containsExactly("a starts", "a ends", "c starts", "c ends");
    }

    @Test
    void aPlaceGivenToOneThatIsCancelledGoesToTheNext() {
        run(() -> taskGroup(GroupPolicy.failFast().maxConcurrency(1), tg -> {
            Promise<String, RuntimeException> end = loop.createFuture();
            tg.createTask(end::await);
            Task<?, ?> woken = tg.createTask(worker("woken", 1));
            tg.createTask(worker("next", 1));
            yieldNow();
            end.setResult("");
            yieldNow(); // the first ends
            yieldNow(); // its place is given to the second, which is yet to run
            assertThat(woken.strand().waitingFor()).isNull();
            woken.cancel();
        }));
        assertThat(log).containsExactly("next starts", "next ends");
    }

    @Test
    void aFailureEndsThoseThatWait() {
        run(() -> {
            assertThat(causes(() -> taskGroup(GroupPolicy.failFast().maxConcurrency(1), tg -> {
                        tg.createTask(failsAfter(1, "first"));
                        tg.createTask(worker("second", 1));
                    })))
                    .containsExactly("first");
            assertThat(causes(() -> taskGroup(GroupPolicy.waitAll().maxConcurrency(1), tg -> {
                        tg.createTask(failsAfter(1, "first"));
                        tg.createTask(worker("second", 1));
                    })))
                    .containsExactly("first");
        });
        assertThat(log).as("where all are waited for only").containsExactly("second starts", "second ends");
    }

    @Test
    void theLimitIsPositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GroupPolicy.waitAll().maxConcurrency(0))
                .withMessageContaining("0");
    }
}
