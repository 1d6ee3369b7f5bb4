package dev.rondo.examples;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;

import dev.rondo.Asyncio;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;

/** Ordinary blocking Java suspends the coroutine, and the loop goes on. */
final class BlockingJava {

    // @start region="blocking"
    static void main() throws InterruptedException {
        Asyncio.run(() -> {
            var queue = new ArrayBlockingQueue<String>(1); // from java.util.concurrent, and knows nothing of Rondo
            var consumer = createTask(() -> queue.take()); // blocks: only this coroutine
            sleep(Duration.ofMillis(50));
            IO.println("the loop is free");
            queue.put("an item");
            IO.println("taken: " + consumer.await());
        });
    }
    // @end
}
