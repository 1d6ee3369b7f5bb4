package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.reactor.NioDriver;
import dev.rondo.reactor.Op;
import dev.rondo.time.VirtualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class VirtualClockTest extends LoopTestCase {

    private static final Duration FIVE_HOURS = Duration.ofHours(5);

    @Test
    void fiveHoursTakeNoTime() {
        run(() -> {
            gather(() -> sleep(FIVE_HOURS), () -> sleep(FIVE_HOURS.plusNanos(1)));
            assertThat(loop.time()).isEqualTo(FIVE_HOURS.plusNanos(1));
        });
        assertThat(clock).hasToString("VirtualClock[PT5H0.000000001S]");
    }

    @Test
    void itStandsStillWhileCodeRuns() {
        run(() -> {
            createTask(() -> sleep(FIVE_HOURS));
            for (int i = 0; i < 1000; i++) {
                yieldNow();
            }
            assertThat(clock.elapsed()).isZero();
        });
    }

    @Test
    void itGoesOnWhileCoroutinesWorkForTheLoopAsAnExecutorsTasks() throws Exception {
        run(() -> {
            Awaitable<?, ?> working = loop.runInExecutor(loop.executor(), () -> {
                sleep(FIVE_HOURS);
                return null;
            });
            working.await();
            assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
        });
    }

    /** Waits until the loop has nothing to do, and returns what its clock says then. */
    private Duration timeWhenIdle(Thread loopThread) {
        while (loopThread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return clock.elapsed();
    }

    @Test
    void itDoesNotJumpWhileAThreadWorksForTheLoop() throws Exception {
        Thread loopThread = Thread.currentThread();
        run(() -> {
            Task<?, ?> sleeper = createTask(() -> sleep(FIVE_HOURS));
            assertThat(toThread(() -> timeWhenIdle(loopThread))).isZero();
            assertThat(sleeper.done()).isFalse();
            sleep(Duration.ofSeconds(1));
            assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(1));
        });
    }

    @Test
    void itDoesNotJumpWhileACoroutineIsParkedInBlockingCode() throws Exception {
        Thread loopThread = Thread.currentThread();
        LinkedBlockingQueue<Duration> queue = new LinkedBlockingQueue<>();
        run(() -> {
            createTask(() -> sleep(FIVE_HOURS));
            yieldNow();
            Thread.ofPlatform().start(() -> queue.add(timeWhenIdle(loopThread)));
            assertThat(queue.take()).isZero();
            sleep(FIVE_HOURS.plusHours(1));
        });
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS.plusHours(1));
    }

    @Test
    void itDoesNotJumpWhileACallbackIsParkedInBlockingCode() throws Exception {
        Thread loopThread = Thread.currentThread();
        CountDownLatch idle = new CountDownLatch(1);
        run(() -> {
            Promise<Duration, RuntimeException> seen = loop.createFuture();
            loop.callSoon(() -> {
                try {
                    idle.await();
                    seen.setResult(clock.elapsed());
                } catch (InterruptedException e) {
                    seen.setException(e);
                }
            });
            createTask(() -> sleep(FIVE_HOURS));
            Thread.ofPlatform().start(() -> {
                timeWhenIdle(loopThread);
                idle.countDown();
            });
            assertThat(seen.await()).isZero();
        });
    }

    @Test
    void itDoesNotJumpWhileARealSocketIsWaitedFor() throws Exception {
        List<Duration> polls = new ArrayList<>();
        CountDownLatch waiting = new CountDownLatch(1);
        VirtualClock clock = new VirtualClock();
        try (EventLoop loop = EventLoop.builder()
                .clock(clock)
                .driver(post -> DriverSpy.on(new NioDriver(post), (method, arguments) -> {
                    if (method.equals("poll") && (long) arguments[0] != 0) {
                        polls.add(clock.elapsed());
                        waiting.countDown();
                    }
                }))
                .build()) {
            loop.runUntilComplete(() -> {
                createTask(() -> sleep(FIVE_HOURS));
                Op.Accept accept = new Op.Accept(
                        loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1));
                InetSocketAddress address = (InetSocketAddress) accept.fd.localAddress();
                Thread.ofPlatform().start(() -> {
                    try {
                        waiting.await();
                        new Socket(address.getAddress(), address.getPort()).close();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                loop.perform(accept);
            });
        }
        assertThat(polls).isNotEmpty().containsOnly(Duration.ZERO);
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    void itGoesOnAfterAThreadThatNobodyWaitsForHasEnded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(() -> {
                begun.countDown();
                mayEnd.await();
            }));
            yieldNow();
            begun.await();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
            mayEnd.countDown();
            sleep(FIVE_HOURS);
        });
        assertThat(clock.elapsed()).isEqualTo(FIVE_HOURS);
    }

    @Test
    void itDoesNotJumpWhileAThreadThatNobodyWaitsForStillWorks() throws Exception {
        Thread loopThread = Thread.currentThread();
        CountDownLatch begun = new CountDownLatch(1);
        List<Duration> seen = new ArrayList<>();
        run(() -> {
            Task<?, ?> task = createTask(() -> toThread(() -> {
                begun.countDown();
                seen.add(timeWhenIdle(loopThread));
            }));
            yieldNow();
            begun.await();
            task.cancel();
            sleep(FIVE_HOURS);
        });
        assertThat(seen).containsExactly(Duration.ZERO);
    }
}
