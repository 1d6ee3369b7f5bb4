package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/**
 * Ordinary blocking Java in a coroutine suspends it. In each test the blocking call returns only after another
 * coroutine has acted: a loop that stood still would hang.
 */
class BlockingJavaTest extends LoopTestCase {

    /** Runs a coroutine that blocks, beside another that acts once the first is parked. */
    private <X extends Exception> void whileBlocked(Coroutine<?, ?> blocks, Action<X> other) throws Exception {
        run(() -> {
            Task<?, ?> blocked = createTask(() -> log.add("blocked until " + blocks.run()));
            Task<?, ?> acting = createTask(() -> {
                awaitForeign(blocked);
                log.add("the other acts");
                other.run();
            });
            acting.await();
            blocked.await();
        });
    }

    private void assertThatTheOtherActedFirst(String result) {
        assertThat(log).containsExactly("the other acts", "blocked until " + result);
    }

    @Test
    void threadSleep() throws Exception {
        Thread[] sleeper = new Thread[1];
        whileBlocked(
                () -> {
                    sleeper[0] = Thread.currentThread();
                    try {
                        Thread.sleep(Duration.ofDays(1));
                        return "the end";
                    } catch (InterruptedException e) {
                        return "interrupted";
                    }
                },
                () -> sleeper[0].interrupt());
        assertThatTheOtherActedFirst("interrupted");
    }

    @Test
    void threadSleepThatIsNotDisturbedEnds() throws Exception {
        run(() -> {
            Task<?, ?> sleeps = createTask(() -> {
                Thread.sleep(1);
                log.add("slept");
            });
            Asyncio.yieldNow();
            log.add("the other acts");
            sleeps.await();
        });
        assertThat(log).containsExactly("the other acts", "slept");
    }

    @Test
    void blockingQueueTake() throws Exception {
        BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);
        whileBlocked(queue::take, () -> queue.put("item"));
        assertThatTheOtherActedFirst("item");
    }

    @Test
    void httpClientSend() throws Exception {
        CountDownLatch mayAnswer = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (ExecutorService threads = Executors.newCachedThreadPool();
                HttpClient client = HttpClient.newHttpClient()) {
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                try (exchange) {
                    mayAnswer.await();
                    exchange.sendResponseHeaders(200, "answer".length());
                    exchange.getResponseBody().write("answer".getBytes(US_ASCII));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            server.start();
            URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
            whileBlocked(
                    () -> client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                            .body(),
                    mayAnswer::countDown);
        } finally {
            server.stop(0);
        }
        assertThatTheOtherActedFirst("answer");
    }

    @Test
    void socketRead() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket peer = server.accept()) {
            whileBlocked(
                    () -> (char) client.getInputStream().read(),
                    () -> peer.getOutputStream().write('!'));
        }
        assertThatTheOtherActedFirst("!");
    }

    @Test
    void serverSocketAccept() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            whileBlocked(
                    () -> {
                        try (Socket accepted = server.accept()) {
                            return accepted.getInetAddress().isLoopbackAddress();
                        }
                    },
                    () -> new Socket(server.getInetAddress(), server.getLocalPort()).close());
        }
        assertThatTheOtherActedFirst("true");
    }

    @Test
    void completableFutureJoin() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        whileBlocked(future::join, () -> future.complete("value"));
        assertThatTheOtherActedFirst("value");
    }

    @Test
    void objectWait() throws Exception {
        Object monitor = new Object();
        whileBlocked(
                () -> {
                    synchronized (monitor) {
                        monitor.wait();
                    }
                    return "notified";
                },
                () -> {
                    synchronized (monitor) {
                        monitor.notifyAll();
                    }
                });
        assertThatTheOtherActedFirst("notified");
    }

    @Test
    void threadJoin() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        whileBlocked(
                () -> {
                    thread.join();
                    return "joined";
                },
                mayEnd::countDown);
        assertThatTheOtherActedFirst("joined");
    }

    @Test
    void aReentrantLockThatAThreadHolds() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch mayRelease = new CountDownLatch(1);
        Thread.ofPlatform().start(() -> {
            lock.lock();
            try {
                held.countDown();
                mayRelease.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                lock.unlock();
            }
        });
        held.await();
        whileBlocked(
                () -> {
                    lock.lock();
                    lock.unlock();
                    return "unlocked";
                },
                mayRelease::countDown);
        assertThatTheOtherActedFirst("unlocked");
    }

    @Test
    void aMonitorThatAThreadHolds() throws Exception {
        Object monitor = new Object();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch mayRelease = new CountDownLatch(1);
        Thread.ofPlatform().start(() -> {
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
        whileBlocked(
                () -> {
                    synchronized (monitor) {
                        return "released";
                    }
                },
                mayRelease::countDown);
        assertThatTheOtherActedFirst("released");
    }

    /** Threads and coroutines that take turns with one lock of each kind; what it guards is never torn. */
    @Test
    void coroutinesAndThreadsContend() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Object monitor = new Object();
        int[] counters = {0, 0};
        int rounds = 2_000;
        Runnable contend = () -> {
            for (int i = 0; i < rounds; i++) {
                lock.lock();
                try {
                    counters[0]++;
                } finally {
                    lock.unlock();
                }
                synchronized (monitor) {
                    counters[1]++;
                }
                Thread.yield();
            }
        };
        Thread[] threads = {
            Thread.ofPlatform().start(contend), Thread.ofPlatform().start(contend)
        };
        run(() -> Asyncio.gather(contend::run, contend::run, contend::run));
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(counters).containsOnly(5 * rounds);
    }
}
