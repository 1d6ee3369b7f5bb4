package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.gatherOutcomes;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatherTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private <T> Coroutine<T, RuntimeException> after(int seconds, T value) {
        return () -> {
            sleep(seconds(seconds));
            log.add("after " + seconds);
            return value;
        };
    }

    @Test
    @Spec("G-1")
    void valuesComeInTheOrderOfTheArguments() {
        run(() ->
                assertThat(gather(after(3, "a"), after(1, "b"), after(2, "c"))).containsExactly("a", "b", "c"));
        assertThat(log).containsExactly("after 1", "after 2", "after 3");
        assertThat(clock.elapsed()).as("they ran concurrently").isEqualTo(seconds(3));
    }

    @Test
    @Spec("G-1")
    void ofNothingTheValuesAreNone() {
        run(() -> {
            loop.callSoon(logs("a turn"));
            assertThat(gather(List.<Task<String, RuntimeException>>of())).isEmpty();
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("G-1")
    void outsideALoopNothingIsGathered() {
        assertThatIllegalStateException()
                .isThrownBy(() -> gather(after(1, "never")))
                .withMessageContaining("no running event loop");
        assertThat(loop.tasks().size()).isZero();
    }

    @Test
    @Spec("G-1")
    void theSameAwaitableTwiceRunsOnceAndCountsTwice() {
        run(() -> {
            Task<String, RuntimeException> task = createTask(after(1, "once"));
            assertThat(gather(List.of(task, task))).containsExactly("once", "once");
        });
        assertThat(log).containsExactly("after 1");
    }

    @Test
    @Spec("G-1")
    void whatBelongsToAnotherLoopIsRefused() {
        try (EventLoop other = newEventLoop()) {
            run(() -> assertThatIllegalArgumentException()
                    .isThrownBy(() -> gather(List.of(other.<String, RuntimeException>createFuture()))));
        }
    }

    @Test
    void valuesMayBeNull() {
        run(() -> assertThat(gather(() -> null, () -> "b")).containsExactly(null, "b"));
    }

    @Test
    void actionsAreGatheredToo() throws Exception {
        run(() -> gather(() -> sleep(seconds(1)), () -> sleep(seconds(2))));
        assertThat(clock.elapsed()).isEqualTo(seconds(2));
    }

    @Test
    @Spec("G-2")
    void theFirstFailureIsThrownAtOnceAndTheOthersGoOn() {
        IOException failure = new IOException("first");
        run(() -> {
            assertThatThrownBy(() -> gather(
                            () -> {
                                sleep(seconds(1));
                                throw failure;
                            },
                            after(2, "slow"),
                            () -> {
                                sleep(seconds(3));
                                throw new IOException("second, and nobody's");
                            }))
                    .isSameAs(failure);
            assertThat(clock.elapsed()).isEqualTo(seconds(1));
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("after 2");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("G-2")
    void failuresThatWereThereBeforeAreTakenToo() {
        run(() -> {
            List<Promise<String, RuntimeException>> failed = List.of(loop.createFuture(), loop.createFuture());
            failed.get(0).setException(new IllegalStateException("one"));
            failed.get(1).setException(new IllegalStateException("two"));
            assertThatThrownBy(() -> gather(failed)).hasMessage("one");
            sleep(seconds(10));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("G-2")
    @Spec("G-6")
    void aFailureThatIsThereAlreadyIsThrownWithoutATurn() {
        run(() -> {
            Promise<String, RuntimeException> failed = loop.createFuture();
            failed.setException(new IllegalStateException("there"));
            Promise<String, RuntimeException> pending = loop.createFuture();
            loop.callSoon(logs("a turn"));
            assertThatThrownBy(() -> gather(List.of(pending, failed))).hasMessage("there");
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("G-6")
    void whatIsDoneAlreadyTakesNoTurn() {
        run(() -> {
            Promise<String, RuntimeException> done = loop.createFuture();
            done.setResult("done");
            loop.callSoon(logs("a turn"));
            assertThat(gather(List.of(done))).containsExactly("done");
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("G-3")
    void aChildThatSomebodyCancelsIsAFailure() {
        run(() -> {
            Task<String, RuntimeException> child = createTask(after(1, "never"));
            Task<?, ?> outer = createTask(() -> gather(List.of(child, createTask(after(2, "other")))));
            yieldNow();
            child.cancel("why");
            assertThatThrownBy(outer::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": why");
            assertThat(outer.cancelled()).isFalse();
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("after 2");
    }

    @Test
    @Spec("G-5")
    void aCancelCancelsAllThatAreNotDone() {
        run(() -> {
            Task<String, RuntimeException> quick = createTask(after(1, "quick"));
            Task<String, RuntimeException> slow = createTask(after(5, "slow"));
            Task<?, ?> outer = createTask(() -> gather(List.of(quick, slow)));
            sleep(seconds(2));
            assertThat(outer.cancel()).isTrue();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isTrue();
            assertThat(slow.cancelled()).isTrue();
            assertThat(quick.result()).isEqualTo("quick");
        });
    }

    @Test
    @Spec("G-5")
    void onceItHasFailedACancelReachesNoChild() {
        run(() -> {
            Task<String, RuntimeException> slow = createTask(after(5, "slow"));
            Task<String, RuntimeException> failing = createTask(() -> {
                throw new IllegalStateException("first");
            });
            Task<?, ?> outer = createTask(() -> gather(List.of(slow, failing)));
            assertThatThrownBy(outer::await).hasMessage("first");
            assertThat(outer.cancel()).isFalse();
            assertThat(slow.await()).isEqualTo("slow");
        });
    }

    @Test
    @Spec("G-5")
    void aCancelThatAllChildrenSwallowIsACancelAllTheSame() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> gather(() -> {
                try {
                    sleep(seconds(10));
                } catch (CancelledError e) {
                    log.add("swallowed");
                }
                return "value";
            }));
            yieldNow();
            yieldNow();
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isTrue();
        });
        assertThat(log).containsExactly("swallowed");
    }

    @Test
    @Spec("G-5")
    void aCancelAfterTheLastChildIsDoneWins() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, ?> outer = createTask(() -> gather(List.of(promise)));
            yieldNow();
            promise.setResult("lost");
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
        });
    }

    @Test
    void aFailureThatACancelOvertakesIsReported() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, RuntimeException> outer = createTask(() -> gather(List.of(promise)));
            yieldNow();
            promise.setException(new IllegalStateException("overtaken"));
            yieldNow(); // the gather is told, and is woken for the next turn
            outer.cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isTrue();
            sleep(seconds(5));
        });
        assertThat(reportedMessages()).containsExactly("Promise exception was never retrieved");
    }

    // ------------------------------------------------------------------------------------------------ outcomes

    @Test
    @Spec("G-4")
    void failuresAndCancellationsAreItemsOfTheList() {
        IOException failure = new IOException("typed");
        run(() -> {
            Task<String, RuntimeException> cancelled = createTask(after(5, "never"));
            Task<String, IOException> failing = createTask(() -> {
                sleep(seconds(1));
                throw failure;
            });
            Task<String, RuntimeException> good = createTask(after(3, "good"));
            loop.callLater(seconds(2), () -> cancelled.cancel("why"));
            List<Outcome<String>> outcomes = gatherOutcomes(List.of(cancelled, failing, good));
            assertThat(outcomes)
                    .containsExactly(
                            new Outcome.Cancelled<>("why"),
                            new Outcome.Failure<>(failure),
                            new Outcome.Success<>("good"));
            assertThat(clock.elapsed()).as("it waits for all").isEqualTo(seconds(3));
            sleep(seconds(10));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("G-4")
    void outcomesOfCoroutinesComeInTheOrderOfTheArguments() {
        run(() -> {
            List<Outcome<String>> outcomes = gatherOutcomes(after(3, "a"), after(1, "b"), () -> {
                throw new IOException("at once");
            });
            for (Outcome<String> outcome : outcomes) {
                switch (outcome) {
                    case Outcome.Success<String>(String value) -> log.add(value);
                    case Outcome.Failure<String>(Throwable failed) -> log.add(failed.getMessage());
                    case Outcome.Cancelled<String> _ -> log.add("cancelled");
                }
            }
        });
        assertThat(log).containsExactly("after 1", "after 3", "a", "b", "at once");
    }

    @Test
    @Spec("G-4")
    void outcomesOfActionsAreGatheredToo() {
        run(() -> {
            assertThat(gatherOutcomes(() -> sleep(seconds(1)), () -> sleep(seconds(2))))
                    .containsExactly(new Outcome.Success<>(null), new Outcome.Success<>(null));
            assertThat(gatherOutcomes(List.<Task<String, RuntimeException>>of()))
                    .isEmpty();
        });
    }

    @Test
    @Spec("G-1")
    @Spec("G-4")
    void outcomesOfTheSameTwiceAndOfAnotherLoop() {
        try (EventLoop other = newEventLoop()) {
            run(() -> {
                Task<String, RuntimeException> task = createTask(() -> {
                    throw new IllegalStateException("once");
                });
                List<Outcome<String>> outcomes = gatherOutcomes(List.of(task, task));
                assertThat(outcomes).hasSize(2);
                assertThat(outcomes.get(0)).isEqualTo(outcomes.get(1)).isInstanceOf(Outcome.Failure.class);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> gatherOutcomes(List.of(other.<String, RuntimeException>createFuture())));
            });
        }
    }

    @Test
    @Spec("G-4")
    @Spec("G-6")
    void outcomesThatAreThereTakeNoTurn() {
        run(() -> {
            Promise<String, RuntimeException> failed = loop.createFuture();
            failed.setException(new IllegalStateException("there"));
            Promise<String, RuntimeException> cancelled = loop.createFuture();
            cancelled.cancel();
            loop.callSoon(logs("a turn"));
            assertThat(gatherOutcomes(List.of(failed, cancelled)))
                    .containsExactly(new Outcome.Failure<>(failed.exception()), new Outcome.Cancelled<>((String) null));
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("G-5")
    void aCancelCancelsAllAndIsThrownOnceAllHaveEnded() {
        run(() -> {
            Task<String, RuntimeException> obedient = createTask(after(10, "never"));
            Task<String, RuntimeException> slow = createTask(() -> {
                try {
                    sleep(seconds(10));
                } finally {
                    sleep(seconds(1));
                    log.add("cleaned up");
                }
                return "never";
            });
            Task<String, RuntimeException> failing = createTask(() -> {
                try {
                    sleep(seconds(10));
                } finally {
                    throw new IllegalStateException("in answer");
                }
            });
            Task<?, RuntimeException> outer = createTask(() -> {
                try {
                    gatherOutcomes(List.of(obedient, slow, failing));
                } catch (CancelledError e) {
                    log.add("cancelled: " + e.getMessage());
                    throw e;
                }
            });
            sleep(seconds(1));
            assertThat(outer.cancel("enough")).isTrue();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
            assertThat(obedient.cancelled()).isTrue();
            assertThat(slow.cancelled()).isTrue();
            assertThat(outer.cancel()).as("it is done").isFalse();
            sleep(seconds(5));
        });
        assertThat(log).containsExactly("cleaned up", "cancelled: enough");
        assertThat(reported).isEmpty();
    }

    @Test
    void anOutcomeThatIsNotThereIsAnError() {
        run(() -> assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(() -> loop.createFuture().outcome()));
    }
}
