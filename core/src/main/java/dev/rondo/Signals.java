package dev.rondo;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sun.misc.SignalHandler;

/**
 * Who is told of the signals that this JVM gets. The JVM keeps one handler for each signal; this is that one while
 * there is a listener, and puts back what was there when the last has gone. Any thread.
 *
 * <p>What a program has asked for goes first: only where nobody {@linkplain #add has} are the {@linkplain #addDefault
 * defaults} told, of which each run of a main task is one.
 */
final class Signals {

    private static final Map<Signal, Signals> HANDLED = new EnumMap<>(Signal.class); // guarded by this class

    private final SignalHandler handler;
    private final SignalHandler before;
    private final List<Runnable> asked = new ArrayList<>(); // guarded by this class, as is the next
    private final List<Runnable> defaults = new ArrayList<>();

    private Signals(Signal signal) {
        handler = _ -> raised(signal);
        before = install(signal, handler);
    }

    /**
     * Has {@code listener} told of each such signal, on a thread of the JVM.
     *
     * @throws IllegalStateException if nobody can be told of it
     */
    static synchronized void add(Signal signal, Runnable listener) {
        handle(signal).asked.add(listener);
    }

    /**
     * Has {@code listener} told where nobody else is. Does nothing where the program has a handler of its own, was
     * started so as not to hear of the signal, or where the JVM keeps it for itself.
     */
    static synchronized void addDefault(Signal signal, Runnable listener) {
        try {
            Signals signals = handle(signal);
            if (signals.before != SignalHandler.SIG_IGN && !isTheProgramsOwn(signals.before)) {
                signals.defaults.add(listener);
            }
            release(signal, signals);
        } catch (IllegalStateException e) {
            // -Xrs, or a platform without this signal: it does what it does there.
        }
    }

    /** Forgets a listener, if it is there. */
    static synchronized void remove(Signal signal, Runnable listener) {
        Signals signals = HANDLED.get(signal);
        if (signals != null) {
            signals.asked.remove(listener);
            signals.defaults.remove(listener);
            release(signal, signals);
        }
    }

    private static Signals handle(Signal signal) {
        Signals signals = HANDLED.get(signal);
        if (signals == null) {
            signals = new Signals(signal);
            HANDLED.put(signal, signals);
        }
        return signals;
    }

    private static SignalHandler install(Signal signal, SignalHandler handler) {
        if (signal == Signal.KILL || signal == Signal.STOP) {
            throw new IllegalStateException(signal + " cannot be caught: the system lets no process hear of it");
        }
        try {
            return sun.misc.Signal.handle(new sun.misc.Signal(signal.name()), handler);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    signal + " cannot be caught: the JVM keeps it for itself (" + e.getMessage() + ")", e);
        }
    }

    /** The JVM's own handlers, and what stands for them here, are of the same package as the interface. */
    private static boolean isTheProgramsOwn(SignalHandler handler) {
        return handler.getClass().getPackage() != SignalHandler.class.getPackage();
    }

    private static void release(Signal signal, Signals signals) {
        if (signals.asked.isEmpty() && signals.defaults.isEmpty()) {
            HANDLED.remove(signal);
            SignalHandler there = sun.misc.Signal.handle(new sun.misc.Signal(signal.name()), signals.before);
            if (there != signals.handler) {
                sun.misc.Signal.handle(new sun.misc.Signal(signal.name()), there); // the program's own, set meanwhile
            }
        }
    }

    /** A signal has come. Called by the JVM, on a thread of its own for each. */
    private static void raised(Signal signal) {
        listeners(signal).forEach(Runnable::run);
    }

    private static synchronized List<Runnable> listeners(Signal signal) {
        Signals signals = HANDLED.get(signal);
        if (signals == null) {
            return List.of(); // the last has gone meanwhile
        }
        return List.copyOf(signals.asked.isEmpty() ? signals.defaults : signals.asked);
    }
}
