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

    /** Returns the item that is {@code index} behind the head. */
    @Nullable Runnable get(int index) {
        return ring[(head + index) & (ring.length - 1)];
    }

    /** Moves the item that is {@code index} behind the head to the head; the others keep their order. */
    void bringForward(int index) {
        int mask = ring.length - 1;
        Runnable item = ring[(head + index) & mask];
        if (head + index < ring.length) {
            System.arraycopy(ring, head, ring, head + 1, index);
        } else {
            for (int i = index; i > 0; i--) {
                ring[(head + i) & mask] = ring[(head + i - 1) & mask];
            }
        }
        ring[head] = item;
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
