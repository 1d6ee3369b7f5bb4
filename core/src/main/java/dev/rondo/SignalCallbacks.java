package dev.rondo;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The callbacks of one loop that signals have run. Loop thread only, but for what {@link Signals} tells. */
final class SignalCallbacks {

    private final EventLoop loop;
    private final Map<Signal, Entry> entries = new EnumMap<>(Signal.class);

    SignalCallbacks(EventLoop loop) {
        this.loop = loop;
    }

    void add(Signal signal, Runnable callback, Context context) {
        Entry entry = new Entry(new CallbackHandle(loop, callback, context));
        Signals.add(signal, entry);
        forget(entries.put(signal, entry), signal); // after the new one, so that no signal finds nobody
    }

    boolean remove(Signal signal) {
        Entry entry = entries.remove(signal);
        forget(entry, signal);
        return entry != null;
    }

    /** The loop closes. */
    void removeAll() {
        entries.forEach((signal, entry) -> forget(entry, signal));
        entries.clear();
    }

    private static void forget(@Nullable Entry entry, Signal signal) {
        if (entry != null) {
            entry.handle.cancel(); // it may be queued
            Signals.remove(signal, entry);
        }
    }

    /** A callback; run by a thread of the JVM when its signal comes. */
    private final class Entry implements Runnable {

        private final CallbackHandle handle;

        Entry(CallbackHandle handle) {
            this.handle = handle;
        }

        @Override
        public void run() {
            loop.scheduler().post(() -> loop.ready(handle));
        }

        @Override
        public String toString() {
            return "a signal's " + handle;
        }
    }
}
