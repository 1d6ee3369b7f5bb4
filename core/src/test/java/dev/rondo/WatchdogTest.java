package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rondo.reactor.Op;
import dev.rondo.time.VirtualClock;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop that does not go on is reported while it does not. Each test waits for the report, however long it takes. */
class WatchdogTest {

    private static final Duration SOON = Duration.ofMillis(1);

    private final LogSpy spy = new LogSpy();

    @AfterEach
    void closeTheSpy() {
        spy.close();
    }

    private static EventLoop watched() {
        return EventLoop.builder().watchdog(SOON).build();
    }

    private <X extends Exception> void runWatched(Action<X> main) throws X {
        try (EventLoop loop = watched()) {
            loop.runUntilComplete(main);
        }
    }

    /** Computes until the report is there. */
    private void spinUntilReported(String part) {
        while (!spy.hasWarning(part)) {
            Thread.onSpinWait();
        }
    }

    /** Has {@code release} called, by another thread, once the report is there. */
    private void afterReport(String part, Runnable release) {
        Thread.ofPlatform().daemon().start(() -> {
            spinUntilReported(part);
            release.run();
        });
    }

    private String report(String part) {
        assertThat(spy.warnings(part)).as("one report of one item").hasSize(1);
        return spy.warnings(part).getFirst();
    }

    // ------------------------------------------------------------------------------------------------ hogging

    private void computesForLong() {
        spinUntilReported("has not gone on");
    }

    @Test
    void aTaskThatComputesForLongIsReportedWhileItDoes() {
        runWatched(() -> createTask(this::computesForLong, "hog").await());
        assertThat(report("task hog"))
                .startsWith("The event loop on thread " + Thread.currentThread().getName() + " has not gone on for ")
                .contains("because task hog (dev.rondo.WatchdogTest.lambda) is computing.")
                .contains("toThread(() -> …)")
                .contains("yieldNow()")
                .contains("\n    at dev.rondo.WatchdogTest.computesForLong(");
    }

    @Test
    void aCallbackThatComputesForLongIsReported() {
        runWatched(() -> {
            Asyncio.getRunningLoop().callSoon(this::computesForLong);
            yieldNow();
        });
        assertThat(report("has not gone on")).contains("because a callback is computing.");
    }

    @Test
    void aVirtualThreadOfACoroutineThatComputesForLongIsReported() throws InterruptedException {
        runWatched(() -> Thread.startVirtualThread(this::computesForLong).join());
        assertThat(report("has not gone on"))
                .contains("because a virtual thread that was started inside a coroutine is computing.");
    }

    @Test
    void underAVirtualClockToo() {
        try (EventLoop loop =
                EventLoop.builder().clock(new VirtualClock()).watchdog(SOON).build()) {
            loop.runUntilComplete(() -> createTask(this::computesForLong, "hog").await());
        }
        assertThat(report("task hog")).contains("is computing");
    }

    @Test
    void eachItemIsReportedAnew() {
        runWatched(() -> {
            createTask(() -> spinUntilReported("task first"), "first").await();
            createTask(() -> spinUntilReported("task second"), "second").await();
        });
        assertThat(report("task first")).contains("is computing");
        assertThat(report("task second")).contains("is computing");
    }

    @Test
    void aLoopThatIsNotWatchedIsNotReported() {
        try (EventLoop unwatched = EventLoop.builder().watchdog(Duration.ZERO).build()) {
            Thread hog =
                    Thread.ofPlatform().start(() -> unwatched.runUntilComplete(() -> spinUntilReported("watched")));
            runWatched(() ->
                    createTask(() -> spinUntilReported("watched"), "watched").await());
            while (hog.isAlive()) {
                Thread.onSpinWait();
            }
        }
        assertThat(spy.lines()).hasSize(1);
    }

    @Test
    void aLoopThatWaitsIsNotStuck() throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        List<String> reports = new ArrayList<>();
        try (EventLoop idle = watched()) {
            Thread idleThread =
                    Thread.ofPlatform().start(() -> idle.runUntilComplete(() -> toThread(() -> awaitQuietly(mayEnd))));
            while (!idle.reactor().asleep()) {
                Thread.onSpinWait();
            }
            runWatched(() -> {
                computesForLong();
                reports.addAll(spy.warnings("has not gone on"));
            });
            mayEnd.countDown();
            idleThread.join();
        }
        assertThat(reports)
                .singleElement()
                .asString()
                .contains(" on thread " + Thread.currentThread().getName() + " ");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aThresholdIsNotNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventLoop.builder().watchdog(Duration.ofNanos(-1)))
                .withMessageContaining("PT-0.000000001S");
    }

    // ------------------------------------------------------------------------------------------------ pinned

    private static final ReentrantLock LOCK = new ReentrantLock();

    private static final class TakesALockInItsInitialiser {
        static {
            LOCK.lock();
            LOCK.unlock();
        }

        static void touch() {}
    }

    @Test
    void aStaticInitialiserThatWaitsForALockIsReportedWithItsClass() throws InterruptedException {
        LOCK.lock();
        try {
            Thread loopThread = Thread.ofPlatform()
                    .start(() -> runWatched(() -> {
                        createTask(TakesALockInItsInitialiser::touch, "pinned").await();
                    }));
            spinUntilReported("task pinned");
            LOCK.unlock();
            loopThread.join();
        } finally {
            if (LOCK.isHeldByCurrentThread()) {
                LOCK.unlock();
            }
        }
        String type = TakesALockInItsInitialiser.class.getName();
        assertThat(report("task pinned"))
                .contains(
                        "is parked on java.util.concurrent.locks.ReentrantLock$NonfairSync where it cannot be suspended:"
                                + " in the static initialiser of " + type)
                .contains("toThread(() -> Class.forName(\"" + type + "\"))")
                .contains("at " + type + ".<clinit>(");
    }

    private static final ReentrantLock LOCK_OF_A_COROUTINE = new ReentrantLock();

    private static final class TakesTheLockOfACoroutine {
        static {
            try {
                LOCK_OF_A_COROUTINE.lockInterruptibly();
                LOCK_OF_A_COROUTINE.unlock();
            } catch (InterruptedException e) {
                // the test has seen enough
            }
        }

        static void touch() {}
    }

    /** Without help such a loop would stand for ever. */
    @Test
    void soIsOneThatWaitsForACoroutineOfItsOwnLoop() {
        runWatched(() -> {
            Task<?, RuntimeException> holder = createTask(() -> {
                LOCK_OF_A_COROUTINE.lock();
                try {
                    yieldNow();
                    yieldNow();
                } finally {
                    LOCK_OF_A_COROUTINE.unlock();
                }
            });
            yieldNow();
            Task<?, RuntimeException> pinned = createTask(TakesTheLockOfACoroutine::touch, "pinned");
            afterReport("task pinned", () -> pinned.thread().interrupt());
            pinned.await();
            holder.await();
        });
        assertThat(report("task pinned"))
                .contains("if it waits for another coroutine of this loop, that is never")
                .contains("at " + TakesTheLockOfACoroutine.class.getName() + ".<clinit>(");
    }

    private static final Object MONITOR = new Object();

    private static final class TakesAMonitorInItsInitialiser {
        static {
            synchronized (MONITOR) {
                LockSupport.unpark(null);
            }
        }

        static void touch() {}
    }

    @Test
    void aMonitorThatIsWaitedForWhilePinnedIsReported() throws InterruptedException {
        Thread loopThread;
        synchronized (MONITOR) {
            loopThread = Thread.ofPlatform()
                    .start(() -> runWatched(() -> {
                        createTask(TakesAMonitorInItsInitialiser::touch, "pinned")
                                .await();
                    }));
            spinUntilReported("task pinned");
        }
        loopThread.join();
        assertThat(report("task pinned"))
                .contains("waits for a monitor where it cannot be suspended: in the static initialiser of "
                        + TakesAMonitorInItsInitialiser.class.getName());
    }

    // ------------------------------------------------------------------------------------------------ system calls

    @Test
    void aBlockingSystemCallIsReportedAsSuch() throws Exception {
        Process process = new ProcessBuilder("cat").start();
        try {
            afterReport("task reader", () -> {
                try {
                    process.getOutputStream().close();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            InputStream pipe = process.getInputStream();
            runWatched(() -> {
                createTask(() -> pipe.read(), "reader").await();
            });
        } finally {
            process.destroy();
            process.waitFor();
        }
        assertThat(report("task reader"))
                .contains("is in a blocking system call or native method.")
                .contains("AsyncFile")
                .contains(".read");
    }

    // ------------------------------------------------------------------------------------------------ virtual time

    private static EventLoop onVirtualTime() {
        return EventLoop.builder().clock(new VirtualClock()).watchdog(SOON).build();
    }

    private void takes(LinkedBlockingQueue<String> queue) throws InterruptedException {
        queue.take();
    }

    @Test
    void virtualTimeThatStandsStillNamesTheTaskInBlockingCode() throws InterruptedException {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        try (EventLoop loop = onVirtualTime()) {
            loop.runUntilComplete(() -> {
                createTask(() -> sleep(Duration.ofHours(5)));
                Task<?, InterruptedException> taker = createTask(() -> takes(queue), "taker");
                afterReport("Virtual time", () -> queue.add(""));
                taker.await();
            });
        }
        assertThat(report("Virtual time"))
                .startsWith("Virtual time stands still at PT0S, and the next timer is due at PT5H. It cannot jump there"
                        + " while this is going on outside the loop:")
                .contains("\n  task taker (dev.rondo.WatchdogTest.lambda) is parked in blocking code\n      at ")
                .contains("      at dev.rondo.WatchdogTest.takes(");
    }

    @Test
    void virtualTimeThatStandsStillNamesTheCallbackInBlockingCode() throws InterruptedException {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        try (EventLoop loop = onVirtualTime()) {
            loop.runUntilComplete(() -> {
                afterReport("Virtual time", () -> queue.add(""));
                loop.callSoon(() -> {
                    try {
                        takes(queue);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                sleep(Duration.ofHours(5));
            });
        }
        assertThat(report("Virtual time"))
                .contains("\n  a callback is parked in blocking code\n      at ")
                .contains("      at dev.rondo.WatchdogTest.takes(");
    }

    @Test
    void virtualTimeThatStandsStillNamesTheWorkOfAThread() {
        try (EventLoop loop = onVirtualTime()) {
            loop.runUntilComplete(() -> {
                createTask(() -> sleep(Duration.ofHours(5)));
                toThread(() -> spinUntilReported("Virtual time"));
            });
        }
        assertThat(report("Virtual time")).contains("\n  a thread of an executor runs dev.rondo.WatchdogTest.lambda");
    }

    @Test
    void virtualTimeThatStandsStillNamesTheOperationOfTheDriver() {
        try (EventLoop loop = onVirtualTime()) {
            loop.runUntilComplete(() -> {
                createTask(() -> sleep(Duration.ofHours(5)));
                Op.Accept accept = new Op.Accept(
                        loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1));
                Task<?, ?> acceptor = createTask(() -> loop.perform(accept), "acceptor");
                afterReport("Virtual time", () -> loop.callSoonThreadsafe(() -> acceptor.cancel()));
                while (!acceptor.done()) {
                    Asyncio.asCompleted(List.of(acceptor)).iterator().next();
                }
            });
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(report("Virtual time")).contains("\n  task acceptor (dev.rondo.WatchdogTest.lambda) waits for ");
    }
}
