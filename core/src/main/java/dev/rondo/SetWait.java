package dev.rondo;

import dev.rondo.reactor.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waits until enough of several awaitables are done, or a time is over. Takes nothing from them: not their failures,
 * and no cancel reaches them.
 */
final class SetWait<A extends Awaitable<?, ?>> extends Wait {

    /** What is enough. */
    enum Until {
        ALL_DONE,
        FIRST_DONE,
        FIRST_FAILED // or all done; one that is cancelled has not failed
    }

    private final Strand strand;
    private final Until until;
    private final Map<A, Runnable> awaitables = new LinkedHashMap<>(); // with what tells us that it is done
    private final @Nullable Timer timer;
    private final List<A> failed = new ArrayList<>(); // held, so that they are not reported before we return
    private int pending; // have not told us yet
    private boolean over;

    private SetWait(Strand strand, Collection<? extends A> awaitables, Until until, @Nullable Duration timeout) {
        this.strand = strand;
        this.until = until;
        for (A awaitable : awaitables) {
            awaitable.checkBelongsTo(strand.loop);
            this.awaitables.put(awaitable, () -> oneDone(awaitable)); // one that is named twice counts once
        }
        pending = this.awaitables.size();
        timer = timeout == null ? null : new Timer(strand.loop.deadlineNanos(timeout), new Expiry());
    }

    /** What the timer does. Its name is put together only for who reads it. */
    private final class Expiry implements Runnable {
        @Override
        public void run() {
            end();
        }

        @Override
        public String toString() {
            return "the timeout of a wait of " + strand.name();
        }
    }

    /** Suspends the strand until that is so, and says which are done then. */
    static <A extends Awaitable<?, ?>> Waited<A> await(
            Strand strand, Collection<? extends A> awaitables, Until until, @Nullable Duration timeout) {
        if (awaitables.isEmpty()) {
            throw new IllegalArgumentException("Set of Tasks/Futures is empty.");
        }
        SetWait<A> wait = new SetWait<>(strand, awaitables, until, timeout);
        wait.begin();
        try {
            strand.parkOrThrow(wait);
        } finally {
            wait.leave();
        }
        return wait.waited();
    }

    private void begin() {
        awaitables.forEach(Awaitable::whenDone);
        if (timer != null) {
            strand.loop.reactor().schedule(timer);
        }
    }

    private void oneDone(A awaitable) {
        pending--;
        boolean isFailed = awaitable.peekFailure() != null;
        if (isFailed && !over) {
            failed.add(awaitable);
            strand.loop.failures().hold(awaitable);
        }
        if (pending == 0 || until == Until.FIRST_DONE || (until == Until.FIRST_FAILED && isFailed)) {
            end();
        }
    }

    private void end() {
        if (!over) { // several may be ready to tell us at once, and the timer as well
            over = true;
            strand.wakeUp();
        }
    }

    private void leave() {
        over = true;
        awaitables.forEach(Awaitable::forget);
        failed.forEach(strand.loop.failures()::release);
        failed.clear();
        if (timer != null) {
            strand.loop.reactor().unschedule(timer);
        }
    }

    private Waited<A> waited() {
        Set<A> done = new LinkedHashSet<>();
        Set<A> pending = new LinkedHashSet<>();
        for (A awaitable : awaitables.keySet()) {
            (awaitable.done() ? done : pending).add(awaitable);
        }
        return new Waited<>(Collections.unmodifiableSet(done), Collections.unmodifiableSet(pending));
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        end();
        return true;
    }

    @Override
    void abandon(Strand strand) {
        leave();
    }

    @Override
    Collection<? extends Awaitable<?, ?>> awaited() {
        List<A> awaited = new ArrayList<>(pending);
        for (A awaitable : awaitables.keySet()) {
            if (!awaitable.done()) {
                awaited.add(awaitable);
            }
        }
        return awaited;
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers() {
        return timer == null ? tasksOf(awaited()) : null;
    }

    @Override
    public String toString() {
        String what = switch (until) {
            case ALL_DONE -> "waitAll";
            case FIRST_DONE -> "waitAny";
            case FIRST_FAILED -> "waitFirstException";
        };
        return what + " of " + awaitables.size() + ", " + pending + " pending";
    }
}
