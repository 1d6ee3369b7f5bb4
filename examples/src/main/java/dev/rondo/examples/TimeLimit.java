package dev.rondo.examples;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import java.time.Duration;

/** A limit of time around any code that suspends. */
final class TimeLimit {

    // @start region="timeout"
    static void main() {
        Asyncio.run(() -> {
            try {
                timeout(Duration.ofMillis(100), () -> {
                    sleep(Duration.ofHours(1)); // or a request, a queue, a query
                    IO.println("an hour later");
                });
            } catch (AsyncTimeoutException e) {
                IO.println(e.getMessage());
            }
        });
    }
    // @end
}
