package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Task groups that are cancelled: by their own failures, by others, by {@code cancel()}. */
class TaskGroupCancelTest extends TaskGroupTestCase {

    // ------------------------------------------------------------------------------------------------ TG-7, TG-8

    @Test
    @Spec("TG-7")
    void aCancelOfTheBodyCancelsTheChildrenAndGoesOn() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                for (int i = 0; i < 3; i++) {
                    tg.createTask(() -> {
                        try {
                            sleep(LONG);
                        } finally {
                            sleep(seconds(1));
                            log.add("child ends");
                        }
                    });
                }
                sleeper("body").run();
            }));
            sleep(seconds(1));
            runner.cancel("test");
            assertThatThrownBy(runner::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": test");
            assertThat(runner.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
        });
        assertThat(log).containsExactly("body cancelled", "child ends", "child ends", "child ends");
    }

    @Test
    @Spec("TG-7")
    void aCancelWhileTheExitWaitsCancelsTheChildrenAndGoesOn() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                tg.createTask(sleeper("one"));
                tg.createTask(sleeper("two"));
            }));
            sleep(seconds(1));
            runner.cancel("test");
            assertThatThrownBy(runner::await).hasMessageEndingWith(": test");
            assertThat(runner.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("one cancelled", "two cancelled");
    }

    @Test
    @Spec("TG-7")
    void aCancelThatTheBodyAnswersWithAFailureIsAFailure() {
        run(() -> {
            Task<?, RuntimeException> runner = createTask(() -> taskGroup((TaskGroup _) -> {
                try {
                    sleep(LONG);
                } finally {
                    throw new IOException("weird");
                }
            }));
            sleep(seconds(1));
            runner.cancel();
            assertThat(messages(groupFailure(runner::await))).containsExactly("weird");
        });
    }

    @Test
    @Spec("TG-7")
    void aCancelBetweenTheLastChildsEndAndTheExitGoesOn() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, ?> runner = createTask(() -> taskGroup((TaskGroup tg) -> tg.createTask(promise::await)));
            yieldNow();
            yieldNow();
            promise.setResult("done");
            yieldNow(); // the child ends
            yieldNow(); // the group hears of it, and wakes the runner
            runner.cancel();
            awaitCancelled(runner);
        });
    }

    @Test
    void aBodyInBlockingCodeIsCancelledByAnInterrupt() {
        try (EventLoop real = newEventLoop()) {
            real.runUntilComplete(() -> {
                TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                    tg.createTask(() -> {
                        awaitForeign(parentOf(tg));
                        throw new IOException("of the child");
                    });
                    new LinkedBlockingQueue<>().take();
                }));
                assertThat(messages(failure)).containsExactly("of the child");
                assertThat(self().cancelling()).isZero();

                Task<?, ?> runner = createTask(() -> taskGroup(_ -> {
                    new LinkedBlockingQueue<>().take();
                }));
                awaitForeign(runner);
                runner.cancel();
                awaitCancelled(runner);
            });
        }
    }

    private static Task<?, ?> parentOf(TaskGroup group) {
        return requireNonNull(group.members()).stream()
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    @Test
    @Spec("TG-8")
    void afterAFailureTheCancelFromOutsideComesAtTheNextAwait() {
        run(() -> {
            Task<?, ?> inner = createTask(() -> {
                try {
                    taskGroup(tg -> {
                        tg.createTask(() -> {
                            yieldNow();
                            throw new IOException("error");
                        });
                        sleep(LONG);
                        log.add("not here");
                    });
                } catch (TaskGroupException e) {
                    log.add("caught, cancelling " + self().cancelling());
                }
                sleeper("next await").run();
            });
            yieldNow();
            yieldNow();
            assertThat(inner.cancelling()).isZero();
            inner.cancel();
            awaitCancelled(inner);
            assertThat(inner.cancelling()).isEqualTo(1);
        });
        assertThat(log).containsExactly("caught, cancelling 1", "next await cancelled");
    }

    @Test
    @Spec("TG-8")
    void theGroupIsWhatATaskFailsWithThatWasCancelledToo() {
        run(() -> {
            Task<?, RuntimeException> runner = createTask(() -> taskGroup(tg -> {
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        throw new IllegalArgumentException("child");
                    }
                });
                sleep(LONG);
            }));
            yieldNow();
            yieldNow();
            runner.cancel();
            assertThat(messages(groupFailure(runner::await))).containsExactly("child");
            assertThat(runner.cancelled()).isFalse();
            assertThat(runner.cancelling()).isEqualTo(1);
        });
    }

    @Test
    @Spec("TG-8")
    void aChildThatFailsWhileTheCancelledBodyStillRunsIsInTheGroup() {
        run(() -> {
            Task<?, RuntimeException> runner = createTask(() -> {
                try {
                    taskGroup(tg -> {
                        tg.createTask(failsAfter(3, "soon"));
                        try {
                            sleep(LONG);
                        } catch (CancelledError e) {
                            sleep(seconds(5));
                            throw e;
                        }
                    });
                } catch (TaskGroupException e) {
                    log.addAll(messages(e));
                    throw e;
                }
            });
            sleep(seconds(1));
            runner.cancel();
            // The second cancel, the group's own, ends the body's clean-up.
            assertThat(messages(groupFailure(runner::await))).containsExactly("soon");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(runner.cancelling()).isEqualTo(1);
        });
        assertThat(log).containsExactly("soon");
    }

    // ------------------------------------------------------------------------------------------------ TG-9, TG-10

    @Test
    @Spec("TG-9")
    @Spec("C-14")
    void itsOwnCancelDoesNotLeakAndTheLevelIsThatOfBefore() {
        run(() -> {
            groupFailure(() -> taskGroup(tg -> {
                tg.createTask(failsAfter(0, "error"));
            }));
            assertThat(self().cancelling()).isZero();
            yieldNow();

            Task<?, ?> cancelledBefore = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    groupFailure(() -> taskGroup(tg -> {
                        tg.createTask(failsAfter(1, "while cleaning up"));
                        sleep(LONG);
                    }));
                    assertThat(self().cancelling()).isEqualTo(1);
                    yieldNow();
                    taskGroup(tg -> {
                        tg.cancel();
                    });
                    assertThat(self().cancelling()).isEqualTo(1);
                    yieldNow();
                    log.add("no cancel came again");
                    throw e;
                }
            });
            yieldNow();
            cancelledBefore.cancel();
            awaitCancelled(cancelledBefore);
        });
        assertThat(log).containsExactly("no cancel came again");
    }

    @Test
    @Spec("TG-9")
    void aBodyThatFailsInItsFinallyBlockLeaksNoCancel() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup((TaskGroup tg) -> {
                try {
                    tg.createTask(() -> {
                        throw new IOException("child");
                    });
                    sleep(seconds(1));
                } finally {
                    throw new IOException("finally");
                }
            }));
            assertThat(messages(failure)).containsExactly("child", "finally");
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
    }

    @Test
    @Spec("TG-10")
    void ofTwoThatAreNestedBothFailures() {
        run(() -> {
            TaskGroupException outerFailure = groupFailure(() -> taskGroup(outer -> {
                TaskGroupException innerFailure = groupFailure(() -> taskGroup(inner -> {
                    inner.createTask(failsAfter(0, "inner"));
                    outer.createTask(failsAfter(0, "outer"));
                }));
                assertThat(messages(innerFailure)).containsExactly("inner");
                log.add("cancelling " + self().cancelling());
                sleeper("body").run();
            }));
            assertThat(messages(outerFailure)).containsExactly("outer");
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
        assertThat(log).containsExactly("cancelling 1", "body cancelled");
    }

    @Test
    @Spec("TG-10")
    void aFailureOfTheInnerGoesThroughTheOuter() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(outer -> {
                outer.createTask(sleeper("child of outer"));
                taskGroup(inner -> {
                    inner.createTask(failsAfter(1, "inner"));
                });
            }));
            assertThat(failure.causes()).singleElement().isInstanceOf(TaskGroupException.class);
            assertThat(messages((TaskGroupException) requireNonNull(failure.getCause())))
                    .containsExactly("inner");
        });
        assertThat(log).containsExactly("child of outer cancelled");
    }

    @Test
    @Spec("TG-10")
    void aFailureOfTheOuterEndsTheInner() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(outer -> {
                outer.createTask(failsAfter(1, "outer"));
                taskGroup(inner -> {
                    inner.createTask(sleeper("child of inner"));
                });
            }));
            assertThat(messages(failure)).containsExactly("outer");
            assertThat(self().cancelling()).isZero();
        });
        assertThat(log).containsExactly("child of inner cancelled");
    }

    @Test
    @Spec("TG-10")
    void aCancelFromOutsideEndsBoth() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(outer -> {
                outer.createTask(sleeper("child of outer"));
                taskGroup(inner -> {
                    inner.createTask(sleeper("child of inner"));
                    sleep(LONG);
                });
            }));
            sleep(seconds(1));
            runner.cancel();
            awaitCancelled(runner);
            assertThat(runner.cancelling()).isEqualTo(1);
        });
        assertThat(log).containsExactly("child of inner cancelled", "child of outer cancelled");
    }

    // ------------------------------------------------------------------------------------------------ TG-13

    @Test
    @Spec("TG-13")
    void repeatedCancelsWhileItWaitsDoNotEndTheWait() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } catch (CancelledError e) {
                        sleep(seconds(5));
                        log.add("child ends");
                    }
                });
            }));
            sleep(seconds(1));
            runner.cancel("first");
            sleep(seconds(1));
            runner.cancel("second");
            sleep(seconds(1));
            assertThat(runner.done()).isFalse();
            assertThatThrownBy(runner::await).hasMessageEndingWith(": first");
            assertThat(runner.cancelling()).isEqualTo(2);
            assertThat(clock.elapsed())
                    .as("had it spun, no time would have passed")
                    .isEqualTo(seconds(6));
        });
        assertThat(log).containsExactly("child ends");
    }

    @Test
    void aCancelThatWasDueWhenItBeganComesAgainAfterAFailure() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> {
                self().cancel("due");
                groupFailure(() -> taskGroup(tg -> {
                    tg.createTask(() -> {
                        throw new IOException();
                    });
                    sleep(LONG);
                }));
                log.add("failed");
                yieldNow();
                log.add("not reached");
            });
            awaitCancelled(runner);
        });
        assertThat(log).containsExactly("failed");
    }

    @Test
    @Spec("TG-13")
    void aCancelFromOutsideThatComesAfterTheGroupsOwnIsKept() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        sleep(seconds(2));
                    }
                });
                tg.createTask(() -> {
                    sleep(seconds(1));
                    tg.cancel("own");
                });
            }));
            sleep(seconds(2));
            runner.cancel("from outside");
            assertThatThrownBy(runner::await).hasMessageEndingWith(": from outside");
            assertThat(runner.cancelling()).isEqualTo(1);
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
        });
    }

    // ------------------------------------------------------------------------------------------------ TG-17, TG-18

    @Test
    @Spec("TG-17")
    void aCancelledGroupEndsWithoutAnError() {
        run(() -> {
            TaskGroup group = new TaskGroup();
            String value = group.run(tg -> {
                tg.createTask(sleeper("child"));
                yieldNow();
                tg.cancel("enough");
                tg.cancel("a second time");
                log.add("after cancel");
                assertThatIllegalStateException()
                        .isThrownBy(() -> tg.createTask(() -> {}))
                        .withMessageContaining("is shutting down");
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    log.add("body " + e.getMessage());
                    throw e;
                }
                return "lost";
            });
            assertThat(value).isNull();
            assertThat(self().cancelling()).isZero();
            assertThat(group.cancelled()).isTrue();
            assertThat(group.cancelReason()).isEqualTo("enough");
            yieldNow();
        });
        assertThat(log).containsExactly("after cancel", "child cancelled", "body enough");
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    @Spec("TG-17")
    void aCancelThatTheBodyNeverHearsOfIsForgotten() {
        run(() -> {
            String value = taskGroup(tg -> {
                tg.cancel();
                return "kept";
            });
            assertThat(value).isEqualTo("kept");
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
    }

    @Test
    @Spec("TG-17")
    void cancelledBeforeItIsEnteredTheBodyRunsUpToItsFirstAwait() {
        run(() -> {
            TaskGroup group = new TaskGroup();
            assertThat(group.cancelled()).isFalse();
            group.cancel("early");
            group.cancel("later");
            group.run(tg -> {
                log.add("body starts");
                assertThatIllegalStateException()
                        .isThrownBy(() -> tg.createTask(() -> {}))
                        .withMessageContaining("is shutting down");
                sleeper("body").run();
            });
            assertThat(group.cancelReason()).isEqualTo("early");
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
        assertThat(log).containsExactly("body starts", "body cancelled");
    }

    @Test
    @Spec("TG-17")
    void aCancelAfterTheEndDoesNothing() {
        run(() -> {
            TaskGroup group = new TaskGroup();
            group.run((TaskGroup tg) -> tg.createTask(() -> {}));
            group.cancel();
            assertThat(group.cancelled()).isFalse();
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
    }

    @Test
    @Spec("TG-17")
    void aCancelAfterAFailureDoesNothingAndTheOutcomeIsTheFailure() {
        run(() -> {
            TaskGroup group = new TaskGroup();
            groupFailure(() -> group.run(tg -> {
                tg.createTask(failsAfter(1, "failure"));
                try {
                    sleep(LONG);
                } finally {
                    tg.cancel();
                }
            }));
            assertThat(group.cancelled()).isFalse();
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("TG-17")
    void whatFailsOnTheWayOutIsThrown() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        throw new IOException("cleanup");
                    }
                });
                yieldNow();
                tg.cancel();
            }));
            assertThat(messages(failure)).containsExactly("cleanup");
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("TG-17")
    void aCancelFromOutsideAtTheSameTimeGoesOn() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                tg.cancel();
                self().cancel();
                sleep(LONG);
            }));
            awaitCancelled(runner);
            assertThat(runner.cancelling()).isEqualTo(1);
        });
    }

    @Test
    @Spec("TG-17")
    void whileTheExitWaitsItCanBeCancelled() {
        run(() -> {
            TaskGroup group = new TaskGroup();
            loop.callLater(seconds(1), group::cancel);
            group.run(tg -> {
                tg.createTask(sleeper("child"));
            });
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            assertThat(self().cancelling()).isZero();
            yieldNow();
        });
        assertThat(log).containsExactly("child cancelled");
    }

    @Test
    @Spec("TG-18")
    void aChildThatCancelsItsGroupIsCancelledToo() {
        run(() -> {
            List<Task<String, RuntimeException>> tasks = new ArrayList<>();
            taskGroup(tg -> {
                tasks.add(tg.createTask(() -> {
                    tg.cancel("by a child");
                    return "lost";
                }));
                sleeper("body").run();
            });
            assertThat(tasks.getFirst().cancelled()).isTrue();
            assertThatThrownBy(tasks.getFirst()::result).hasMessageEndingWith(": by a child");
        });
        assertThat(log).containsExactly("body cancelled");
    }
}
