package dev.rondo.examples;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;

import dev.rondo.Asyncio;
import java.time.Duration;

/** Two coroutines that wait at the same time: two seconds in all, not four. */
final class SleepAndGather {

    // @start region="gather"
    static void main() {
        Asyncio.run(() -> gather(() -> coroutine(1), () -> coroutine(2)));
    }

    static void coroutine(int number) {
        IO.println("Start of coroutine " + number);
        sleep(Duration.ofSeconds(2)); // the other one runs meanwhile
        IO.println("End of coroutine " + number);
    }
    // @end
}
