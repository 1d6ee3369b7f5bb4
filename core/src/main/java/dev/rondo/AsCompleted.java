package dev.rondo;

import dev.rondo.reactor.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Hands out awaitables in the order in which they are done. {@code next()} suspends until there is one. */
final class AsCompleted<A extends Awaitable<?, ?>> implements Iterable<A>, Iterator<A> {

    private final Map<A, Runnable> pending = new LinkedHashMap<>(); // with what tells us that it is done
    private final ArrayDeque<A> finished = new ArrayDeque<>(); // in the order in which they were done
    private final @Nullable Timer timer;
    private final EventLoop loop;
    private int remaining; // not handed out yet
    private boolean expired;
    private boolean iterated;
    private @Nullable Strand consumer; // in next(): parked, or woken and yet to run

    AsCompleted(EventLoop loop, Collection<? extends A> awaitables, @Nullable Duration timeout) {
        this.loop = loop;
        for (A awaitable : awaitables) {
            awaitable.checkBelongsTo(loop);
            pending.put(awaitable, () -> finished(awaitable)); // one that is named twice counts once
        }
        remaining = pending.size();
        timer = timeout == null
                ? null
                : new Timer(loop.deadlineNanos(timeout), new LoopItem("the timeout of asCompleted", this::expire));
        pending.forEach(Awaitable::whenDone);
        if (timer != null && remaining > 0) {
            loop.reactor().schedule(timer);
        }
    }

    private void finished(A awaitable) {
        if (expired) {
            return; // was ready to tell us when the time was over
        }
        pending.remove(awaitable);
        finished.add(awaitable);
        if (timer != null && pending.isEmpty()) {
            loop.reactor().unschedule(timer);
        }
        wakeConsumer();
    }

    private void expire() {
        expired = true;
        pending.forEach(Awaitable::forget); // they may outlive us by far
        pending.clear();
        wakeConsumer();
    }

    private void wakeConsumer() {
        if (consumer != null) {
            consumer.wakeUp();
        }
    }

    @Override
    public Iterator<A> iterator() {
        if (iterated) {
            throw new IllegalStateException("asCompleted can be iterated once");
        }
        iterated = true;
        return this;
    }

    @Override
    public boolean hasNext() {
        return remaining > 0;
    }

    @Override
    public A next() {
        if (remaining == 0) {
            throw new NoSuchElementException("all have been handed out");
        }
        if (consumer != null) {
            throw new IllegalStateException("another coroutine is already waiting for the next to be done");
        }
        if (finished.isEmpty() && !expired) {
            Strand strand = loop.currentStrand();
            consumer = strand;
            try {
                strand.parkOrThrow(new Arrival());
            } finally {
                consumer = null;
            }
        }
        remaining--;
        A next = finished.poll();
        if (next == null) {
            throw new AsyncTimeoutException(
                    "asCompleted timed out while " + (remaining + 1) + " were not done", null, null);
        }
        return next;
    }

    /** The consumer's wait for the next to be done; a cancel leaves the awaitables alone. */
    private final class Arrival extends Wait {
        @Override
        boolean abort(Strand strand, @Nullable String message) {
            wakeConsumer();
            return true;
        }

        @Override
        Collection<? extends Awaitable<?, ?>> awaited() {
            return List.copyOf(pending.keySet());
        }

        @Override
        @Nullable Collection<? extends Task<?, ?>> wakers() {
            return timer == null ? tasksOf(pending.keySet()) : null;
        }

        @Override
        void abandon(Strand strand) {
            // next() forgets it
        }

        @Override
        public String toString() {
            return "asCompleted, " + pending.size() + " pending";
        }
    }
}
