package dev.rondo.net;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Finds the addresses of a host. One of your own is given to a {@linkplain Net#setResolver loop}, or to
 * {@linkplain ConnectOptions#withResolver one call}.
 */
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
     * Returns the resolver that asks the operating system, on a few threads that do nothing else. Addresses in text
     * form are answered without suspending; lookups of one name at one time are made once; answers are remembered for
     * ten seconds, failures for one. Every loop has memory of its own. A cancel leaves the lookup to itself.
     *
     * <p>What it asks is {@link InetAddress#getAllByName}, with what belongs to that: the JDK too remembers answers
     * ({@code networkaddress.cache.ttl}), puts IPv4 in front unless {@code -Djava.net.preferIPv6Addresses} is
     * {@code system}, for the order of RFC 6724, or {@code true}; and a
     * {@link java.net.spi.InetAddressResolverProvider} takes the system's place. On a simulated loop it asks the
     * simulated network.
     */
    static Resolver system() {
        return LoopResolvers.SYSTEM;
    }
}
