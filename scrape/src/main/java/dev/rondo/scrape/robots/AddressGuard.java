package dev.rondo.scrape.robots;

import dev.rondo.net.Resolver;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Keeps a crawl from what a link, a redirect or a name may lead it to that is not on the public internet: this machine,
 * the network it is in, the services of a cloud. It stands between a session and its resolver, and so sees each address
 * that is connected to: that a name means another one a moment later does not help.
 *
 * <p>Hosts that the user has named may be anywhere.
 */
public final class AddressGuard implements Resolver {

    private final Resolver resolver;
    private final Set<String> trusted;

    /** All addresses of a host are of a kind that the crawl does not ask. */
    public static final class RefusedException extends IOException {
        RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Makes a guard.
     *
     * @param resolver finds the addresses
     * @param trusted the hosts that may be anywhere, as they stand in addresses
     */
    public AddressGuard(Resolver resolver, Set<String> trusted) {
        this.resolver = resolver;
        this.trusted = Set.copyOf(trusted);
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        List<InetAddress> all = resolver.resolve(host);
        if (trusted.contains(host)) {
            return all;
        }
        List<InetAddress> open = new ArrayList<>(all);
        open.removeIf(address -> !isPublic(address));
        if (open.isEmpty()) {
            throw new RefusedException(host + " is at " + all.getFirst().getHostAddress()
                    + ", which is no public address: crawls ask there only what they begin with");
        }
        return open;
    }

    /** Returns whether an address is one of the public internet (RFC 6890). */
    static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet6Address) {
            return isPublicIpv6(bytes);
        }
        int first = bytes[0] & 255;
        int second = bytes[1] & 255;
        int third = bytes[2] & 255;
        return !(first == 0
                || first == 10
                || first == 127
                || first >= 224
                || (first == 100 && second >= 64 && second < 128)
                || (first == 169 && second == 254)
                || (first == 172 && second >= 16 && second < 32)
                || (first == 192 && second == 168)
                || (first == 192 && second == 0 && (third == 0 || third == 2))
                || (first == 192 && second == 88 && third == 99)
                || (first == 198 && (second == 18 || second == 19))
                || (first == 198 && second == 51 && third == 100)
                || (first == 203 && second == 0 && third == 113));
    }

    private static boolean isPublicIpv6(byte[] bytes) {
        if (startsWith(bytes, 0x00, 0x64, 0xff, 0x9b) && allZero(bytes, 4, 12)) { // NAT64 of an IPv4 address
            return isPublic(ipv4(bytes, 12));
        }
        if (startsWith(bytes, 0x20, 0x02)) { // 6to4
            return isPublic(ipv4(bytes, 2));
        }
        boolean unicast = (bytes[0] & 0xe0) == 0x20; // 2000::/3, all that is given out
        boolean special = startsWith(bytes, 0x20, 0x01, 0x0d, 0xb8) // for documents
                || (startsWith(bytes, 0x20, 0x01) && (bytes[2] & 0xfe) == 0); // Teredo and others, 2001::/23
        return unicast && !special;
    }

    private static boolean startsWith(byte[] bytes, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if ((bytes[i] & 255) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean allZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static InetAddress ipv4(byte[] bytes, int at) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + 4));
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }
}
