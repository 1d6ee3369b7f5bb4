package dev.rondo.net;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host. (asyncio: {@code loop.getaddrinfo}.) */
@FunctionalInterface
public interface Resolver {

    /**
     * Returns the addresses of a host, at least one, the one to be tried first in front. May suspend; a cancel leaves
     * nothing behind. Called by coroutines only.
     *
     * @param host a name, or an address in text form, brackets and zone allowed
     * @throws java.net.UnknownHostException if it has none
     * @throws IOException if nobody could be asked
     */
    List<InetAddress> resolve(String host) throws IOException;

    /**
     * Returns the resolver that asks the operating system. Addresses in text form are answered without suspending;
     * lookups of one name at one time are made once; answers are remembered for ten seconds, failures for one. Every
     * loop has memory of its own.
     */
    static Resolver system() {
        return SystemResolver.INSTANCE;
    }
}
