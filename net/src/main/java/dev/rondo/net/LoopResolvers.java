package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * What a loop finds addresses with: the resolver of the system, which remembers for this loop alone, and the one that
 * was chosen for it. For its loop, but for what says otherwise.
 */
final class LoopResolvers {

    /** Asks that of the running loop. */
    static final Resolver SYSTEM = host -> of(Asyncio.getRunningLoop()).system.resolve(host);

    private static final Map<EventLoop, LoopResolvers> ALL = new WeakHashMap<>(); // guarded by itself

    private final CachingResolver system = new CachingResolver(
            name -> Asyncio.getRunningLoop().driver().addressesOf(name), NetThreads.NAMES); // it must not hold its loop
    Resolver chosen = SYSTEM;

    private LoopResolvers() {}

    /** Returns those of a loop. Any thread: the lock is held for a look into a map only. */
    static LoopResolvers of(EventLoop loop) {
        synchronized (ALL) {
            LoopResolvers those = ALL.get(loop);
            if (those == null) {
                ALL.keySet().removeIf(EventLoop::isClosed); // one that was closed during a lookup holds itself
                those = new LoopResolvers();
                ALL.put(loop, those);
            }
            return those;
        }
    }
}
