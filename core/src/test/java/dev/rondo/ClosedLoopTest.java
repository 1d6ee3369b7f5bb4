package dev.rondo;

import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** What becomes of what a loop leaves unfinished when it is closed: it runs to its end on a spare thread. */
class ClosedLoopTest extends LoopTestCase {

    private final List<String> ends = Collections.synchronizedList(new ArrayList<>());

    /** Runs {@code body} until it ends, and then says on which thread that was. */
    private Action<RuntimeException> untilItEnds(Action<?> body, CountDownLatch ended) {
        return () -> {
            try {
                body.run();
                ends.add("returned");
            } catch (Throwable e) {
                ends.add(e.getClass().getSimpleName());
                throw new CancelledError(null);
            } finally {
                ends.add(carrier());
                ended.countDown();
            }
        };
    }

    private static String carrier() {
        String thread = Thread.currentThread().toString();
        return thread.substring(thread.indexOf('@') + 1);
    }

    private void startAndClose(Action<RuntimeException> body) {
        Task<?, ?> task = loop.createTask(body);
        run(() -> {
            yieldNow();
            assertThat(task.done()).isFalse();
        });
        loop.close();
    }

    @Test
    void aCoroutineThatIsSuspendedIsCancelled() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        startAndClose(untilItEnds(() -> sleep(Duration.ofHours(1)), ended));
        ended.await();
        assertThat(ends).containsExactly("CancelledError", "rondo-stragglers");
    }

    @Test
    void aCoroutineThatYieldsIsCancelled() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        startAndClose(untilItEnds(
                () -> {
                    for (; ; ) {
                        yieldNow();
                    }
                },
                ended));
        ended.await();
        assertThat(ends).containsExactly("CancelledError", "rondo-stragglers");
    }

    @Test
    void aCoroutineInBlockingCodeIsInterrupted() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        startAndClose(untilItEnds(new LinkedBlockingQueue<>()::take, ended));
        ended.await();
        assertThat(ends).containsExactly("InterruptedException", "rondo-stragglers");
    }

    @Test
    void aCoroutineThatCannotBeInterruptedEndsWhenItCan() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        startAndClose(untilItEnds(
                () -> {
                    lock.lock();
                    lock.unlock();
                },
                ended));
        assertThat(ends).isEmpty();
        lock.unlock();
        ended.await();
        assertThat(ends).containsExactly("returned", "rondo-stragglers");
    }

    @Test
    void callbacksThatAreSuspendedEndToo() throws Exception {
        CountDownLatch ended = new CountDownLatch(20);
        Promise<String, RuntimeException> never = loop.createFuture();
        for (int i = 0; i < 20; i++) {
            loop.callSoon(untilItEnds(never::await, ended)::run);
        }
        loop.callSoon(loop::stop);
        loop.runForever();
        loop.close();
        ended.await();
        assertThat(ends).hasSize(40).containsOnly("CancelledError", "rondo-stragglers");
    }

    @Test
    @Spec("T-13")
    void itIsReportedAsPendingAndNotAsAFailure() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Task<?, ?> task = loop.createTask(() -> {
            try {
                new LinkedBlockingQueue<>().take();
            } finally {
                ended.countDown();
            }
        });
        run(Asyncio::yieldNow);
        loop.close();
        ended.await();
        task.thread().join();
        assertThat(reportedMessages()).containsExactly("Task was destroyed but it is pending!");
        assertThat(task.cancelled()).isTrue();
    }

    @Test
    void theThreadThatRanCallbacksEnds() throws Exception {
        List<Thread> runners = new ArrayList<>();
        run(() -> {
            loop.callSoon(() -> runners.add(Thread.currentThread()));
            yieldNow();
        });
        assertThat(runners.getFirst().isAlive()).isTrue();
        loop.close();
        assertThat(runners.getFirst().join(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void aVirtualThreadThatWasStartedInACoroutineEndsToo() throws Exception {
        List<Thread> children = new ArrayList<>();
        assertThatThrownBy(() -> run(() -> {
                    children.add(Thread.startVirtualThread(() -> {
                        for (int i = 0; i < 10; i++) {
                            Thread.yield();
                        }
                        ends.add(carrier());
                    }));
                    yieldNow();
                    loop.callSoon(() -> {
                        throw new KeyboardInterrupt();
                    });
                    yieldNow();
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        loop.close();
        assertThat(children.getFirst().join(Duration.ofSeconds(20))).isTrue();
        assertThat(ends).containsExactly("rondo-stragglers");
    }

    /** For ever it would have the one thread that the coroutines of all closed loops share. */
    @Test
    void whoSwallowsEveryCancelDoesNotKeepOthersFromTheirEnd() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        loop.createTask(() -> {
            for (; ; ) {
                try {
                    sleep(Duration.ofHours(1));
                } catch (CancelledError | RuntimeException e) {
                    // as it should not be done
                }
            }
        });
        startAndClose(untilItEnds(() -> sleep(Duration.ofHours(1)), ended));
        ended.await();
        assertThat(ends).containsExactly("CancelledError", "rondo-stragglers");
    }

    @Test
    void manyLoopsMayBeMadeAndClosed() {
        for (int i = 0; i < 1000; i++) {
            try (EventLoop each = newEventLoop()) {
                each.createTask(() -> sleep(Duration.ofHours(1)));
                each.callSoon(each::stop);
                each.setExceptionHandler((_, _) -> {});
                each.runForever();
            }
        }
    }
}
