package dev.rondo;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A queue that gives out the least item first; equal ones in any order. Stands for {@code asyncio.PriorityQueue}.
 *
 * <p>Putting fails with {@link ClassCastException} where items do not compare.
 *
 * @param <T> the type of the items
 */
public final class AsyncPriorityQueue<T> extends AsyncQueue<T> {

    /** Makes a queue that is never full, of items that are {@link Comparable}. */
    public AsyncPriorityQueue() {
        this(0, null);
    }

    /**
     * Makes a queue of items that are {@link Comparable}.
     *
     * @param maxsize how many items it holds; zero or less for any number
     */
    public AsyncPriorityQueue(int maxsize) {
        this(maxsize, null);
    }

    /** Makes a queue that is never full. */
    public AsyncPriorityQueue(Comparator<? super T> order) {
        this(0, order);
    }

    /**
     * Makes a queue.
     *
     * @param maxsize how many items it holds; zero or less for any number
     * @param order which of two items is less, or null for that of {@link Comparable}
     */
    public AsyncPriorityQueue(int maxsize, @Nullable Comparator<? super T> order) {
        super(maxsize, new PriorityQueue<>(order));
    }
}
