package dev.rondo.http.h1;

import dev.rondo.Coroutine;
import java.io.IOException;

/** How long a connection may wait for its stream: each read and write goes through it. */
public interface WaitLimit {

    /** As long as it takes. */
    WaitLimit NONE = new WaitLimit() {
        @Override
        public <T> T within(Coroutine<T, IOException> wait) throws IOException {
            return wait.run();
        }
    };

    /**
     * Runs {@code wait}, and cuts it short if it takes too long. Suspends.
     *
     * @throws dev.rondo.http.HttpTimeoutException if it took too long
     * @throws IOException as {@code wait} does
     */
    <T> T within(Coroutine<T, IOException> wait) throws IOException;
}
