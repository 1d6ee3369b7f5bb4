package dev.rondo;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A queue between coroutines of one loop, first in, first out; {@link #put} waits while it is full, {@link #get} while
 * it is empty. Stands for {@code asyncio.Queue}.
 *
 * <pre>
 *   open ──shutdown()──▶ shut down: nothing goes in ──the last item is taken──▶ get() fails, iteration ends
 * </pre>
 *
 * <p>Iterating takes items, and waits for them, until the queue is shut down and empty:
 *
 * <pre>{@code
 * for (String url : urls) {
 *     crawl(url);
 *     urls.taskDone();
 * }
 * }</pre>
 *
 * <p>Holds no nulls. Not for other threads: see {@link Bridge}. It may be made before there is a loop, belongs to the
 * loop on which somebody first has to wait for it, and fails with {@link IllegalStateException} on another, or if a
 * thread that is not the loop's changes it.
 *
 * @param <T> the type of the items
 */
public class AsyncQueue<T> extends LoopBound implements Iterable<T> {

    private static final int ITEMS_SHOWN = 10;

    private final int maxsize;
    private final Queue<T> items;
    private final WaitList getters = new WaitList(this, this::itemIsThere);
    private final WaitList putters = new WaitList(this, this::roomIsThere);
    private final WaitList joiners = new WaitList(this, () -> {});
    private final SeenTasks seenPutting = new SeenTasks();
    private final SeenTasks seenTaking = new SeenTasks();
    private int unfinished; // items put, for which nobody has said taskDone()
    private boolean shutDown;

    /** Makes a queue that is never full. */
    public AsyncQueue() {
        this(0);
    }

    /**
     * Makes a queue.
     *
     * @param maxsize how many items it holds; zero or less for any number
     */
    public AsyncQueue(int maxsize) {
        this(maxsize, new ArrayDeque<>());
    }

    /**
     * Makes a queue that keeps its items in {@code items}, and takes them out as that has them: the one point of
     * extension, in place of asyncio's {@code _init}, {@code _get} and {@code _put}.
     *
     * @param items empty, and nobody else's from now on
     */
    protected AsyncQueue(int maxsize, Queue<T> items) {
        this.maxsize = maxsize;
        this.items = items;
    }

    // ------------------------------------------------------------------------------------------------ putting

    /**
     * Puts an item in; suspends while the queue is full. Stands for {@code queue.put()}.
     *
     * <p>If this throws, a {@link CancelledError} included, the item is not in the queue.
     *
     * @throws QueueShutDownException if the queue is shut down, or is while this waits
     * @throws IllegalStateException if it has to wait outside the coroutines of its loop
     */
    public void put(T item) {
        requireNonNull(item, "item");
        checkCaller(seenPutting);
        while (full()) {
            failIfShutDown();
            putters.await();
        }
        try {
            add(item);
        } catch (RuntimeException e) { // it does not compare with the others, say
            roomIsThere();
            throw e;
        }
    }

    /**
     * Puts an item in, without waiting. Stands for {@code queue.put_nowait()}.
     *
     * @throws QueueFullException if the queue is full
     * @throws QueueShutDownException if the queue is shut down
     */
    public void putNowait(T item) {
        requireNonNull(item, "item");
        checkCaller(seenPutting);
        failIfShutDown();
        if (full()) {
            throw new QueueFullException("the queue holds " + maxsize + " items, its maxsize; put() waits for room");
        }
        add(item);
    }

    private void add(T item) {
        failIfShutDown();
        items.add(item);
        unfinished++;
        if (getters.waiting() > 0) {
            getters.wakeFirst();
        }
    }

    /** Passes on what a putter was woken for, and could not use. */
    private void roomIsThere() {
        if (!full()) {
            putters.wakeFirst();
        }
    }

    private void failIfShutDown() {
        if (shutDown) {
            throw isShutDown();
        }
    }

    private static QueueShutDownException isShutDown() {
        return new QueueShutDownException("the queue is shut down");
    }

    // ------------------------------------------------------------------------------------------------ taking

    /**
     * Takes the next item; suspends while the queue is empty. Stands for {@code queue.get()}.
     *
     * <p>If this throws, a {@link CancelledError} included, no item is taken.
     *
     * @throws QueueShutDownException if the queue is shut down and empty, or is while this waits
     * @throws IllegalStateException if it has to wait outside the coroutines of its loop
     */
    public T get() {
        if (!awaitItem()) {
            throw isShutDown();
        }
        return take();
    }

    /**
     * Takes the next item, without waiting. Stands for {@code queue.get_nowait()}.
     *
     * @throws QueueEmptyException if the queue is empty
     * @throws QueueShutDownException if it is shut down as well
     */
    public T getNowait() {
        checkCaller(seenTaking);
        if (empty()) {
            failIfShutDown();
            throw new QueueEmptyException("the queue is empty; get() waits for an item");
        }
        return take();
    }

    /** Suspends until there is an item; returns false if there will be none. */
    private boolean awaitItem() {
        checkCaller(seenTaking);
        while (empty()) {
            if (shutDown) {
                return false;
            }
            getters.await();
        }
        return true;
    }

    private T take() {
        T item = items.remove();
        if (putters.waiting() > 0) {
            putters.wakeFirst();
        }
        return item;
    }

    /** Passes on what a getter was woken for, and could not use. */
    private void itemIsThere() {
        if (!empty()) {
            getters.wakeFirst();
        }
    }

    /**
     * Returns an iterator that takes the items. {@code hasNext()} suspends until there is one, which it leaves in the
     * queue, or until the queue is shut down and empty; {@code next()} takes it, and is to follow at once, as it does
     * in a {@code for} loop: another may take the item otherwise.
     */
    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return awaitItem();
            }

            @Override
            public T next() {
                if (!awaitItem()) {
                    throw new NoSuchElementException("the queue is shut down and empty");
                }
                return take();
            }
        };
    }

    // ------------------------------------------------------------------------------------------------ the end

    /**
     * Says that the work on an item that was taken is done. Stands for {@code queue.task_done()}.
     *
     * @throws IllegalArgumentException if it was said for every item already
     */
    public void taskDone() {
        checkCaller(seenTaking);
        if (unfinished <= 0) {
            throw new IllegalArgumentException("task_done() called too many times");
        }
        if (--unfinished == 0) {
            joiners.wakeAll();
        }
    }

    /** Suspends until {@link #taskDone} was called for every item that was put. Stands for {@code queue.join()}. */
    public void join() {
        if (unfinished > 0) {
            joiners.await();
        }
    }

    /** Lets nothing more in; what is in the queue can be taken. The same as {@code shutdown(false)}. */
    public void shutdown() {
        shutdown(false);
    }

    /**
     * Lets nothing more in: whoever puts, or waits to, gets a {@link QueueShutDownException}, and so does whoever takes
     * once the queue is empty. Idempotent. Stands for {@code queue.shutdown()}.
     *
     * @param immediate true to drop the items that are in the queue, which then need no {@link #taskDone}
     */
    public void shutdown(boolean immediate) {
        checkThread();
        shutDown = true;
        if (immediate) {
            unfinished = Math.max(0, unfinished - items.size());
            items.clear();
            if (unfinished == 0) {
                joiners.wakeAll();
            }
        }
        getters.wakeAll();
        putters.wakeAll();
    }

    /** Fails unless the caller may change the queue, and notes who it is. */
    private void checkCaller(SeenTasks seen) {
        if (!seen.lastIsHere()) {
            checkThread();
            seen.note();
        }
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns the number of items in the queue. */
    public int qsize() {
        return items.size();
    }

    /** Returns whether there is no item in the queue. */
    public boolean empty() {
        return items.isEmpty();
    }

    /** Returns whether there are {@code maxsize} items in the queue; never, if that is zero or less. */
    public boolean full() {
        return maxsize > 0 && items.size() >= maxsize;
    }

    /** Returns how many items the queue holds; zero or less for any number. */
    public int maxsize() {
        return maxsize;
    }

    @Override
    final @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
        return list == getters ? seenPutting.all() : seenTaking.all();
    }

    /** Returns how many tasks are held for having put something in. */
    int seenPutting() {
        return seenPutting.size();
    }

    /** Says what is in the queue (the first ten items) and how many wait for it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("<" + getClass().getSimpleName() + " maxsize=" + maxsize);
        if (!empty()) {
            String more = qsize() > ITEMS_SHOWN ? ", … " + (qsize() - ITEMS_SHOWN) + " more]" : "]";
            text.append(items.stream()
                    .limit(ITEMS_SHOWN)
                    .map(String::valueOf)
                    .collect(Collectors.joining(", ", " queue=[", more)));
        }
        if (getters.waiting() > 0) {
            text.append(" getters[").append(getters.waiting()).append(']');
        }
        if (putters.waiting() > 0) {
            text.append(" putters[").append(putters.waiting()).append(']');
        }
        if (unfinished > 0) {
            text.append(" tasks=").append(unfinished);
        }
        return text.append(shutDown ? " shutdown>" : ">").toString();
    }
}
