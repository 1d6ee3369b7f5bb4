package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.reactor.NioDriver;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * What a runtime on virtual threads of its own scheduling must keep to, or hang. Each of these has been seen to fail.
 */
class TenRulesTest extends LoopTestCase {

    private static String carrier() {
        String thread = Thread.currentThread().toString();
        return thread.substring(thread.indexOf('@') + 1);
    }

    // ------------------------------------------------------------------------------------------------ rule 1

    /**
     * The JDK's threads that release virtual threads call the scheduler's {@code execute}. Were it to throw, they would
     * die, and with them the monitors, sockets and sleeps of every virtual thread in this JVM.
     */
    @Test
    void rule1AClosedLoopStillTakesWhatTheJdkReleases() throws Exception {
        Object monitor = new Object();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch mayRelease = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread holder = Thread.ofPlatform().start(() -> {
            synchronized (monitor) {
                held.countDown();
                try {
                    mayRelease.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        held.await();
        run(() -> {
            Task<?, ?> blocked = createTask(() -> {
                synchronized (monitor) {
                    log.add(carrier());
                }
                ended.countDown();
            });
            awaitForeign(blocked);
        });
        loop.close();
        mayRelease.countDown(); // the JDK's unblocker thread hands the coroutine to the closed loop
        holder.join();
        assertThat(ended.await(20, TimeUnit.SECONDS))
                .as("the coroutine of the closed loop ends")
                .isTrue();
        assertThat(log).containsExactly("rondo-stragglers");
        assertThatOrdinaryVirtualThreadsStillWork();
    }

    private static void assertThatOrdinaryVirtualThreadsStillWork() throws Exception {
        Object monitor = new Object();
        CountDownLatch inside = new CountDownLatch(1);
        List<String> works = new ArrayList<>();
        Thread contending;
        synchronized (monitor) {
            contending = Thread.startVirtualThread(() -> {
                inside.countDown();
                synchronized (monitor) {
                    works.add("monitor");
                }
            });
            inside.await();
            while (contending.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
        }
        assertThat(contending.join(Duration.ofSeconds(20))).as("monitors work").isTrue();

        Thread sleeping = Thread.startVirtualThread(() -> LockSupport.parkNanos(1_000));
        assertThat(sleeping.join(Duration.ofSeconds(20))).as("sleeps work").isTrue();

        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread accepting = Thread.startVirtualThread(() -> {
                try (Socket accepted = server.accept()) {
                    works.add("socket");
                } catch (IOException e) {
                    works.add(e.toString());
                }
            });
            while (accepting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            new Socket(server.getInetAddress(), server.getLocalPort()).close();
            assertThat(accepting.join(Duration.ofSeconds(20)))
                    .as("sockets work")
                    .isTrue();
        }
        assertThat(works).containsExactly("monitor", "socket");
    }

    // ------------------------------------------------------------------------------------------------ rule 2

    @Test
    void rule2ACallbackThatWaitsForALockOfACoroutineDoesNotStopTheLoop() {
        ReentrantLock lock = new ReentrantLock();
        Object monitor = new Object();
        run(() -> {
            Promise<String, RuntimeException> goOn = loop.createFuture();
            Task<?, RuntimeException> holder = createTask(() -> {
                lock.lock();
                try {
                    synchronized (monitor) {
                        goOn.await();
                        log.add("coroutine lets go");
                    }
                } finally {
                    lock.unlock();
                }
            });
            yieldNow();
            loop.callSoon(() -> {
                lock.lock();
                lock.unlock();
                log.add("callback got the lock");
            });
            loop.callSoon(() -> {
                synchronized (monitor) {
                    log.add("callback got the monitor");
                }
            });
            loop.callSoon(() -> {
                log.add("the loop goes on");
                goOn.setResult("");
            });
            holder.await();
            while (log.size() < 4) {
                yieldNow();
            }
        });
        assertThat(log)
                .startsWith("the loop goes on", "coroutine lets go")
                .contains("callback got the lock", "callback got the monitor");
    }

    // ------------------------------------------------------------------------------------------------ rule 3

    /**
     * The first blocking socket of this JVM is a coroutine's; then its loop is gone, and a plain virtual thread has
     * one.
     */
    static final class FirstSocketInACoroutine {
        static void main() throws Exception {
            Thread main = Thread.currentThread();
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    if (!main.join(Duration.ofSeconds(20))) {
                        System.out.println("hangs");
                        Runtime.getRuntime().halt(1);
                    }
                } catch (InterruptedException e) {
                    Runtime.getRuntime().halt(2);
                }
            });
            EventLoop loop = newEventLoop();
            loop.runUntilComplete(FirstSocketInACoroutine::acceptOne);
            System.out.println("a coroutine's socket works");
            Thread.ofVirtual().start(FirstSocketInACoroutine::acceptOne).join();
            System.out.println("a virtual thread's works while the loop stands still");
            loop.close();
            Thread.ofVirtual().start(FirstSocketInACoroutine::acceptOne).join();
            System.out.println("and when it is closed");
        }

        private static void acceptOne() {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Thread accepting = Thread.currentThread();
                Thread.ofPlatform().start(() -> {
                    while (accepting.getState() != Thread.State.WAITING) {
                        Thread.onSpinWait();
                    }
                    try {
                        new Socket(server.getInetAddress(), server.getLocalPort()).close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                server.accept().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    @Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
    void rule3ThePollerOfTheJdkIsNotOurs() throws Exception {
        ChildJvm.Result result = ChildJvm.run(FirstSocketInACoroutine.class);
        assertThat(result.out())
                .containsExactly(
                        "a coroutine's socket works",
                        "a virtual thread's works while the loop stands still",
                        "and when it is closed");
        assertThat(result.exitCode()).isZero();
    }

    // ------------------------------------------------------------------------------------------------ rule 4

    @Test
    void rule4ALockThatASuspendedCoroutineHoldsIsReleasedWhenTheLoopIsGone() throws Exception {
        ReentrantLock held = new ReentrantLock();
        ReentrantLock queuedFor = new ReentrantLock();
        queuedFor.lock();
        run(() -> {
            createTask(() -> {
                held.lock();
                try {
                    sleep(Duration.ofHours(1));
                } finally {
                    held.unlock();
                }
            });
            Task<?, ?> queued = createTask(() -> {
                queuedFor.lock();
                queuedFor.unlock();
            });
            awaitForeign(queued);
        });
        loop.close();
        assertThat(held.tryLock(20, TimeUnit.SECONDS)).isTrue();
        queuedFor.unlock();
        assertThat(onAnotherThread(() -> queuedFor.tryLock(20, TimeUnit.SECONDS)))
                .as("the coroutine at the head of the lock's queue takes it and passes it on")
                .isTrue();
    }

    // ------------------------------------------------------------------------------------------------ rule 5

    @Test
    void rule5AVirtualThreadStartedInACoroutineRunsOnTheLoopAndToThreadDoesNot() throws Exception {
        String loopThread = Thread.currentThread().getName();
        run(() -> {
            assertThat(carrier()).isEqualTo(loopThread);
            Thread child = Thread.startVirtualThread(() -> {
                log.add(carrier());
                Thread.yield();
                LockSupport.parkNanos(1);
                log.add(carrier());
            });
            child.join();
            Thread worker = toThread(Thread::currentThread);
            assertThat(worker.isVirtual()).isFalse();
            assertThat(worker.getName()).startsWith("rondo-worker-");
        });
        assertThat(log).containsExactly(loopThread, loopThread);
    }

    // ------------------------------------------------------------------------------------------------ rule 6

    /**
     * An inspector keeps a virtual thread from running while it looks at it, and then hands it to its scheduler again.
     */
    @Test
    void rule6InspectionAndStrayPermitsLoseNothing() {
        int yields = 100_000;
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        int[] steps = {0};
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<String, RuntimeException> waiting = createTask(promise::await);
            Task<Void, RuntimeException> yielding = createTask(() -> {
                for (int i = 0; i < yields; i++) {
                    yieldNow();
                    steps[0]++;
                }
            });
            LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
            Task<String, InterruptedException> blocked = createTask(queue::take);
            awaitForeign(blocked);
            Thread inspector = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    for (Task<?, ?> task : List.of(waiting, yielding, blocked)) {
                        task.thread().getStackTrace();
                        LockSupport.unpark(task.thread());
                        looks.incrementAndGet();
                    }
                }
            });
            yielding.await();
            assertThat(waiting.done())
                    .as("nobody but the promise resumes what awaits it")
                    .isFalse();
            promise.setResult("value");
            queue.add("item");
            assertThat(waiting.await()).isEqualTo("value");
            try {
                assertThat(blocked.await()).isEqualTo("item");
                over.set(true);
                inspector.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(steps[0]).isEqualTo(yields);
        assertThat(looks.get()).isPositive();
    }

    @Test
    void rule6InspectionOfTheThreadThatRunsCallbacksLosesNoneAndKeepsTheirOrder() throws Exception {
        int callbacks = 100_000;
        AtomicReference<Thread> runner = new AtomicReference<>(Thread.currentThread());
        AtomicBoolean over = new AtomicBoolean();
        List<Integer> order = new ArrayList<>();
        Thread inspector = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                runner.get().getStackTrace();
                LockSupport.unpark(runner.get());
            }
        });
        Runnable[] turn = new Runnable[1];
        turn[0] = () -> {
            runner.set(Thread.currentThread());
            order.add(order.size());
            if (order.size() % 100 == 0) {
                loop.callSoon(Thread::yield); // a callback that suspends leaves its thread to itself
            }
            if (order.size() < callbacks) {
                loop.createTask(
                        () -> loop.callSoon(turn[0])); // one that is not runs in between: to the bare thread and back
            } else {
                loop.stop();
            }
        };
        loop.callSoon(turn[0]);
        loop.runForever();
        over.set(true);
        inspector.join();
        assertThat(order).hasSize(callbacks).isSorted();
        assertThat(reported).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ rule 7

    static final class SleepsInBothWays {
        static void main() throws Exception {
            Asyncio.run(() -> {
                gather(() -> sleep(Duration.ofMillis(1)), () -> sleep(Duration.ofMillis(2)));
                System.out.println("after sleeps of Rondo: " + unparkers());
                Thread.sleep(1);
                System.out.println("after a sleep of the JDK: " + unparkers());
            });
        }

        private static String unparkers() {
            boolean found = Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread -> thread.getName().startsWith("VirtualThread-unparker"));
            return found ? "an unparker" : "none";
        }
    }

    @Test
    @Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
    void rule7SleepsNeedNoThreadOfTheJdk() throws Exception {
        ChildJvm.Result result = ChildJvm.run(SleepsInBothWays.class);
        assertThat(result.out())
                .containsExactly("after sleeps of Rondo: none", "after a sleep of the JDK: an unparker");
    }

    // ------------------------------------------------------------------------------------------------ rule 9

    @Test
    void rule9TheDriverWaitsAndDeliversOnTheBareLoopThreadAlone() throws Exception {
        Set<Thread> callers = new HashSet<>();
        List<String> calls = new ArrayList<>();
        try (EventLoop loop = EventLoop.builder()
                .driver(post -> DriverSpy.on(new NioDriver(post), (method, _) -> {
                    if (method.equals("poll") || method.equals("deliver")) {
                        callers.add(Thread.currentThread());
                        calls.add(method);
                    }
                }))
                .build()) {
            loop.runUntilComplete(() -> {
                Op.Accept accept = new Op.Accept(
                        loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1));
                Task<?, ?> accepting = createTask(() -> loop.perform(accept));
                callbacksOneAfterTheOther(loop, 10_000); // while something is in flight, a busy loop looks for it
                yieldNow();
                assertThat(calls).contains("poll");
                InetSocketAddress address = (InetSocketAddress) accept.fd.localAddress();
                new Socket(address.getAddress(), address.getPort()).close();
                accepting.await();
            });
            assertThat(callers).containsExactly(Thread.currentThread());
        }
    }

    private static void callbacksOneAfterTheOther(EventLoop loop, int n) {
        Promise<String, RuntimeException> over = loop.createFuture();
        Runnable[] callback = new Runnable[1];
        int[] left = {n};
        callback[0] = () -> {
            if (left[0]-- > 0) {
                loop.callSoon(callback[0]);
            } else {
                over.setResult("");
            }
        };
        loop.callSoon(callback[0]);
        over.await();
    }

    // ------------------------------------------------------------------------------------------------ rule 10

    @Test
    void rule10ACoroutineMayRecurseAsDeepAsTheStackOfTheLoopsThread() throws Exception {
        assertThat(deepestOn(512 << 20)).isEqualTo(100_000);
        assertThat(deepestOn(512 << 10)).isInstanceOf(StackOverflowError.class);
    }

    private static Object deepestOn(long stackSize) throws InterruptedException {
        Object[] outcome = new Object[1];
        Thread.ofPlatform()
                .stackSize(stackSize)
                .start(() -> {
                    try {
                        outcome[0] = Asyncio.run(() -> depth(100_000));
                    } catch (Throwable e) {
                        outcome[0] = e;
                    }
                })
                .join();
        return outcome[0];
    }

    private static int depth(int left) {
        return left == 0 ? 0 : 1 + depth(left - 1);
    }
}
