package dev.rondo.net;

import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to connect to a host that may have several addresses. In asyncio: the keyword arguments of
 * {@code create_connection} and {@code open_connection}.
 *
 * <p>What asyncio does only when asked, is the default here: addresses of both families in turn, 250 milliseconds
 * apart, and the first that answers is taken (Happy Eyeballs, RFC 8305). So a host whose IPv6 is broken costs a quarter
 * of a second, not minutes.
 *
 * @param happyEyeballsDelay how long an attempt has before the next address is tried beside it; null to wait until it
 *     has failed, {@link Duration#ZERO} to try all at once. An attempt that fails is followed at once in any case. 250
 *     milliseconds by default. In asyncio: {@code happy_eyeballs_delay}
 * @param interleave how many addresses of the first one's family come before one of the other family, from where they
 *     take turns; 0 to leave the addresses in the order of the resolver. 1 by default. In asyncio: {@code interleave}
 * @param family {@link StandardProtocolFamily#INET} or {@code INET6} to use these addresses alone; null for both, the
 *     default. In asyncio: {@code family}
 * @param localAddress where to connect from, with port 0 for any; {@linkplain InetSocketAddress#createUnresolved
 *     unresolved} to have its name looked up by the same resolver. Attempts of another family fail. Null, the default,
 *     to have the system choose. In asyncio: {@code local_addr}
 * @param resolver who knows the addresses; null, the default, for {@link Net#resolver() that of the loop}
 * @param limit how long a line may be that the {@link StreamReader} of {@link Net#openConnection} reads; 64 KiB by
 *     default. In asyncio: {@code limit}
 */
public record ConnectOptions(
        @Nullable Duration happyEyeballsDelay,
        int interleave,
        @Nullable ProtocolFamily family,
        @Nullable InetSocketAddress localAddress,
        @Nullable Resolver resolver,
        int limit) {

    /** Happy Eyeballs, as RFC 8305 recommends them. */
    public static final ConnectOptions DEFAULT =
            new ConnectOptions(Duration.ofMillis(250), 1, null, null, null, StreamReader.DEFAULT_LIMIT);

    /** Checks that nothing is negative, that the limit is positive, and that the family is one of the internet. */
    public ConnectOptions {
        if (happyEyeballsDelay != null && happyEyeballsDelay.isNegative()) {
            throw new IllegalArgumentException("happyEyeballsDelay " + happyEyeballsDelay
                    + " is negative; zero tries all addresses at once, null one after the other");
        }
        if (interleave < 0) {
            throw new IllegalArgumentException("interleave < 0: " + interleave + "; 0 keeps the order of the resolver");
        }
        if (family != null && family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new IllegalArgumentException("family must be INET or INET6, or null for both, not " + family);
        }
        StreamReader.ensureLimit(limit);
    }

    /** Returns a copy with another delay between attempts; null to wait until one has failed. */
    public ConnectOptions withHappyEyeballsDelay(@Nullable Duration delay) {
        return new ConnectOptions(delay, interleave, family, localAddress, resolver, limit);
    }

    /** Returns a copy with another number of addresses of the first family in front; 0 for the resolver's order. */
    public ConnectOptions withInterleave(int first) {
        return new ConnectOptions(happyEyeballsDelay, first, family, localAddress, resolver, limit);
    }

    /** Returns a copy for addresses of one family; null for both. */
    public ConnectOptions withFamily(@Nullable ProtocolFamily only) {
        return new ConnectOptions(happyEyeballsDelay, interleave, only, localAddress, resolver, limit);
    }

    /** Returns a copy that connects from an address of this machine; null to have the system choose. */
    public ConnectOptions withLocalAddress(@Nullable InetSocketAddress address) {
        return new ConnectOptions(happyEyeballsDelay, interleave, family, address, resolver, limit);
    }

    /** Returns a copy that connects from a host that is looked up when it is used, and a port, 0 for any. */
    public ConnectOptions withLocalAddress(String host, int port) {
        return withLocalAddress(InetSocketAddress.createUnresolved(host, port));
    }

    /** Returns a copy that asks another resolver; null for that of the loop. */
    public ConnectOptions withResolver(@Nullable Resolver other) {
        return new ConnectOptions(happyEyeballsDelay, interleave, family, localAddress, other, limit);
    }

    /** Returns a copy for connections whose lines may have another length. */
    public ConnectOptions withLimit(int bytes) {
        return new ConnectOptions(happyEyeballsDelay, interleave, family, localAddress, resolver, bytes);
    }
}
