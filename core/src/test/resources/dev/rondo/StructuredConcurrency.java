import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;

/** The JDK's structured concurrency over a loop. Run from its source by a test, since it is a preview in Java 25. */
class StructuredConcurrency {

    static int counter; // no lock: all that touch it run on the loop's thread

    static void main() throws Exception {
        Asyncio.run(() -> {
            forkOntoTheLoop();
            firstFailureCancelsTheRest();
            aTimeOutEndsTheScope();
        });
    }

    static void forkOntoTheLoop() throws InterruptedException {
        EventLoop loop = Asyncio.getRunningLoop();
        try (var scope = StructuredTaskScope.open(
                Joiner.<String>allSuccessfulOrThrow(), config -> config.withThreadFactory(loop.threadFactory()))) {
            for (int i = 0; i < 100; i++) {
                scope.fork(() -> {
                    counter++;
                    Thread.yield();
                    return carrier();
                });
            }
            long elsewhere =
                    scope.join().filter(fork -> !fork.get().equals("main")).count();
            System.out.println(counter + " forks, on another thread: " + elsewhere);
        }
    }

    static void firstFailureCancelsTheRest() throws InterruptedException {
        EventLoop loop = Asyncio.getRunningLoop();
        try (var scope = StructuredTaskScope.open(
                Joiner.awaitAllSuccessfulOrThrow(), config -> config.withThreadFactory(loop.threadFactory()))) {
            scope.fork(() -> {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    System.out.println("the other is interrupted");
                }
            });
            scope.fork(() -> {
                throw new IllegalStateException("the failure");
            });
            scope.join();
        } catch (StructuredTaskScope.FailedException e) {
            System.out.println("joined: " + e.getCause().getMessage());
        }
    }

    /** The cancel of the coroutine interrupts its join, and leaving the scope interrupts the forks. */
    static void aTimeOutEndsTheScope() {
        EventLoop loop = Asyncio.getRunningLoop();
        try {
            timeout(Duration.ofMillis(10), () -> {
                try (var scope = StructuredTaskScope.open(
                        Joiner.awaitAll(), config -> config.withThreadFactory(loop.threadFactory()))) {
                    scope.fork(() -> {
                        Thread.sleep(Duration.ofDays(1));
                        return null;
                    });
                    scope.join();
                }
            });
        } catch (AsyncTimeoutException e) {
            System.out.println(e.getMessage());
        } catch (InterruptedException e) {
            System.out.println("the interrupt was not turned into the time-out");
        }
        sleep(Duration.ZERO);
        System.out.println("the loop goes on");
    }

    static String carrier() {
        String name = Thread.currentThread().toString();
        return name.substring(name.indexOf('@') + 1);
    }
}
