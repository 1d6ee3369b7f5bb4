package dev.rondo.http.h1;

import dev.rondo.Coroutine;
import java.io.IOException;
import java.time.Duration;

/** How long a connection may wait for its stream: each read and write goes through it. */
public interface WaitLimit {

    /** As long as it takes. */
    WaitLimit NONE = new WaitLimit() {
        @Override
        public <T> T within(Coroutine<T, IOException> wait) throws IOException {
            return wait.run();
        }
    };

    /** As good as for ever, and small enough to be counted in nanoseconds beside any clock. */
    Duration LONGEST = Duration.ofDays(70 * 365);

    /** Returns {@code time}, or {@link #LONGEST} if that is less. */
    static Duration bounded(Duration time) {
        return time.compareTo(LONGEST) > 0 ? LONGEST : time;
    }

    /**
     * Runs {@code wait}, and cuts it short if it takes too long. Suspends.
     *
     * @throws dev.rondo.http.HttpTimeoutException if it took too long
     * @throws IOException as {@code wait} does
     */
    <T> T within(Coroutine<T, IOException> wait) throws IOException;

    /** Does the same with one that writes; as long as {@link #within}, unless the limit says otherwise. */
    default <T> T writing(Coroutine<T, IOException> wait) throws IOException {
        return within(wait);
    }
}
