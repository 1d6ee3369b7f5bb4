package dev.rondo;

import dev.rondo.reactor.Timer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Failures that nobody has looked at. Each is reported once: after a grace of one second of loop time, in which
 * somebody may still await it, or when the loop closes. Loop thread only.
 */
final class UnseenFailures implements Runnable {

    /** Time to get from a failure to the await that takes it; asyncio waits for the garbage collector instead. */
    private static final long GRACE_NANOS = 1_000_000_000;

    private record Due(Awaitable<?, ?> awaitable, long nanos) {}

    private final EventLoop loop;
    private final LinkedHashSet<Awaitable<?, ?>> unseen = new LinkedHashSet<>();
    private final ArrayDeque<Due> due = new ArrayDeque<>();
    private final Map<Awaitable<?, ?>, Integer> held = new HashMap<>(); // and by how many
    private @Nullable Timer timer; // for the head of due

    UnseenFailures(EventLoop loop) {
        this.loop = loop;
    }

    void add(Awaitable<?, ?> failed) {
        if (loop.isClosed()) {
            failed.reportUnretrieved();
            return;
        }
        unseen.add(failed);
        beginGrace(failed);
    }

    private void beginGrace(Awaitable<?, ?> failed) {
        due.add(new Due(failed, loop.reactor().nanos() + GRACE_NANOS));
        schedule();
    }

    /** Says nothing of a failure while the caller has it in hand, and waits for something else still. */
    void hold(Awaitable<?, ?> failed) {
        held.merge(failed, 1, Integer::sum);
    }

    /** Ends a {@link #hold}: somebody may look now, and has the grace to do so. */
    void release(Awaitable<?, ?> failed) {
        Integer left = held.merge(failed, -1, (a, b) -> a + b == 0 ? null : a + b);
        if (left == null && unseen.contains(failed)) {
            beginGrace(failed);
        }
    }

    void remove(Awaitable<?, ?> failed) {
        unseen.remove(failed);
        while (!due.isEmpty() && !unseen.contains(due.getFirst().awaitable)) {
            due.removeFirst();
        }
        if (due.isEmpty() && timer != null) {
            loop.reactor().unschedule(timer);
            timer = null;
        }
    }

    private void schedule() {
        if (timer == null && !due.isEmpty()) {
            timer = new Timer(due.getFirst().nanos, this);
            loop.reactor().schedule(timer);
        }
    }

    /** Reports those whose grace is over. */
    @Override
    public void run() {
        timer = null;
        long now = loop.reactor().nanos();
        while (!due.isEmpty() && due.getFirst().nanos - now <= 0) {
            Awaitable<?, ?> failed = due.removeFirst().awaitable;
            if (!held.containsKey(failed) && unseen.remove(failed)) {
                failed.reportUnretrieved();
            }
        }
        schedule();
    }

    /** Reports what is left: the loop closes. */
    void reportAll() {
        while (!unseen.isEmpty()) {
            Awaitable<?, ?> failed = unseen.removeFirst();
            failed.reportUnretrieved();
        }
        due.clear();
    }

    @Override
    public String toString() {
        return "a look for failures that nobody has seen";
    }
}
