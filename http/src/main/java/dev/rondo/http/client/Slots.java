package dev.rondo.http.client;

import dev.rondo.EventLoop;
import dev.rondo.Promise;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * Who may use a connection now: so many in all, so many per origin. First come, first served; every step takes constant
 * time.
 *
 * <pre>
 *   acquire ──▶ waits at its origin ──▶ waits in the line of all ──▶ has a slot ──▶ release
 *               (origin is full)        (origin has a place for it;   (in use)
 *                                        the whole is full)
 * </pre>
 *
 * <p>Whoever stands in the line of all holds a place at its origin already. So the first in line can always go, and a
 * crowded origin keeps nobody else waiting.
 */
final class Slots {

    private final EventLoop loop;
    private final int total; // 0: no limit
    private final int perOrigin; // 0: no limit

    private final Map<Origin, Places> origins = new HashMap<>();
    private final LinkedHashSet<Waiter> line = new LinkedHashSet<>();
    private int inUse;

    /** What is taken at one origin, and who waits for a place there. */
    private static final class Places {
        int taken;
        final LinkedHashSet<Waiter> line = new LinkedHashSet<>();
    }

    private static final class Waiter {
        final Promise<Boolean, RuntimeException> turn;
        boolean hasSlot;

        Waiter(EventLoop loop) {
            turn = loop.createFuture();
        }
    }

    Slots(EventLoop loop, int total, int perOrigin) {
        this.loop = loop;
        this.total = total;
        this.perOrigin = perOrigin;
    }

    /** Takes a slot if that needs no waiting. */
    boolean tryAcquire(Origin origin) {
        Places places = origins.computeIfAbsent(origin, o -> new Places());
        if (isFull(places) || isFull()) {
            forgetIfUnused(origin, places);
            return false;
        }
        places.taken++;
        inUse++;
        return true;
    }

    /** Returns whether {@link #tryAcquire} would get one. */
    boolean hasFree(Origin origin) {
        Places places = origins.get(origin);
        return !isFull() && (places == null || !isFull(places));
    }

    /** Waits for a slot. Suspends; on cancel the waiter has left its line, or the slot it had just got is another's. */
    void acquire(Origin origin) {
        if (tryAcquire(origin)) {
            return;
        }
        Places places = origins.computeIfAbsent(origin, o -> new Places());
        var waiter = new Waiter(loop);
        if (isFull(places)) {
            places.line.add(waiter);
        } else {
            places.taken++;
            line.add(waiter);
        }
        boolean gotIt = false;
        try {
            waiter.turn.await();
            gotIt = true;
        } finally {
            if (!gotIt) {
                withdraw(origin, places, waiter);
            }
        }
    }

    private void withdraw(Origin origin, Places places, Waiter waiter) {
        if (waiter.hasSlot) {
            release(origin);
        } else if (line.remove(waiter)) {
            leave(origin, places);
        } else {
            places.line.remove(waiter);
            forgetIfUnused(origin, places);
        }
    }

    /** Gives a slot back, and to who is next. */
    void release(Origin origin) {
        Places places = origins.get(origin);
        if (places == null || inUse == 0) {
            throw new IllegalStateException("no slot of " + origin + " is in use");
        }
        inUse--;
        leave(origin, places);
        while (!line.isEmpty() && !isFull()) {
            Waiter next = line.removeFirst();
            next.hasSlot = true;
            inUse++;
            if (!next.turn.done()) { // else it is being cancelled, and gives the slot back as soon as it runs
                next.turn.setResult(true);
            }
        }
    }

    private void leave(Origin origin, Places places) {
        places.taken--;
        if (!places.line.isEmpty()) {
            places.taken++;
            line.add(places.line.removeFirst());
        }
        forgetIfUnused(origin, places);
    }

    private void forgetIfUnused(Origin origin, Places places) {
        if (places.taken == 0 && places.line.isEmpty()) {
            origins.remove(origin);
        }
    }

    private boolean isFull() {
        return total > 0 && inUse >= total;
    }

    private boolean isFull(Places places) {
        return perOrigin > 0 && places.taken >= perOrigin;
    }

    /** Returns how many slots are in use. */
    int inUse() {
        return inUse;
    }

    /** Returns how many coroutines wait for one. */
    int waiting() {
        int waiting = line.size();
        for (Places places : origins.values()) {
            waiting += places.line.size();
        }
        return waiting;
    }
}
