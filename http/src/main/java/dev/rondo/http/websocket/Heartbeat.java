package dev.rondo.http.websocket;

import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks a peer that is silent for a sign of life, and tells when there is none. Judges only while somebody receives: a
 * pong that nobody reads is no proof of death.
 *
 * <pre>
 *   SILENT ── for an interval ──▶ ASKED ── for half of one, with somebody reading ──▶ dead
 *     ▲                            │
 *     └───── anything comes ───────┘
 * </pre>
 */
final class Heartbeat implements AutoCloseable {

    private static final long NEVER = -1;

    private final EventLoop loop;
    private final long intervalNanos;
    private final Runnable ask;
    private final Runnable onSilence;

    private @Nullable TimerHandle timer; // null if there is no heartbeat, or it has stopped
    private long lastNanos; // when something last came
    private long askedNanos = NEVER;
    private long waitingNanos = NEVER; // since when somebody reads

    /** Begins to watch, unless the interval is zero; {@code ask} and {@code onSilence} must not suspend. */
    Heartbeat(EventLoop loop, Duration interval, Runnable ask, Runnable onSilence) {
        this.loop = loop;
        this.intervalNanos = interval.toNanos();
        this.ask = ask;
        this.onSilence = onSilence;
        if (intervalNanos > 0) {
            lastNanos = now();
            arm(lastNanos + intervalNanos);
        }
    }

    private long now() {
        return loop.time().toNanos();
    }

    private void arm(long atNanos) {
        timer = loop.callLater(Duration.ofNanos(Math.max(atNanos - now(), 1)), this::look);
    }

    private void look() {
        timer = null;
        long now = now();
        if (askedNanos != NEVER) {
            long half = Math.max(intervalNanos / 2, 1);
            long due = Math.max(askedNanos, waitingNanos) + half;
            if (waitingNanos == NEVER) {
                arm(now + half); // nobody could have seen an answer
            } else if (now < due) {
                arm(due);
            } else {
                onSilence.run();
            }
        } else if (now - lastNanos < intervalNanos) {
            arm(lastNanos + intervalNanos);
        } else {
            askedNanos = now;
            ask.run();
            arm(now + Math.max(intervalNanos / 2, 1));
        }
    }

    /** Tells that somebody begins to read. */
    void beginWait() {
        if (timer != null) {
            waitingNanos = now();
        }
    }

    /** Tells that the reading is over, and whether something has come. */
    void endWait(boolean came) {
        waitingNanos = NEVER;
        if (came && timer != null) {
            lastNanos = now();
            askedNanos = NEVER;
        }
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
