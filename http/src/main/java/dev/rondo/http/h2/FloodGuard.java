package dev.rondo.http.h2;

import dev.rondo.EventLoop;
import java.time.Duration;

/** Counts what costs a peer nothing and us something, a second at a time. Loop thread only. */
final class FloodGuard {

    /**
     * WINDOW_UPDATEs that are free for each DATA frame sent: one for the stream, one for the connection, as much again.
     */
    private static final int UPDATES_PER_FRAME = 4;

    private static final int FREE_UPDATES = 1000; // at most, and at the beginning

    private final EventLoop loop;
    private final int eventsPerSecond;
    private Duration since;
    private int events; // since then
    private int freeUpdates = FREE_UPDATES;

    FloodGuard(EventLoop loop, int eventsPerSecond) {
        this.loop = loop;
        this.eventsPerSecond = eventsPerSecond;
        this.since = loop.time();
    }

    /** Counts one; returns false if it is one too many. */
    boolean event() {
        Duration now = loop.time();
        if (now.minus(since).compareTo(Duration.ofSeconds(1)) >= 0) {
            since = now;
            events = 0;
        }
        return ++events <= eventsPerSecond;
    }

    /** Counts a WINDOW_UPDATE; those that answer what was sent are free. */
    boolean windowUpdate() {
        if (freeUpdates > 0) {
            freeUpdates--;
            return true;
        }
        return event();
    }

    void dataSent() {
        freeUpdates = Math.min(freeUpdates + UPDATES_PER_FRAME, FREE_UPDATES);
    }
}
