package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Gives each loop a {@link CachingResolver} of its own. Any loop's thread: the one lock is held for a look into a map
 * only.
 */
final class SystemResolver implements Resolver {

    static final SystemResolver INSTANCE = new SystemResolver();

    private final Map<EventLoop, CachingResolver> resolvers = new WeakHashMap<>(); // guarded by itself

    private SystemResolver() {}

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        return resolverOf(Asyncio.getRunningLoop()).resolve(host);
    }

    private CachingResolver resolverOf(EventLoop loop) {
        synchronized (resolvers) {
            return resolvers.computeIfAbsent(
                    loop, any -> new CachingResolver(InetAddress::getAllByName, NetThreads.NAMES));
        }
    }
}
