package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TaskGroupTest extends TaskGroupTestCase {

    // ------------------------------------------------------------------------------------------------ TG-1, TG-2

    @Test
    @Spec("TG-1")
    void itIsEnteredOnceAndInsideATask() {
        TaskGroup group = new TaskGroup();
        loop.callSoon(() -> group.run((TaskGroup _) -> log.add("ran")));
        loop.callSoon(loop::stop);
        loop.runForever();
        assertThat(reported)
                .singleElement()
                .satisfies(context -> assertThat(context.exception())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("cannot determine the parent task"));
        assertThatIllegalStateException().isThrownBy(() -> group.run(_ -> {})).withMessageContaining("no running");
        run(() -> {
            group.run(tg -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> tg.run(_ -> {}))
                        .withMessageContaining("has already been entered");
            });
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.run(_ -> {}))
                    .withMessageContaining("has already been entered");
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("TG-2")
    void outsideTheBlockItTakesNoTasks() {
        Action<RuntimeException> child = () -> log.add("ran");
        TaskGroup group = new TaskGroup();
        assertThatIllegalStateException()
                .isThrownBy(() -> group.createTask(child))
                .withMessageContaining("has not been entered");
        run(() -> {
            group.run(_ -> {});
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.createTask(child))
                    .withMessageContaining("is finished");
            yieldNow();
            yieldNow();
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("TG-2")
    void whileItShutsDownItTakesNoTasks() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(failsAfter(1, "first"));
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        assertThatIllegalStateException()
                                .isThrownBy(() -> tg.createTask(() -> log.add("ran")))
                                .withMessageContaining("is shutting down");
                        log.add("refused");
                    }
                });
            }));
            assertThat(messages(failure)).containsExactly("first");
        });
        assertThat(log).containsExactly("refused");
    }

    @Test
    @Spec("TG-2")
    @Spec("TG-3")
    void childrenMayStartOthersWhileTheExitWaits() {
        run(() -> {
            taskGroup(tg -> {
                tg.createTask(() -> {
                    sleep(seconds(1));
                    tg.createTask(() -> {
                        sleep(seconds(2));
                        log.add("grandchild");
                    });
                    loop.callSoon(() -> tg.createTask(() -> {
                        sleep(seconds(1));
                        log.add("from a callback");
                    }));
                    yieldNow();
                });
                log.add("body ends");
            });
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
        });
        assertThat(log).containsExactly("body ends", "from a callback", "grandchild");
    }

    // ------------------------------------------------------------------------------------------------ TG-3, TG-4

    @Test
    @Spec("TG-3")
    void itEndsAfterTheLastTaskAndReturnsTheValueOfTheBody() {
        run(() -> {
            List<Task<Integer, RuntimeException>> tasks = new ArrayList<>();
            String value = taskGroup(tg -> {
                tasks.add(tg.createTask(after(1)));
                sleep(Duration.ofMillis(1500));
                tasks.add(tg.createTask(after(2)));
                return "value";
            });
            assertThat(value).isEqualTo("value");
            assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(3500));
            assertThat(tasks).extracting(Task::result).containsExactly(1, 2);
        });
    }

    @Test
    @Spec("TG-3")
    void finishedTasksAreDroppedAtOnce() {
        run(() -> taskGroup(tg -> {
            for (int i = 0; i < 10; i++) {
                tg.createTask(() -> sleep(Duration.ofMillis(250)));
                sleep(Duration.ofMillis(100));
                if (i >= 5) {
                    assertThat(tg).hasToString("<TaskGroup tasks=2 entered>");
                }
            }
            sleep(seconds(1));
            assertThat(tg).hasToString("<TaskGroup entered>");
        }));
    }

    @Test
    @Spec("TG-4")
    void aChildThatSomebodyCancelsIsSilent() {
        run(() -> {
            List<Task<Integer, RuntimeException>> tasks = new ArrayList<>();
            taskGroup(tg -> {
                tasks.add(tg.createTask(after(10)));
                sleep(seconds(1));
                tasks.get(0).cancel();
                tasks.add(tg.createTask(after(2)));
            });
            assertThat(tasks.get(0).cancelled()).isTrue();
            assertThat(tasks.get(1).result()).isEqualTo(2);
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
        });
    }

    @Test
    @Spec("TG-4")
    void aChildThatAwaitsWhatSomebodyCancelledHasFailed() {
        run(() -> {
            Task<?, ?> outside = createTask(() -> sleep(LONG));
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(outside::await);
                tg.createTask(sleeper("other"));
                sleep(seconds(1));
                outside.cancel();
            }));
            assertThat(failure.getCause()).isInstanceOf(TaskCancelledException.class);
        });
        assertThat(log).containsExactly("other cancelled");
    }

    // ------------------------------------------------------------------------------------------------ TG-5, TG-6

    @Test
    @Spec("TG-5")
    void aFailureCancelsTheOtherChildrenAndTheBody() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(failsAfter(1, "first"));
                tg.createTask(sleeper("child"));
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        sleep(seconds(1));
                        log.add("slow child ends");
                    }
                });
                try {
                    sleeper("body").run();
                } finally {
                    log.add("at " + clock.elapsed().toSeconds());
                }
            }));
            assertThat(failure)
                    .hasMessage("unhandled errors in a TaskGroup (1 sub-exception)")
                    .hasNoSuppressedExceptions();
            assertThat(failure.getCause()).isInstanceOf(IOException.class).hasMessage("first");
            assertThat(failure.causes()).containsExactly(failure.getCause());
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
            assertThat(self().cancelling()).isZero();
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("child cancelled", "body cancelled", "at 1", "slow child ends");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("TG-5")
    void theParentIsCancelledOnce() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(failsAfter(1, "one"));
                tg.createTask(failsAfter(1, "two"));
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        throw new IllegalArgumentException("three, on the way out");
                    }
                });
                try {
                    sleep(LONG);
                } finally {
                    log.add("cancelling " + self().cancelling());
                    sleep(seconds(1)); // no second cancel comes for the failures that follow
                }
            }));
            assertThat(failure).hasMessage("unhandled errors in a TaskGroup (3 sub-exceptions)");
            assertThat(messages(failure)).containsExactly("one", "two", "three, on the way out");
            assertThat(failure.getCause()).hasMessage("one");
            assertThat(failure.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("two", "three, on the way out");
            assertThat(self().cancelling()).isZero();
        });
        assertThat(log).containsExactly("cancelling 1");
    }

    @Test
    @Spec("TG-5")
    void aBodyThatAwaitsTheChildThatFailsIsCancelledToo() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                Task<?, IOException> child = tg.createTask(failsAfter(1, "once"));
                try {
                    child.await();
                } catch (CancelledError e) {
                    log.add("cancelled");
                    throw e;
                }
            }));
            assertThat(messages(failure)).containsExactly("once");
        });
        assertThat(log).containsExactly("cancelled");
    }

    @Test
    @Spec("TG-5")
    void childrenThatStartOthersForEverAreStoppedByAFailure() {
        int[] hydras = new int[1];
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(() -> hydra(tg, hydras));
                tg.createTask(() -> {
                    while (hydras[0] < 10) {
                        sleep(Duration.ofMillis(15));
                    }
                    throw new IOException("hercules");
                });
            }));
            assertThat(messages(failure)).containsExactly("hercules");
        });
        assertThat(hydras[0]).isGreaterThanOrEqualTo(10);
    }

    private static void hydra(TaskGroup group, int[] count) {
        count[0]++;
        sleep(Duration.ofMillis(10));
        group.createTask(() -> hydra(group, count));
        group.createTask(() -> hydra(group, count));
    }

    @Test
    void aTaskThatFailsBeforeTheOthersFirstStepStopsThem() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(() -> {
                    tg.createTask(() -> {
                        throw new IOException("third");
                    });
                    assertThatExceptionOfType(CancelledError.class).isThrownBy(() -> {
                        yieldNow();
                        yieldNow();
                    });
                    log.add("cancelled");
                });
            }));
            assertThat(messages(failure)).containsExactly("third");
        });
        assertThat(log).containsExactly("cancelled");
    }

    @Test
    @Spec("TG-6")
    void aFailureOfTheBodyCancelsTheChildrenAndComesLast() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                tg.createTask(sleeper("one"));
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        throw new IllegalArgumentException("of a child, on the way out");
                    }
                });
                sleep(seconds(1));
                throw new IOException("of the body");
            }));
            assertThat(messages(failure)).containsExactly("of a child, on the way out", "of the body");
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(self().cancelling()).isZero();
        });
        assertThat(log).containsExactly("one cancelled");
    }

    @Test
    @Spec("TG-6")
    void aBodyThatFailsAtOnceRunsNoChild() {
        run(() -> {
            List<Task<?, ?>> tasks = new ArrayList<>();
            TaskGroupException failure = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                tasks.add(tg.createTask(() -> log.add("ran")));
                throw new IOException("at once");
            }));
            assertThat(messages(failure)).containsExactly("at once");
            assertThat(tasks.getFirst().cancelled()).isTrue();
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("TG-6")
    void aBodyThatAnswersTheCancelWithAFailureIsInTheGroupTwice() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                tg.createTask(failsAfter(1, "of the child"));
                try {
                    sleep(LONG);
                } finally {
                    throw new IllegalArgumentException("of the body");
                }
            }));
            assertThat(messages(failure)).containsExactly("of the child", "of the body");
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
    }

    @Test
    void aFailureThatTheBodyPassesOnCountsOnce() {
        run(() -> {
            IOException shared = new IOException("shared");
            TaskGroupException failure = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                tg.createTask(() -> {
                    throw shared;
                });
                try {
                    sleep(LONG);
                } finally {
                    throw shared;
                }
            }));
            assertThat(failure.causes()).containsExactly(shared);
        });
    }

    // ------------------------------------------------------------------------------------------------ TG-11

    @Test
    @Spec("TG-11")
    void aKeyboardInterruptInTheBodyIsThrownItselfAndTheRestReported() {
        assertThatExceptionOfType(KeyboardInterrupt.class)
                .isThrownBy(() -> run(() -> {
                    try {
                        taskGroup((TaskGroup tg) -> {
                            tg.createTask(failsAfter(1, "child"));
                            try {
                                sleep(LONG);
                            } finally {
                                throw new KeyboardInterrupt();
                            }
                        });
                    } catch (KeyboardInterrupt e) {
                        log.add("itself, cancelling " + self().cancelling());
                        throw e;
                    }
                }));
        loop.callSoon(loop::stop);
        loop.runForever();
        assertThat(log).containsExactly("itself, cancelling 0");
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.message()).startsWith("TaskGroup task exception was not propagated");
            assertThat(context.exception()).hasMessage("child");
            assertThat(context.details()).containsKey("task_group");
        });
    }

    @Test
    @Spec("TG-11")
    void aKeyboardInterruptInAChildIsThrownItselfAfterTheOthersHaveEnded() {
        Task<?, ?> main = loop.createTask(() -> taskGroup((TaskGroup tg) -> {
            tg.createTask(() -> {
                sleep(seconds(1));
                throw new KeyboardInterrupt();
            });
            tg.createTask(() -> {
                try {
                    sleep(LONG);
                } finally {
                    sleep(seconds(1));
                    log.add("other ends");
                }
            });
            try {
                sleep(LONG);
            } finally {
                throw new IOException("of the body");
            }
        }));
        assertThatExceptionOfType(KeyboardInterrupt.class)
                .as("leaves the run at once")
                .isThrownBy(() -> loop.runUntilComplete(main));
        assertThat(main.done()).isFalse();
        assertThatExceptionOfType(KeyboardInterrupt.class)
                .as("and is what the group throws")
                .isThrownBy(() -> loop.runUntilComplete(main));
        assertThat(main.exception()).isInstanceOf(KeyboardInterrupt.class);
        loop.callSoon(loop::stop);
        loop.runForever();
        assertThat(log).containsExactly("other ends");
        assertThat(reported)
                .singleElement()
                .satisfies(context -> assertThat(context.exception()).hasMessage("of the body"));
    }

    @Test
    @Spec("TG-11")
    void otherErrorsAreGrouped() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                tg.createTask(() -> {
                    throw new AssertionError("child");
                });
                try {
                    sleep(LONG);
                } finally {
                    throw new StackOverflowError("body");
                }
            }));
            assertThat(messages(failure)).containsExactly("child", "body");
        });
        assertThat(reported).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ TG-15, and more

    @Test
    @Spec("TG-15")
    void childrenHaveTheirNameAndContext() {
        ContextVar<String> variable = ContextVar.named("variable");
        run(() -> taskGroup(tg -> {
            variable.set("of the body");
            Context context = Context.copyCurrent();
            tg.createTask(
                            () -> {
                                log.add(self().name() + " " + variable.get());
                                variable.set("written by the child");
                                return null;
                            },
                            "yolo",
                            context)
                    .await();
            log.add(context.call(variable::get));
            log.add(variable.get());
            tg.createTask(() -> log.add(self().name() + " " + variable.get()), "action")
                    .await();
            tg.createTask(() -> self().name(), "value").await();
            assertThat(tg.createTask(() -> {}).name()).startsWith("Task-");
        }));
        assertThat(log)
                .containsExactly("yolo of the body", "written by the child", "of the body", "action of the body");
    }

    @Test
    void aTimeoutAroundItEndsIt() {
        run(() -> {
            assertThatExceptionOfType(AsyncTimeoutException.class)
                    .isThrownBy(() -> timeout(seconds(2), () -> {
                        taskGroup(tg -> {
                            tg.createTask(sleeper("child"));
                        });
                    }));
            assertThat(self().cancelling()).isZero();
        });
        assertThat(log).containsExactly("child cancelled");
    }

    @Test
    void anotherThreadMayNotUseIt() {
        run(() -> taskGroup(tg -> {
            for (Action<RuntimeException> use : List.<Action<RuntimeException>>of(
                    () -> tg.createTask(() -> {}), tg::cancel, () -> tg.start(_ -> {}))) {
                Task<?, Exception> elsewhere = createTask(() -> Asyncio.toThread(() -> {
                    use.run();
                    return null;
                }));
                assertThatThrownBy(elsewhere::await).isInstanceOf(IllegalStateException.class);
            }
            assertThat(tg).hasToString("<TaskGroup entered>");
        }));
    }

    /** Runs a group where nothing can suspend. */
    private static final class Initialiser {
        static final List<Task<?, ?>> CHILDREN = new ArrayList<>();
        static Throwable thrown = new AssertionError("nothing was thrown");

        static {
            try {
                taskGroup((TaskGroup tg) -> {
                    CHILDREN.add(tg.createTask(() -> sleep(LONG)));
                    throw new IOException("of the body");
                });
            } catch (Throwable e) {
                thrown = e;
            }
        }
    }

    @Test
    void whereTheCallerCannotWaitTheChildrenAreCancelledAllTheSame() {
        run(() -> {
            Throwable thrown = Initialiser.thrown;
            assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessageContaining("cannot suspend");
            assertThat(thrown.getSuppressed())
                    .singleElement()
                    .extracting(Throwable::getMessage)
                    .isEqualTo("of the body");
            awaitCancelled(Initialiser.CHILDREN.getFirst());
        });
    }

    @Test
    void aClosedLoopDoesNotHoldIt() throws Exception {
        List<String> ends = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch ended = new CountDownLatch(3);
        loop.createTask(() -> {
            try {
                taskGroup(tg -> {
                    for (int i = 0; i < 2; i++) {
                        tg.createTask(() -> {
                            try {
                                sleep(LONG);
                            } finally {
                                ends.add("child");
                                ended.countDown();
                            }
                        });
                    }
                });
            } catch (CancelledError e) {
                ends.add("parent");
            } finally {
                ended.countDown();
            }
        });
        run(() -> sleep(seconds(1)));
        loop.close();
        ended.await();
        assertThat(ends).containsExactlyInAnyOrder("parent", "child", "child");
    }

    @Test
    void theCauseIsTheFirstFailureThatIsMoreThanSomebodyElsesCancel() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            TaskGroupException failure = groupFailure(() -> taskGroup(GroupPolicy.waitAll(), tg -> {
                tg.createTask(promise::await);
                tg.createTask(failsAfter(2, "real"));
                sleep(seconds(1));
                promise.cancel();
            }));
            assertThat(failure.causes())
                    .extracting(Throwable::getClass)
                    .<Class<?>>extracting(c -> c)
                    .containsExactly(TaskCancelledException.class, IOException.class);
            assertThat(failure.getCause()).hasMessage("real");
            assertThat(failure.getSuppressed()).singleElement().isInstanceOf(TaskCancelledException.class);
        });
    }

    @Test
    void aSingleFailureCanBeThrownAsItIs() throws Exception {
        run(() -> {
            TaskGroupException one = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                throw new FileNotFoundException("one");
            }));
            assertThatThrownBy(() -> one.throwSingle(IOException.class)).isSameAs(one.getCause());
            one.throwSingle(IllegalStateException.class);
            TaskGroupException two = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                tg.createTask(failsAfter(0, "two"));
                try {
                    sleep(LONG);
                } finally {
                    throw new IOException("three");
                }
            }));
            two.throwSingle(IOException.class);
        });
    }

    @Test
    void itSaysWhatItWaitsFor() {
        run(() -> {
            List<Task<?, ?>> children = new ArrayList<>();
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                children.add(tg.createTask(() -> sleep(seconds(1))));
                children.add(tg.createTask(() -> sleep(seconds(2))));
            }));
            yieldNow();
            Wait wait = requireNonNull(runner.strand().waitingFor());
            assertThat(wait.awaited()).isEqualTo(children);
            assertThat(wait).hasToString("<TaskGroup tasks=2 entered>");
            assertThat(requireNonNull(wait.wakers()).containsAll(children)).isTrue();
        });
    }
}
