package dev.rondo.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Families and order of addresses. */
final class Addresses {

    private Addresses() {}

    static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    static String name(ProtocolFamily family) {
        return family == StandardProtocolFamily.INET6 ? "IPv6" : "IPv4";
    }

    /** Returns an address and its port without a name, which might not be known yet. */
    static String text(InetSocketAddress address) {
        String text = address.getAddress().getHostAddress();
        return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + address.getPort();
    }

    /** Returns the address of a socket that somebody has asked the port of. */
    static InetSocketAddress ofInternet(SocketAddress address) {
        if (address instanceof InetSocketAddress internet) {
            return internet;
        }
        throw new IllegalStateException("a Unix socket has no port: " + address);
    }

    static List<InetSocketAddress> withPort(List<InetAddress> addresses, int port) {
        return addresses.stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /**
     * Returns the addresses of a family, or all where that is null.
     *
     * @throws UnknownHostException if there are none
     */
    static List<InetAddress> ofFamily(@Nullable ProtocolFamily family, List<InetAddress> addresses, String host)
            throws UnknownHostException {
        if (addresses.isEmpty()) {
            throw new UnknownHostException("cannot find host '" + host + "': the resolver gave no address");
        }
        if (family == null) {
            return addresses;
        }
        List<InetAddress> those =
                addresses.stream().filter(address -> family(address) == family).toList();
        if (those.isEmpty()) {
            throw new UnknownHostException("host '" + host + "' has no address of family " + name(family));
        }
        return those;
    }

    /**
     * Returns the addresses so that the families take turns, with {@code first} of the family of the first address in
     * front (RFC 8305, section 4: First Address Family Count). Within a family the order stays.
     *
     * @param first 0 to leave all as it is
     */
    static List<InetAddress> interleave(List<InetAddress> addresses, int first) {
        if (first == 0 || addresses.size() < 2) {
            return addresses;
        }
        ProtocolFamily preferred = family(addresses.getFirst());
        List<InetAddress> own = new ArrayList<>();
        List<InetAddress> other = new ArrayList<>();
        for (InetAddress address : addresses) {
            (family(address) == preferred ? own : other).add(address);
        }
        int ahead = Math.min(first - 1, own.size());
        List<InetAddress> all = new ArrayList<>(own.subList(0, ahead));
        for (int i = 0; i < Math.max(own.size() - ahead, other.size()); i++) {
            if (ahead + i < own.size()) {
                all.add(own.get(ahead + i));
            }
            if (i < other.size()) {
                all.add(other.get(i));
            }
        }
        return all;
    }
}
