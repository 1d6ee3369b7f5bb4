package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.reactor.Op;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class StressTest {

    @Test
    void noPostIsLostWhileTheLoopFallsAsleepAndWakes() {
        int threads = 4;
        int posts = 25_000;
        int[] received = {0};
        int[] turnsOfATimer = {0};
        try (EventLoop loop = newEventLoop()) {
            Runnable[] tick = new Runnable[1];
            tick[0] = () -> {
                turnsOfATimer[0]++;
                loop.callLater(Duration.ofNanos(50_000), tick[0]); // now it sleeps with a deadline, now without
            };
            loop.callSoon(tick[0]);
            CountDownLatch start = new CountDownLatch(1);
            for (int t = 0; t < threads; t++) {
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        start.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                    for (int i = 0; i < posts; i++) {
                        loop.callSoonThreadsafe(() -> {
                            if (++received[0] == threads * posts) {
                                loop.stop();
                            }
                        });
                        if (i % 64 == 0) {
                            Thread.yield(); // lets the loop run dry
                        }
                    }
                });
            }
            start.countDown();
            loop.runForever();
        }
        assertThat(received[0]).isEqualTo(threads * posts);
        assertThat(turnsOfATimer[0]).isPositive();
    }

    /** Two threads wait for each other: one post at a time, so that each finds the other asleep or about to be. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noWakeUpIsLostInTenThousandRoundTrips(boolean sleepingInTheDriver) {
        LinkedBlockingQueue<Promise<Integer, RuntimeException>> requests = new LinkedBlockingQueue<>();
        try (EventLoop loop = newEventLoop()) {
            if (sleepingInTheDriver) {
                loop.setExceptionHandler((_, _) -> {}); // the accept is never over
                loop.createTask(() -> loop.perform(new Op.Accept(
                        loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1))));
            }
            Thread answering = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (int i = 0; ; i++) {
                        Promise<Integer, RuntimeException> request = requests.take();
                        int n = i;
                        loop.callSoonThreadsafe(() -> request.setResult(n));
                    }
                } catch (InterruptedException e) {
                    // the test is over
                }
            });
            loop.runUntilComplete(() -> {
                for (int i = 0; i < 10_000; i++) {
                    Promise<Integer, RuntimeException> request = loop.createFuture();
                    requests.add(request);
                    assertThat(request.await()).isEqualTo(i);
                }
            });
            answering.interrupt();
        }
    }

    @Test
    void aMillionYields() {
        int tasks = 100;
        int yields = 10_000;
        long[] steps = {0};
        Asyncio.run(() -> {
            List<Task<Void, RuntimeException>> all = new ArrayList<>();
            for (int i = 0; i < tasks; i++) {
                all.add(createTask(() -> {
                    for (int k = 0; k < yields; k++) {
                        yieldNow();
                        steps[0]++;
                    }
                }));
            }
            Asyncio.gather(all);
        });
        assertThat(steps[0]).isEqualTo((long) tasks * yields);
    }

    @Test
    void thirtyThousandSleepersWake() {
        int[] woken = {0};
        Asyncio.run(() -> {
            List<Task<Void, RuntimeException>> all = new ArrayList<>();
            for (int i = 0; i < 30_000; i++) {
                all.add(createTask(() -> {
                    sleep(Duration.ofMillis(1));
                    woken[0]++;
                }));
            }
            Asyncio.gather(all);
        });
        assertThat(woken[0]).isEqualTo(30_000);
    }

    /** Cancels that race with the end of a foreign wait: each task ends, and ends as one or the other. */
    @Test
    void cancelsThatRaceWithOtherThreadsLeaveNothingBehind() throws Exception {
        int[] ended = {0, 0};
        Asyncio.run(() -> {
            for (int i = 0; i < 2_000; i++) {
                LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
                Task<String, InterruptedException> task = createTask(queue::take);
                LoopTestCase.awaitForeign(task);
                Thread racer = Thread.ofPlatform().start(() -> queue.add("item"));
                Thread.yield();
                task.cancel();
                try {
                    task.await();
                    ended[0]++;
                } catch (TaskCancelledException e) {
                    ended[1]++;
                }
                racer.join();
            }
            return null;
        });
        assertThat(ended[0] + ended[1]).isEqualTo(2_000);
    }
}
