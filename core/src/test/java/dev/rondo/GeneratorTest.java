package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.generate;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GeneratorTest extends LoopTestCase {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A generator of 1, 2, 3 … that logs each step, and how it ended. */
    private Generator<Integer, RuntimeException> counting(int items) {
        return generate(out -> {
            log.add("begins");
            try {
                for (int i = 1; i <= items; i++) {
                    log.add("makes " + i);
                    out.emit(i);
                }
                log.add("ends");
            } catch (CancelledError e) {
                log.add("cancelled: " + e.getMessage());
                throw e;
            } finally {
                yieldNow();
                log.add("cleaned up");
            }
        });
    }

    private static void awaitCancelled(Task<?, ?> task) {
        assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::await);
        assertThat(task.cancelled()).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ items

    @Test
    void aForLoopTakesWhatTheBodyEmits() {
        run(() -> {
            try (Generator<Integer, RuntimeException> numbers = counting(3)) {
                for (int number : numbers) {
                    log.add("took " + number);
                }
                log.add("over");
            }
        });
        assertThat(log)
                .containsExactly(
                        "begins",
                        "makes 1",
                        "took 1",
                        "makes 2",
                        "took 2",
                        "makes 3",
                        "took 3",
                        "ends",
                        "cleaned up",
                        "over");
    }

    @Test
    void nothingRunsBeforeTheFirstItemIsAskedForNorAheadOfTheNext() {
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(2);
            assertThat(numbers).hasToString("<Generator new>");
            sleep(SECOND);
            assertThat(log).isEmpty();
            assertThat(numbers.next()).isEqualTo(1);
            sleep(SECOND);
            assertThat(log).containsExactly("begins", "makes 1");
            assertThat(numbers.hasNext()).isTrue();
            assertThat(numbers.hasNext()).isTrue(); // asks once
            assertThat(numbers).hasToString("<Generator holding>");
            assertThat(log).containsExactly("begins", "makes 1", "makes 2");
            assertThat(numbers.next()).isEqualTo(2);
            assertThat(numbers.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(numbers::next);
            assertThat(numbers).hasToString("<Generator ended>");
        });
    }

    @Test
    void norDoesItWhereTasksStartAtOnce() {
        loop.setTaskFactory(TaskFactory.EAGER);
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(3);
            assertThat(numbers.hasNext()).isTrue();
            sleep(SECOND);
            assertThat(log).containsExactly("begins", "makes 1");
            assertThat(numbers.next()).isEqualTo(1);
            assertThat(numbers.next()).isEqualTo(2);
            assertThat(numbers.next()).isEqualTo(3);
            assertThat(numbers.hasNext()).isFalse();
        });
    }

    @Test
    void theBodyMaySuspendBetweenItemsWhileOthersRun() {
        run(() -> {
            createTask(() -> {
                sleep(Duration.ofMillis(1500));
                log.add("other");
            });
            try (Generator<Integer, RuntimeException> ticks = generate(out -> {
                for (int i = 1; i <= 3; i++) {
                    sleep(SECOND);
                    out.emit(i);
                }
            })) {
                for (int tick : ticks) {
                    log.add(tick + " at " + clock.elapsed().toSeconds());
                }
            }
        });
        assertThat(log).containsExactly("1 at 1", "other", "2 at 2", "3 at 3");
    }

    @Test
    void itemsMayBeNull() {
        run(() -> {
            Generator<String, RuntimeException> items = generate(out -> {
                out.emit(null);
                out.emit("a");
            });
            List<String> all = new ArrayList<>();
            items.forEach(all::add);
            assertThat(all).containsExactly(null, "a");
        });
    }

    @Test
    void aSecondLoopGoesOnWhereTheFirstOneStopped() {
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(3);
            for (int number : numbers) {
                log.add("first " + number);
                break;
            }
            for (int number : numbers) {
                log.add("second " + number);
            }
        });
        assertThat(log).contains("first 1", "second 2", "second 3").doesNotContain("second 1");
    }

    @Test
    void generatorsMayBeMadeOfGenerators() {
        run(() -> {
            try (Generator<Integer, RuntimeException> squares = generate(out -> {
                try (Generator<Integer, RuntimeException> numbers = counting(100)) {
                    for (int number : numbers) {
                        out.emit(number * number);
                    }
                }
            })) {
                assertThat(squares.next()).isEqualTo(1);
                assertThat(squares.next()).isEqualTo(4);
            }
            assertThat(log).containsSubsequence("cancelled: the generator is closed", "cleaned up");
            assertThat(loop.generators().isEmpty()).isTrue();
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Test
    void theFailureComesOutOfNextOnceAsItIs() throws Exception {
        run(() -> {
            Generator<Integer, IOException> failing = generate(out -> {
                out.emit(1);
                throw new IOException("broken");
            });
            assertThat(failing.next()).isEqualTo(1);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(failing::next)
                    .withMessage("broken");
            assertThat(failing.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(failing::next);
            failing.close();
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void outOfAForLoopAnUncheckedFailureComesAsItIsAndACheckedOneWrapped() {
        run(() -> {
            IOException checked = new IOException("checked");
            Iterator<Integer> failing =
                    this.<Integer, IOException>failing(checked).iterator();
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(failing::next)
                    .satisfies(e -> assertThat(e.getCause()).isSameAs(checked));
            assertThat(failing.hasNext()).isFalse();
            RuntimeException unchecked = new IllegalArgumentException("unchecked");
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> this.<Integer, RuntimeException>failing(unchecked)
                            .iterator()
                            .hasNext())
                    .isSameAs(unchecked);
        });
    }

    private <T, X extends Exception> Generator<T, X> failing(X failure) {
        return generate(out -> {
            throw failure;
        });
    }

    @Test
    void aFailureThatNobodyAskedForComesOutOfClose() throws Exception {
        run(() -> {
            Generator<Integer, IOException> generator = generate(out -> {
                try {
                    out.emit(1);
                } finally {
                    closeBadly();
                }
            });
            generator.next();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(generator::close)
                    .withMessage("while closing");
            generator.close();
            assertThat(generator.hasNext()).isFalse();
        });
        assertThat(reported).isEmpty();
    }

    private static void closeBadly() throws IOException {
        throw new IOException("while closing");
    }

    // ------------------------------------------------------------------------------------------------ closing

    @Test
    void closingEarlyCancelsTheBodyAtItsEmitAndWaitsForItsFinallyBlocks() {
        run(() -> {
            try (Generator<Integer, RuntimeException> numbers = counting(100)) {
                for (int number : numbers) {
                    log.add("took " + number);
                    break;
                }
            }
            log.add("closed");
        });
        assertThat(log)
                .containsExactly(
                        "begins", "makes 1", "took 1", "cancelled: the generator is closed", "cleaned up", "closed");
    }

    @Test
    void closedBeforeItBeganTheBodyNeverRuns() {
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(1);
            numbers.close();
            assertThat(numbers.hasNext()).isFalse();
            assertThat(numbers).hasToString("<Generator ended>");
            numbers.close();
        });
        assertThat(log).isEmpty();
        counting(1).close(); // nor does it need a loop
    }

    @Test
    void whatWasNotTakenIsDroppedByClose() {
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(2);
            assertThat(numbers.hasNext()).isTrue();
            numbers.close();
            assertThat(numbers.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(numbers::next);
        });
    }

    @Test
    void aBodyThatEmitsWhileItIsClosedIsToldToEnd() {
        run(() -> {
            Generator<Integer, RuntimeException> stubborn = generate(out -> {
                try {
                    out.emit(1);
                } catch (CancelledError e) {
                    out.emit(2);
                }
            });
            stubborn.next();
            assertThatIllegalStateException()
                    .isThrownBy(stubborn::close)
                    .withMessageContaining("the generator is closed, and takes no more items");
        });
    }

    @Test
    void aBodyThatReturnsWhenItIsClosedEndsNormally() {
        run(() -> {
            Generator<Integer, RuntimeException> polite = generate(out -> {
                try {
                    out.emit(1);
                } catch (CancelledError e) {
                    log.add("returns");
                }
            });
            polite.next();
            polite.close();
        });
        assertThat(log).containsExactly("returns");
    }

    @Test
    void whoeverWaitsForAnItemHearsThatAnotherHasClosed() {
        run(() -> {
            Generator<Integer, RuntimeException> endless = generate(out -> {
                sleep(Duration.ofHours(1));
                out.emit(1);
            });
            Task<Boolean, RuntimeException> consumer = createTask(endless::hasNext);
            sleep(SECOND);
            endless.close();
            assertThat(consumer.await()).isFalse();
            assertThat(clock.elapsed()).isEqualTo(SECOND);
        });
    }

    @Test
    void aCancelWhileItClosesCancelsTheBodyAgainAndStillWaitsForItsEnd() {
        run(() -> {
            Generator<Integer, RuntimeException> slow = generate(out -> {
                try {
                    out.emit(1);
                } finally {
                    try {
                        sleep(Duration.ofHours(1));
                    } finally {
                        sleep(SECOND);
                        log.add("body ended");
                    }
                }
            });
            slow.next();
            Task<?, RuntimeException> closer = createTask(slow::close);
            sleep(SECOND);
            closer.cancel();
            awaitCancelled(closer);
            log.add("closer ended");
            assertThat(clock.elapsed()).isEqualTo(SECOND.multipliedBy(2));
            slow.close();
        });
        assertThat(log).containsExactly("body ended", "closer ended");
    }

    // ------------------------------------------------------------------------------------------------ cancellation

    @Nested
    class CancelledConsumer {

        private final Generator<Integer, RuntimeException> slow = generate(out -> {
            for (int i = 1; i <= 3; i++) {
                sleep(SECOND.multipliedBy(10));
                log.add("makes " + i);
                out.emit(i);
            }
        });

        @Test
        void leavesTheBodyAloneAndTheItemForTheNext() {
            run(() -> {
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .isThrownBy(() -> timeout(SECOND, () -> slow.next()));
                sleep(SECOND.multipliedBy(30));
                assertThat(log).containsExactly("makes 1"); // and no item ahead
                assertThat(slow.next()).isEqualTo(1);
                assertThat(slow.next()).isEqualTo(2);
            });
        }

        @Test
        void thatComesBackWaitsForTheSameItem() {
            run(() -> {
                for (int i = 0; i < 5; i++) {
                    assertThatExceptionOfType(AsyncTimeoutException.class)
                            .isThrownBy(() -> timeout(SECOND, () -> slow.next()));
                }
                assertThat(slow.next()).isEqualTo(1);
                assertThat(clock.elapsed()).isEqualTo(SECOND.multipliedBy(10));
            });
        }

        @Test
        @Spec("C-2")
        void wokenAndCancelledLosesNoItem() {
            run(() -> {
                List<Task<?, ?>> consumers = new ArrayList<>();
                Generator<Integer, RuntimeException> generator = generate(out -> {
                    consumers.getFirst().cancel(); // it waits: the cancel wakes it
                    out.emit(1);
                    loop.callSoon(() -> consumers.getLast().cancel()); // after the emit has woken it
                    out.emit(2);
                });
                Task<?, RuntimeException> first = createTask(generator::next);
                consumers.add(first);
                awaitCancelled(first);
                assertThat(generator.next()).isEqualTo(1);
                Task<?, RuntimeException> second = createTask(generator::next);
                consumers.add(second);
                awaitCancelled(second);
                assertThat(generator.next()).isEqualTo(2);
                assertThat(generator.hasNext()).isFalse();
            });
        }

        @Test
        void inTryClosesTheGeneratorOnItsWayOut() {
            run(() -> {
                Task<?, RuntimeException> task = createTask(() -> {
                    try (Generator<Integer, RuntimeException> numbers = counting(100)) {
                        for (int number : numbers) {
                            sleep(SECOND.multipliedBy(number));
                        }
                    }
                });
                sleep(SECOND.multipliedBy(2));
                task.cancel();
                awaitCancelled(task);
                log.add("over");
            });
            assertThat(log).endsWith("makes 2", "cancelled: the generator is closed", "cleaned up", "over");
        }
    }

    // ------------------------------------------------------------------------------------------------ the body's task

    @Test
    void theBodyIsATaskOfItsOwnInACopyOfTheContextOfWhoAskedFirst() {
        ContextVar<String> variable = ContextVar.named("variable");
        run(() -> {
            Generator<Object, RuntimeException> generator = generate(out -> {
                out.emit(requireNonNull(currentTask()));
                out.emit(variable.get());
                variable.set("of the body");
                out.emit(variable.get());
            });
            variable.set("of who asked first");
            assertThat(generator.next()).isNotSameAs(currentTask()).isInstanceOf(Task.class);
            variable.set("later");
            assertThat(generator.next()).isEqualTo("of who asked first");
            assertThat(generator.next()).isEqualTo("of the body");
            assertThat(variable.get()).isEqualTo("later");
            generator.close();
        });
    }

    @Test
    void aTimeoutInTheBodyNeverHitsTheConsumer() {
        run(() -> {
            Generator<Integer, RuntimeException> generator = generate(out -> timeout(SECOND, () -> {
                out.emit(1);
                out.emit(2);
            }));
            assertThat(generator.next()).isEqualTo(1);
            sleep(SECOND.multipliedBy(5)); // the deadline comes while the consumer works
            assertThatExceptionOfType(AsyncTimeoutException.class).isThrownBy(generator::next);
        });
    }

    @Test
    void aBodyThatSomebodyElseCancelsEndsTheGenerator() {
        run(() -> {
            List<Task<?, ?>> body = new ArrayList<>();
            Generator<Integer, RuntimeException> generator = generate(out -> {
                body.add(requireNonNull(currentTask()));
                out.emit(1);
            });
            assertThat(generator.next()).isEqualTo(1);
            body.getFirst().cancel();
            assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(generator::next);
            assertThat(generator.hasNext()).isFalse();
            generator.close();
        });
    }

    @Test
    void theBodyIsNotAmongAllTasks() {
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(2);
            numbers.next();
            assertThat(allTasks()).containsExactly(requireNonNull(currentTask()));
            numbers.close();
        });
    }

    @Test
    void whoWaitsForAnItemWaitsForTheBody() {
        run(() -> {
            List<Task<?, ?>> body = new ArrayList<>();
            Generator<Integer, RuntimeException> generator = generate(out -> {
                body.add(requireNonNull(currentTask()));
                sleep(SECOND);
                out.emit(1);
            });
            Task<Integer, RuntimeException> consumer = createTask(generator::next);
            yieldNow();
            yieldNow();
            Wait wait = requireNonNull(consumer.strand().waitingFor());
            assertThat(new ArrayList<>(wait.awaited())).isEqualTo(body);
            assertThat(new ArrayList<Task<?, ?>>(requireNonNull(wait.wakers()))).isEqualTo(body);
            assertThat(wait).hasToString("the next item of <Generator running>");
            consumer.await();
            generator.close();
        });
    }

    @Test
    void wrongUsesAreRefusedAndDoNoHarm() {
        List<Generator<Integer, RuntimeException>> self = new ArrayList<>();
        run(() -> {
            Generator<Integer, RuntimeException> generator = generate(out -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> self.getFirst().hasNext())
                        .withMessageContaining("cannot ask for its own items");
                assertThatIllegalStateException()
                        .isThrownBy(() -> self.getFirst().close())
                        .withMessageContaining("nor close it");
                Task<?, RuntimeException> helper = createTask(() -> out.emit(9));
                assertThatIllegalStateException().isThrownBy(helper::await).withMessageContaining("use a Channel");
                out.emit(1);
                out.emit(2);
            });
            self.add(generator);
            Task<Integer, RuntimeException> consumer = createTask(generator::next);
            yieldNow();
            assertThatIllegalStateException()
                    .isThrownBy(generator::next)
                    .withMessageContaining("another coroutine is already waiting");
            assertThat(consumer.await()).isEqualTo(1);
            assertThat(generator.next()).isEqualTo(2);
            generator.close();
        });
    }

    @Test
    void anotherLoopIsRefused() {
        Generator<Integer, RuntimeException> numbers = counting(2);
        run(() -> assertThat(numbers.next()).isEqualTo(1));
        try (EventLoop other = EventLoop.builder().clock(clock).build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> numbers.next()))
                    .withMessageContaining("belongs to a different loop");
        }
        run(() -> assertThat(numbers.next()).isEqualTo(2));
        run(() -> numbers.close());
    }

    @Test
    void outsideALoopThereAreNoItems() {
        assertThatIllegalStateException()
                .isThrownBy(() -> counting(1).next())
                .withMessageContaining("no running event loop");
    }

    // ------------------------------------------------------------------------------------------------ left open

    @Nested
    class LeftOpen {

        private void runner(Action<RuntimeException> main) {
            try (Runner runner = new Runner(() -> loop)) {
                runner.run(main);
            }
        }

        @Test
        @Spec("L-20")
        void isClosedWhenTheRunEndsAfterTheTasksThatWereLeft() {
            runner(() -> {
                Generator<Integer, RuntimeException> numbers = counting(100);
                numbers.next();
                createTask(() -> {
                    try {
                        sleep(Duration.ofHours(1));
                    } finally {
                        numbers.next(); // it is there still
                    }
                });
                yieldNow();
                log.clear();
            });
            assertThat(log).containsExactly("makes 2", "cancelled: the generator is closed", "cleaned up");
            assertThat(reported).isEmpty();
        }

        @Test
        @Spec("L-20")
        void itsFailureWhileItIsClosedIsReported() {
            List<Object> generators = new ArrayList<>();
            runner(() -> {
                for (int i = 0; i < 2; i++) {
                    Generator<Integer, IOException> generator = generate(out -> {
                        try {
                            out.emit(1);
                        } finally {
                            closeBadly();
                        }
                    });
                    try {
                        generator.next();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                    generators.add(generator);
                }
                counting(1).next(); // closes well
            });
            assertThat(reportedMessages())
                    .hasSize(2)
                    .allSatisfy(
                            message -> assertThat(message).startsWith("an error occurred during closing of generator"));
            assertThat(reported)
                    .extracting(context -> context.exception().getMessage())
                    .containsOnly("while closing");
            assertThat(reported)
                    .<Object>extracting(context -> context.details().get("asyncgen"))
                    .isEqualTo(generators);
            assertThat(log).endsWith("cancelled: the generator is closed", "cleaned up");
        }

        @Test
        @Spec("L-20")
        void canBeClosedByHandAllAtTheSameTime() {
            run(() -> {
                for (int i = 0; i < 3; i++) {
                    Generator<Integer, RuntimeException> generator = generate(out -> {
                        try {
                            out.emit(1);
                        } finally {
                            sleep(SECOND);
                            log.add("closed");
                        }
                    });
                    generator.next();
                }
                loop.shutdownGenerators();
                assertThat(clock.elapsed()).isEqualTo(SECOND);
                assertThat(log).hasSize(3);
                yieldNow();
                assertThat(loop.generators().isEmpty()).isTrue();
                loop.shutdownGenerators();
            });
        }

        @Test
        void isClosedThoughAConsumerLeftItInTheMidstOfItsWork() {
            runner(() -> {
                Generator<Integer, RuntimeException> busy = generate(out -> {
                    try {
                        sleep(Duration.ofHours(1));
                    } finally {
                        log.add("busy ended");
                    }
                });
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .isThrownBy(() -> timeout(SECOND, () -> busy.next()));
            });
            assertThat(log).containsExactly("busy ended");
            assertThat(reported).isEmpty();
        }

        @Test
        void endsWithItsLoopThoughNobodyShutItDown() throws InterruptedException {
            CountDownLatch ended = new CountDownLatch(1);
            run(() -> {
                Generator<Integer, RuntimeException> generator = generate(out -> {
                    try {
                        out.emit(1);
                    } finally {
                        ended.countDown();
                    }
                });
                generator.next();
            });
            loop.close();
            ended.await();
            assertThat(reportedMessages()).containsExactly("Task was destroyed but it is pending!");
        }

        @Test
        void endedOnesAreForgotten() {
            run(() -> {
                for (int i = 0; i < 3; i++) {
                    for (int number : counting(2)) {
                        log.add("took " + number);
                    }
                }
                yieldNow();
                assertThat(loop.generators().isEmpty()).isTrue();
                assertThat(loop.tasks().size()).isEqualTo(1);
            });
        }
    }

    @Test
    @Spec("TG-12")
    void aGeneratorThatIsClosedInsideATaskGroupOfItsBodyEndsTheGroupWithoutAnError() throws Exception {
        run(() -> {
            try (Generator<Integer, RuntimeException> generator = generate(out -> taskGroup((TaskGroup group) -> {
                group.createTask(() -> {
                    try {
                        sleep(Duration.ofHours(1));
                    } finally {
                        log.add("child ended");
                    }
                });
                out.emit(1);
                out.emit(2);
            }))) {
                assertThat(generator.next()).isEqualTo(1);
                yieldNow();
            }
            log.add("closed");
        });
        assertThat(log).containsExactly("child ended", "closed");
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("T-12")
    void itsBodyIsNoneOfTheTasksOfALoopWhoeverAsks() throws Exception {
        run(() -> {
            Generator<Integer, RuntimeException> numbers = counting(3);
            numbers.next();
            assertThat(allTasks()).containsExactly(currentTask());
            assertThat(allTasks(loop)).containsExactly(currentTask());
            Set<Task<?, ?>> elsewhere = toThread(() -> allTasks(loop));
            assertThat(elsewhere).containsExactly(currentTask());
            numbers.close();
        });
    }
}
