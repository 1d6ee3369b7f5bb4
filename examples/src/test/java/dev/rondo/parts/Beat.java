package dev.rondo.parts;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;

import dev.rondo.Action;
import dev.rondo.Task;
import java.time.Duration;
import java.util.function.IntConsumer;

/** A coroutine that beats every 10 ms, if the loop lets it. */
final class Beat {

    private static final Duration PERIOD = Duration.ofMillis(10);

    private int beats;

    private Beat() {}

    /** Runs {@code work} in the calling coroutine, and returns how many beats there were beside it. */
    static <X extends Exception> int during(Action<X> work) throws X {
        return during(work, _ -> {});
    }

    /** Runs {@code work} in the calling coroutine, beside the beat, which calls {@code onBeat} with its number. */
    static <X extends Exception> int during(Action<X> work, IntConsumer onBeat) throws X {
        Beat beat = new Beat();
        Task<?, ?> ticker = createTask(() -> beat.tick(onBeat));
        try {
            work.run();
        } finally {
            ticker.cancel();
        }
        return beat.beats;
    }

    private void tick(IntConsumer onBeat) {
        while (true) {
            sleep(PERIOD);
            onBeat.accept(++beats);
        }
    }
}
