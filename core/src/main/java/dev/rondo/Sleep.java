package dev.rondo;

import dev.rondo.reactor.Timer;
import org.jspecify.annotations.Nullable;

/**
 * A strand that waits for a time. The timer makes this ready, and this wakes the strand a turn later, as in asyncio.
 */
final class Sleep extends Wait implements Runnable {

    private final Strand strand;
    private final Timer timer;
    private boolean over;

    private Sleep(Strand strand, long deadlineNanos) {
        this.strand = strand;
        this.timer = new Timer(deadlineNanos, this);
    }

    /** Suspends the strand until the deadline. */
    static void until(long deadlineNanos, Strand strand) {
        Sleep sleep = new Sleep(strand, deadlineNanos);
        strand.loop.reactor().schedule(sleep.timer);
        strand.parkOrThrow(sleep);
    }

    @Override
    public void run() {
        if (!over) {
            over = true;
            strand.wakeUp();
        }
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        abandon(strand);
        strand.wakeUp();
        return true;
    }

    @Override
    String label() {
        return "sleep";
    }

    @Override
    public String toString() {
        return "sleep of " + strand.name();
    }

    @Override
    void abandon(Strand strand) {
        over = true; // the timer may have fired already, and wait in the queue
        strand.loop.reactor().unschedule(timer);
    }
}
