package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rondo.spec.Spec;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How a queue ends: taskDone, join and shutdown, of all three kinds. */
class AsyncQueueEndTest extends QueueTestCase {

    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.argumentSet("AsyncQueue", (IntFunction<AsyncQueue<String>>) AsyncQueue::new),
                Arguments.argumentSet("AsyncLifoQueue", (IntFunction<AsyncQueue<String>>) AsyncLifoQueue::new),
                Arguments.argumentSet("AsyncPriorityQueue", (IntFunction<AsyncQueue<String>>) AsyncPriorityQueue::new));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-5")
    void taskDoneCannotBeSaidMoreOftenThanItemsWerePut(IntFunction<AsyncQueue<String>> kind) {
        AsyncQueue<String> queue = kind.apply(0);
        assertThatIllegalArgumentException()
                .isThrownBy(queue::taskDone)
                .withMessage("task_done() called too many times");
        queue.putNowait("a");
        queue.taskDone(); // even before it is taken
        assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-5")
    void joinWaitsUntilAllWorkIsDone(IntFunction<AsyncQueue<String>> kind) {
        run(() -> {
            AsyncQueue<String> queue = kind.apply(0);
            int[] sum = {0};
            for (int i = 0; i < 100; i++) {
                queue.putNowait(String.valueOf(i));
            }
            for (int i = 0; i < 2; i++) {
                createTask(() -> {
                    for (String item : queue) {
                        sleep(SECOND);
                        sum[0] += Integer.parseInt(item);
                        queue.taskDone();
                    }
                });
            }
            queue.join();
            assertThat(sum[0]).isEqualTo(99 * 100 / 2);
            assertThat(clock.elapsed()).isEqualTo(SECOND.multipliedBy(50));
            queue.shutdown();
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-5")
    void joinReturnsAtOnceWhereNothingIsUnfinished(IntFunction<AsyncQueue<String>> kind) {
        run(() -> {
            AsyncQueue<String> queue = kind.apply(0);
            createTask(() -> log.add("other"));
            queue.join();
            queue.join();
            queue.putNowait("a");
            queue.getNowait();
            queue.taskDone();
            queue.join();
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("Q-5")
    void joinEndsThoughSomethingNewIsPutBeforeTheJoinerRuns() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            queue.putNowait(1);
            Task<?, RuntimeException> joiner = createTask(queue::join);
            yieldNow();
            queue.taskDone();
            queue.putNowait(2);
            joiner.await();
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-6")
    void shutDownWhileEmptyNothingGoesInOrOut(IntFunction<AsyncQueue<String>> kind) {
        run(() -> {
            AsyncQueue<String> queue = kind.apply(0);
            var takers = List.of(taker("a", queue), taker("b", queue));
            yieldNow();
            queue.shutdown();
            for (Task<?, RuntimeException> taker : takers) {
                assertThatExceptionOfType(QueueShutDownException.class).isThrownBy(taker::await);
            }
            assertShutDown(queue, () -> queue.put("x"));
            assertShutDown(queue, () -> queue.putNowait("x"));
            assertShutDown(queue, queue::get);
            assertShutDown(queue, queue::getNowait);
            queue.shutdown();
            assertShutDown(queue, queue::get);
            queue.join();
        });
        assertThat(log).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-6")
    void shutDownWhileFullTheRestCanBeTaken(IntFunction<AsyncQueue<String>> kind) {
        run(() -> {
            AsyncQueue<String> queue = kind.apply(2);
            queue.put("a");
            queue.put("b");
            var putters = List.of(putter(queue, "c"), putter(queue, "d"));
            Task<?, RuntimeException> joiner = createTask(queue::join);
            yieldNow();
            queue.shutdown();
            for (Task<?, RuntimeException> putter : putters) {
                assertThatExceptionOfType(QueueShutDownException.class).isThrownBy(putter::await);
            }
            assertThat(queue.full()).isTrue(); // it stayed so
            assertShutDown(queue, () -> queue.put("x"));
            assertShutDown(queue, () -> queue.putNowait("x"));
            assertThat(Set.of(queue.get(), queue.getNowait())).containsExactlyInAnyOrder("a", "b");
            assertShutDown(queue, queue::get);
            assertShutDown(queue, queue::getNowait);
            queue.taskDone();
            yieldNow();
            assertThat(joiner.done()).isFalse();
            queue.taskDone();
            joiner.await();
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-6")
    void shutDownAtOnceDropsTheItems(IntFunction<AsyncQueue<String>> kind) {
        run(() -> {
            AsyncQueue<String> queue = kind.apply(2);
            queue.put("a");
            queue.put("b");
            Task<?, RuntimeException> putter = putter(queue, "c");
            Task<?, RuntimeException> joiner = createTask(queue::join);
            yieldNow();
            queue.shutdown(true);
            assertThat(queue.empty()).isTrue();
            assertThatExceptionOfType(QueueShutDownException.class).isThrownBy(putter::await);
            joiner.await(); // nothing is unfinished
            assertShutDown(queue, () -> queue.put("x"));
            assertShutDown(queue, queue::get);
            assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @Spec("Q-6")
    void shutDownAtOnceStillWaitsForTheWorkThatWasBegun(IntFunction<AsyncQueue<String>> kind) {
        run(() -> {
            AsyncQueue<String> queue = kind.apply(0);
            queue.put("a");
            queue.put("b");
            queue.put("c");
            queue.get();
            Task<?, RuntimeException> joiner = createTask(queue::join);
            yieldNow();
            queue.shutdown();
            queue.shutdown(true); // the second time for good
            yieldNow();
            assertThat(joiner.done()).isFalse();
            queue.taskDone();
            joiner.await();
            assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
        });
    }

    @Test
    @Spec("Q-6")
    void shutDownAtOnceCountsNothingBelowZero() {
        AsyncQueue<String> queue = new AsyncQueue<>();
        queue.putNowait("a");
        queue.putNowait("b");
        queue.taskDone();
        queue.taskDone();
        queue.shutdown(true);
        assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
    }

    @Test
    @Spec("Q-6")
    void aGetterThatWasWokenForAnItemTakesItThoughTheQueueIsShutDown() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            var takers = List.of(taker("a", queue), taker("b", queue));
            yieldNow();
            queue.putNowait(1);
            queue.shutdown();
            takers.get(0).await();
            assertThatExceptionOfType(QueueShutDownException.class).isThrownBy(takers.get(1)::await);
        });
        assertThat(log).containsExactly("a 1");
    }

    private static void assertShutDown(AsyncQueue<?> queue, Action<RuntimeException> use) {
        assertThatExceptionOfType(QueueShutDownException.class)
                .as(queue.toString())
                .isThrownBy(use::run)
                .withMessage("the queue is shut down");
    }
}
