package dev.rondo.net;

import dev.rondo.Signal;
import java.util.EnumSet;
import java.util.Set;

/**
 * Tells a child that was killed by a signal from one that says so itself; {@link Subprocess#returnCode} has the rule.
 */
final class ExitCode {

    private static final int SIGNALS = 128; // what the JDK, and every shell, adds

    /** By which no program ends of its own accord. */
    private static final Set<Signal> VIOLENT = EnumSet.of(
            Signal.KILL, Signal.SEGV, Signal.ABRT, Signal.BUS, Signal.FPE, Signal.ILL, Signal.TRAP, Signal.SYS);

    private ExitCode() {}

    /**
     * Returns the code of a child.
     *
     * @param code the JDK's
     * @param sent the signals that it was sent by us
     */
    static int of(int code, Set<Signal> sent) {
        for (Signal signal : Signal.values()) {
            if (code == SIGNALS + signal.number() && (sent.contains(signal) || VIOLENT.contains(signal))) {
                return -signal.number();
            }
        }
        return code;
    }
}
