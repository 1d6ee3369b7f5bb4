package dev.rondo;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue between any threads and any loops, first in, first out. In a coroutine {@link #put} and {@link #get}
 * suspend; on a thread that belongs to no loop, a virtual one included, they block it. {@link #offer} and {@link #poll}
 * wait for nobody, ever: they are lock-free. Holds no nulls. All methods: any thread. Beyond asyncio.
 *
 * <pre>
 *   open ──close()──▶ closed: nothing goes in ──the last item is taken──▶ nothing comes out
 * </pre>
 *
 * <p>What a thread did before it put an item in, it did before whoever takes the item sees it.
 *
 * <p>Who waits is woken in the order in which they came, and looks again: an item may have been taken by one that did
 * not wait. Whoever was woken and leaves by a cancel, an interrupt or the end of its loop passes that on, so that no
 * item lies there while somebody waits for it. A loop that is stopped and not closed keeps its coroutines, and what
 * they were woken for.
 *
 * @param <T> the type of the items
 */
public final class Bridge<T> implements AutoCloseable {

    // How this works, without a lock. A putter first reserves a slot, by counting, then adds its item, then wakes a
    // waiter; a taker removes an item, then gives the slot back, then wakes a waiter. Whoever has to wait first lists
    // itself, then looks once more, then waits: so either it sees what has changed, or whoever changed it sees it.
    // That the bridge is closed is a bit of the count: every item reserved before is waited for, and none comes after.

    private static final int CLOSED = Integer.MIN_VALUE; // the sign bit; the others count

    private final int capacity;
    private final AtomicInteger slots = new AtomicInteger(); // in use: items, and places reserved for items to be added
    private final ConcurrentLinkedQueue<T> items = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Waiter> getters = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Waiter> putters = new ConcurrentLinkedQueue<>();

    /**
     * Makes a bridge.
     *
     * @param capacity how many items it holds; at least 1
     */
    public Bridge(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity < 1: " + capacity);
        }
        this.capacity = capacity;
    }

    // ------------------------------------------------------------------------------------------------ putting

    /**
     * Puts an item in if there is room; returns whether there was. Lock-free.
     *
     * @throws QueueShutDownException if the bridge is closed
     */
    public boolean offer(T item) {
        requireNonNull(item, "item");
        int used;
        do {
            used = slots.get();
            if (used < 0) {
                throw isClosed();
            }
            if (used == capacity) {
                return false;
            }
        } while (!slots.compareAndSet(used, used + 1));
        items.add(item);
        wakeOne(getters);
        return true;
    }

    /**
     * Puts an item in; suspends the coroutine, or blocks the thread, while there is no room. If this throws, the item
     * is not in the bridge.
     *
     * @throws QueueShutDownException if the bridge is closed, or is while this waits
     * @throws CancelledError if the calling task was asked to cancel while it waits
     * @throws InterruptedException if the calling thread, which is no coroutine, is interrupted while it waits
     */
    public void put(T item) throws InterruptedException {
        while (!offer(item)) {
            Waiter waiter = new Waiter(putters);
            if (slots.get() == capacity) {
                waiter.await();
            } else {
                waiter.leave();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ taking

    /**
     * Takes the next item if there is one; returns null if there is none now. Lock-free.
     *
     * @throws QueueShutDownException if the bridge is closed, and empty
     */
    public @Nullable T poll() {
        T item = items.poll();
        if (item == null) {
            if (slots.get() == CLOSED) {
                throw isClosed();
            }
            return null;
        }
        if (slots.decrementAndGet() == CLOSED) {
            wakeAll(getters); // that was the last
        } else {
            wakeOne(putters);
        }
        return item;
    }

    /**
     * Takes the next item; suspends the coroutine, or blocks the thread, while there is none. If this throws, no item
     * is taken.
     *
     * @throws QueueShutDownException if the bridge is closed and empty, or is while this waits
     * @throws CancelledError if the calling task was asked to cancel while it waits
     * @throws InterruptedException if the calling thread, which is no coroutine, is interrupted while it waits
     */
    public T get() throws InterruptedException {
        for (; ; ) {
            T item = poll();
            if (item != null) {
                return item;
            }
            Waiter waiter = new Waiter(getters);
            if (items.isEmpty() && slots.get() != CLOSED) {
                waiter.await();
            } else {
                waiter.leave();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    /**
     * Lets nothing more in: whoever puts, or waits to, gets a {@link QueueShutDownException}, and so does whoever takes
     * once the bridge is empty. Lock-free. Idempotent.
     */
    @Override
    public void close() {
        if (slots.getAndUpdate(used -> used | CLOSED) >= 0) {
            wakeAll(getters);
            wakeAll(putters);
        }
    }

    private static QueueShutDownException isClosed() {
        return new QueueShutDownException("the bridge is closed");
    }

    /** Returns how many items there are, or were a moment ago. */
    public int size() {
        return slots.get() & ~CLOSED;
    }

    /** Returns how many items the bridge holds. */
    public int capacity() {
        return capacity;
    }

    /** Returns how many wait, to put or to take. */
    int waiting() {
        return getters.size() + putters.size();
    }

    @Override
    public String toString() {
        return "<Bridge capacity=" + capacity + " size=" + size() + (slots.get() < 0 ? " closed>" : ">");
    }

    // ------------------------------------------------------------------------------------------------ waiting

    private void wakeOne(ConcurrentLinkedQueue<Waiter> waiters) {
        for (Waiter waiter; (waiter = waiters.poll()) != null; ) {
            if (waiter.wake()) {
                return;
            }
        }
    }

    private void wakeAll(ConcurrentLinkedQueue<Waiter> waiters) {
        for (Waiter waiter; (waiter = waiters.poll()) != null; ) {
            waiter.wake();
        }
    }

    /**
     * A coroutine or a thread that is about to wait, or waits. In the list until it is woken or leaves.
     *
     * <pre>
     *   LISTED ──wake(), any thread──▶ WOKEN
     *      └──────leaves by itself───▶ GONE
     * </pre>
     */
    private final class Waiter extends Wait {

        private static final int LISTED = 0;
        private static final int WOKEN = 1;
        private static final int GONE = 2;

        private final ConcurrentLinkedQueue<Waiter> list;
        private final Thread thread = Thread.currentThread();
        private final @Nullable Strand strand = RunningLoops.strandHere(); // null if the thread is no coroutine
        private final AtomicInteger state = new AtomicInteger(LISTED);
        private boolean left; // by the strand, which may wait for something else by now; its loop's thread only

        /** Lists the caller. It must look once more, and then either await or leave. */
        Waiter(ConcurrentLinkedQueue<Waiter> list) {
            this.list = list;
            list.add(this);
        }

        /** Any thread, once the waiter is off the list; returns false if it has left. */
        boolean wake() {
            if (!state.compareAndSet(LISTED, WOKEN)) {
                return false;
            }
            if (strand == null) {
                LockSupport.unpark(thread);
            } else if (strand.loop.isHere()) {
                resume(strand);
            } else {
                strand.loop.scheduler().post(() -> resume(strand));
            }
            return true;
        }

        private void resume(Strand strand) {
            if (!left) {
                strand.wakeUp();
            }
        }

        /** Leaves, without having waited, to look again. */
        void leave() {
            if (!delist()) {
                left = true;
            }
        }

        /** Takes the waiter off the list; returns false if somebody has woken it already. */
        private boolean delist() {
            if (!state.compareAndSet(LISTED, GONE)) {
                return false;
            }
            list.remove(this);
            return true;
        }

        void await() throws InterruptedException {
            if (strand == null) {
                block();
            } else {
                suspend(strand);
            }
        }

        private void suspend(Strand strand) {
            if (strand.park(this)) {
                throw strand.throwAborted();
            }
            try {
                strand.throwIfCancelled();
            } catch (CancelledError e) {
                wakeOne(list);
                throw e;
            }
        }

        private void block() throws InterruptedException {
            while (state.get() == LISTED) {
                LockSupport.park(Bridge.this);
                if (Thread.interrupted()) {
                    if (!delist()) {
                        wakeOne(list);
                    }
                    throw new InterruptedException();
                }
            }
        }

        @Override
        boolean abort(Strand strand, @Nullable String message) {
            if (!delist()) {
                return false; // another thread has woken it: the cancel is delivered when that arrives
            }
            strand.wakeUp();
            return true;
        }

        @Override
        void abandon(Strand strand) {
            if (!delist()) {
                left = true;
                wakeOne(list);
            }
        }

        @Override
        public String toString() {
            return Bridge.this.toString();
        }
    }
}
