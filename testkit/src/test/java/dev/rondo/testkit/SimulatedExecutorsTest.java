package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** Work in threads is part of a simulation. */
class SimulatedExecutorsTest {

    @Test
    void theOrderOfWorkInThreadsIsSearched() {
        assertThatThrownBy(() -> Explorer.random(100).check(sim -> {
                    List<String> order = new ArrayList<>();
                    gather(() -> toThread(() -> order.add("a")), () -> toThread(() -> order.add("b")));
                    assertThat(order).containsExactly("a", "b");
                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void whatHoldsInAnyOrderPasses() {
        assertThat(Explorer.random(100).check(sim -> {
                    LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
                    Task<String, Exception> taker = createTask(() -> toThread(queue::take));
                    sleep(Duration.ofHours(1));
                    toThread(() -> queue.add("item"));
                    assertThat(taker.await()).isEqualTo("item");
                }))
                .isEqualTo(100);
    }

    /** Two threads that take two locks in opposite orders. */
    @Test
    void aDeadlockOfThreadsIsFound() {
        assertThatThrownBy(() -> Explorer.random(200).check(sim -> {
                    ReentrantLock one = new ReentrantLock();
                    ReentrantLock two = new ReentrantLock();
                    gather(() -> toThread(() -> lockBoth(one, two)), () -> toThread(() -> lockBoth(two, one)));
                }))
                .rootCause()
                .hasMessageStartingWith("nothing can go on any more: every task waits");
    }

    private static void lockBoth(ReentrantLock first, ReentrantLock second) throws InterruptedException {
        first.lockInterruptibly();
        try {
            Thread.yield(); // on a machine's threads anything could happen here
            second.lockInterruptibly();
            second.unlock();
        } finally {
            first.unlock();
        }
    }

    @Test
    void aLatchThatNobodyCountsDownIsFound() {
        assertThatThrownBy(() -> Explorer.random(1).check(sim -> new CountDownLatch(1).await()))
                .rootCause()
                .hasMessageStartingWith("nothing can go on any more: every task waits")
                .hasMessageContaining("java.util.concurrent.CountDownLatch.await");
    }
}
