package dev.rondo.net;

import dev.rondo.AsyncEvent;
import org.jspecify.annotations.Nullable;

/**
 * How much waits to be sent, and those who wait until it is little. Loop thread only.
 *
 * <pre>
 *   FLOWING ──size above high──▶ PAUSED ──size at low or below──▶ FLOWING, and all that wait go on
 * </pre>
 */
final class WaterMarks {

    private static final int DEFAULT_HIGH = 64 * 1024; // asyncio's figure

    private @Nullable AsyncEvent resumed; // while paused: most never are
    private int high = DEFAULT_HIGH;
    private int low = DEFAULT_HIGH / 4;
    private long size;

    void limits(int high, int low) {
        if (high < low || low < 0) {
            throw new IllegalArgumentException("high (" + high + ") must be >= low (" + low + ") must be >= 0");
        }
        this.high = high;
        this.low = low;
        update();
    }

    /** Notes that the size is another by {@code bytes}. */
    void add(long bytes) {
        size += bytes;
        update();
    }

    /** Notes that nothing is left. */
    void clear() {
        size = 0;
        update();
    }

    private void update() {
        if (size > high && resumed == null) {
            resumed = new AsyncEvent();
        } else if (size <= low && resumed != null) {
            resumed.set();
            resumed = null;
        }
    }

    /** Suspends while paused. Who was waiting when that ended goes on, even if it is paused again. */
    void await() {
        if (resumed != null) {
            resumed.await();
        }
    }

    boolean isAboveHigh() {
        return size > high;
    }

    long size() {
        return size;
    }
}
