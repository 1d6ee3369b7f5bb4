package dev.rondo.reactor;

import dev.rondo.time.Clock;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Decides whether a driver that is about to block looks for events a little longer instead, and learns from how long
 * its waits were. A thread that sleeps is woken some 5 to 50 µs late, which is most of the round trip to a peer that
 * answers at once; one that spins is not, and burns its core meanwhile.
 *
 * <pre>
 *   OFF    never: the default, for who else uses the processor, and its battery, is not ours to know
 *   ON     before each wait, up to {@link #MOST_NANOS}
 *   AUTO   only where there is another processor, recent waits were short, and to spin has not been in vain of late:
 *          an idle loop does not
 * </pre>
 *
 * <p>Loop thread only.
 */
final class Spin {

    /** Whether to spin. */
    enum Mode {
        /** Never. */
        OFF,
        /** Always. */
        ON,
        /** As long as it seems to help. */
        AUTO
    }

    static final long MOST_NANOS = 50_000; // the price of being woken: longer waits are slept through as cheaply
    static final int LONGEST_PAUSE = 1024;

    private static final long SHORT_NANOS = 2 * MOST_NANOS; // on average, being woken late included
    private static final long UNKNOWN_NANOS =
            4 * MOST_NANOS; // what any long wait counts as, so that it is soon forgotten

    private final Mode mode;
    private final LongSupplier nanos;
    private final boolean pays; // with one processor the peer could not answer meanwhile

    private long average = UNKNOWN_NANOS;
    private int pause; // so many waits are not to spin
    private int nextPause = 1; // doubled for each spin in vain
    private long begin; // of the present wait
    private long budget; // of its spin; 0 for none

    Spin(Mode mode, int processors, LongSupplier nanos) {
        this.mode = mode;
        this.pays = processors > 1;
        this.nanos = nanos;
    }

    /** Makes one as {@code -Drondo.spin=off|on|auto} says. */
    static Spin byProperty() {
        return new Spin(
                parse(System.getProperty("rondo.spin", "off")),
                Runtime.getRuntime().availableProcessors(),
                Clock.system()::nanos);
    }

    static Mode parse(String property) {
        return switch (property.toLowerCase(Locale.ROOT)) {
            case "off" -> Mode.OFF;
            case "on" -> Mode.ON;
            case "auto" -> Mode.AUTO;
            default -> throw new IllegalArgumentException("rondo.spin must be off, on or auto, not " + property);
        };
    }

    /**
     * A wait begins; returns whether to spin first.
     *
     * @param timeoutNanos how long it may take; negative for any time
     */
    boolean begin(long timeoutNanos) {
        if (mode == Mode.OFF) {
            return false;
        }
        begin = nanos.getAsLong();
        budget = budget();
        if (timeoutNanos >= 0) {
            budget = Math.min(budget, timeoutNanos);
        }
        return budget > 0;
    }

    private long budget() {
        if (mode == Mode.ON) {
            return MOST_NANOS;
        }
        if (!pays || average > SHORT_NANOS) {
            return 0;
        }
        if (pause > 0) {
            pause--;
            return 0;
        }
        return Math.min(MOST_NANOS, 2 * average + MOST_NANOS / 10);
    }

    /** Returns whether there is time left to spin. */
    boolean goesOn() {
        return elapsed() < budget;
    }

    /** Returns what is left of a timeout; negative if that is. */
    long left(long timeoutNanos) {
        return timeoutNanos < 0 ? timeoutNanos : Math.max(0, timeoutNanos - elapsed());
    }

    private long elapsed() {
        return nanos.getAsLong() - begin;
    }

    /** The wait is over, by an event or by its timeout. */
    void end() {
        if (mode != Mode.AUTO) {
            return;
        }
        long length = elapsed();
        average += (Math.min(length, UNKNOWN_NANOS) - average) / 4;
        if (budget == 0) {
            return;
        }
        if (length <= MOST_NANOS) {
            nextPause = 1;
        } else {
            pause = nextPause;
            nextPause = Math.min(2 * nextPause, LONGEST_PAUSE);
        }
    }
}
