package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rondo.spec.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

class AsyncQueueCancellationTest extends QueueTestCase {

    @Test
    @Spec("Q-4")
    void whileItWaitsAGetterLeavesTheList() {
        run(() -> {
            AsyncQueue<String> queue = new AsyncQueue<>();
            Task<?, RuntimeException> first = taker("first", queue);
            Task<?, RuntimeException> second = taker("second", queue);
            yieldNow();
            first.cancel();
            yieldNow();
            assertThat(first.cancelled()).isTrue();
            assertThat(queue.toString()).contains("getters[1]");
            queue.put("a");
            second.await();
        });
        assertThat(log).containsExactly("second a");
    }

    @Test
    @Spec("Q-4")
    void byATimeoutAGetterLeavesTheList() {
        run(() -> {
            AsyncQueue<String> queue = new AsyncQueue<>(5);
            assertThatExceptionOfType(AsyncTimeoutException.class).isThrownBy(() -> timeout(SECOND, () -> queue.get()));
            assertThat(queue).hasToString("<AsyncQueue maxsize=5>");
            queue.put("kept");
            assertThat(queue.get()).isEqualTo("kept");
        });
    }

    @Test
    @Spec("Q-4")
    void whileItWaitsAPutterLeavesTheListAndItsItemIsNotPut() {
        run(() -> {
            AsyncQueue<String> queue = new AsyncQueue<>(1);
            queue.put("a");
            Task<?, RuntimeException> b = putter(queue, "b");
            Task<?, RuntimeException> c = putter(queue, "X");
            yieldNow();
            assertThat(queue.toString()).contains("putters[2]");
            c.cancel();
            awaitCancelled(c);
            assertThat(queue.toString()).contains("putters[1]");
            assertThat(queue.getNowait()).isEqualTo("a");
            b.await();
            assertThat(queue.getNowait()).isEqualTo("b");
            assertThat(queue.empty()).isTrue();
            queue.taskDone();
            queue.taskDone();
            assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
        });
    }

    @Test
    @Spec("Q-4")
    @Spec("C-2")
    void afterItWasWokenAGetterTakesNothing() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            Task<?, RuntimeException> taker = taker("cancelled", queue);
            yieldNow();
            queue.putNowait(1);
            queue.putNowait(2);
            taker.cancel();
            awaitCancelled(taker);
            assertThat(queue.get()).isEqualTo(1);
            assertThat(queue.get()).isEqualTo(2);
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("Q-4")
    @Spec("C-2")
    void afterItWasWokenAGetterPassesTheItemOn() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            var takers = List.of(taker("a", queue), taker("b", queue), taker("c", queue));
            yieldNow();
            queue.putNowait(1);
            queue.putNowait(2);
            takers.get(0).cancel();
            awaitCancelled(takers.get(0));
            takers.get(1).await();
            takers.get(2).await();
        });
        assertThat(log).containsExactly("b 1", "c 2");
    }

    @Test
    @Spec("Q-4")
    @Spec("C-2")
    void beforeItIsWokenAGetterIsNotTheOneThatIsWoken() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            var takers = List.of(taker("a", queue), taker("b", queue));
            yieldNow();
            takers.get(0).cancel();
            queue.putNowait(1);
            awaitCancelled(takers.get(0));
            takers.get(1).await();
        });
        assertThat(log).containsExactly("b 1");
    }

    @Test
    @Spec("Q-4")
    @Spec("C-2")
    void andUncancelledBeforeItRunsAGetterGetsItsItem() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            Task<?, RuntimeException> taker = taker("a", queue);
            yieldNow();
            queue.putNowait(1);
            taker.cancel();
            taker.uncancel();
            taker.await();
        });
        assertThat(log).containsExactly("a 1");
    }

    @Test
    @Spec("Q-4")
    @Spec("C-2")
    void afterItWasWokenAPutterPassesTheRoomOn() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            queue.put(0);
            var putters = List.of(putter(queue, 1), putter(queue, 2));
            yieldNow();
            assertThat(queue.getNowait()).isEqualTo(0);
            putters.get(0).cancel();
            awaitCancelled(putters.get(0));
            putters.get(1).await();
            assertThat(queue.getNowait()).isEqualTo(2);
            assertThat(queue.empty()).isTrue();
        });
    }

    @Test
    @Spec("Q-4")
    void aPutterMayTryAgain() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            queue.putNowait(1);
            Task<?, RuntimeException> putter = putter(queue, 2);
            yieldNow();
            assertThat(queue.getNowait()).isEqualTo(1);
            putter.cancel();
            awaitCancelled(putter);
            putter(queue, 2).await();
            assertThat(queue.getNowait()).isEqualTo(2);
            assertThat(queue.qsize()).isZero();
        });
    }

    @Test
    @Spec("Q-4")
    void aPutterThatFailsOtherwiseLeavesTheRoomToTheNext() {
        run(() -> {
            AsyncQueue<Object> queue = new AsyncPriorityQueue<>(2);
            queue.put(1);
            queue.put(2);
            var putters = List.of(putter(queue, "no number"), putter(queue, 3));
            yieldNow();
            assertThat(queue.getNowait()).isEqualTo(1);
            assertThatExceptionOfType(ClassCastException.class).isThrownBy(putters.get(0)::await);
            putters.get(1).await();
            assertThat(queue.qsize()).isEqualTo(2);
        });
    }

    @Test
    void joiningLeavesNothingBehind() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            queue.putNowait(1);
            Task<?, RuntimeException> joiner = createTask(queue::join);
            yieldNow();
            joiner.cancel();
            awaitCancelled(joiner);
            queue.taskDone();
            queue.join();
        });
    }
}
