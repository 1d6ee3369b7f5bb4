package dev.rondo;

import java.util.ArrayDeque;
import java.util.Collections;

/**
 * A queue that gives out first what came last. Stands for {@code asyncio.LifoQueue}.
 *
 * @param <T> the type of the items
 */
public final class AsyncLifoQueue<T> extends AsyncQueue<T> {

    /** Makes a queue that is never full. */
    public AsyncLifoQueue() {
        this(0);
    }

    /**
     * Makes a queue.
     *
     * @param maxsize how many items it holds; zero or less for any number
     */
    public AsyncLifoQueue(int maxsize) {
        super(maxsize, Collections.asLifoQueue(new ArrayDeque<>()));
    }
}
