package dev.rondo.reactor;

import org.jspecify.annotations.Nullable;

/** The items that are ready to run, first in, first out. Loop thread only. */
public final class ReadyQueue {

    private @Nullable Runnable[] ring = new Runnable[256]; // the length is a power of two
    private int head;
    private int size;

    /** Appends an item. */
    public void add(Runnable item) {
        if (size == ring.length) {
            grow();
        }
        ring[(head + size) & (ring.length - 1)] = item;
        size++;
    }

    int size() {
        return size;
    }

    @Nullable Runnable peek() {
        return size == 0 ? null : ring[head];
    }

    Runnable take() {
        Runnable item = ring[head];
        if (item == null) {
            throw new IllegalStateException("take() from an empty ready queue");
        }
        ring[head] = null;
        head = (head + 1) & (ring.length - 1);
        size--;
        return item;
    }

    private void grow() {
        @Nullable Runnable[] larger = new Runnable[ring.length * 2];
        int tail = ring.length - head;
        System.arraycopy(ring, head, larger, 0, tail);
        System.arraycopy(ring, 0, larger, tail, head);
        ring = larger;
        head = 0;
    }
}
