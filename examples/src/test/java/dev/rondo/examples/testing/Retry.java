package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.sleep;

import dev.rondo.Coroutine;
import java.io.IOException;
import java.time.Duration;

/** Tries something again, and waits twice as long each time. */
final class Retry {

    private Retry() {}

    // @start region="retry"
    static <T> T withBackOff(int attempts, Coroutine<T, IOException> call) throws IOException {
        Duration pause = Duration.ofSeconds(1);
        for (int attempt = 1; ; attempt++) {
            try {
                return call.run();
            } catch (IOException e) {
                if (attempt == attempts) {
                    throw e;
                }
                sleep(pause);
                pause = pause.multipliedBy(2);
            }
        }
    }
    // @end
}
