package dev.rondo.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Tells addresses in text form from names, without asking anybody. */
final class Literal {

    private Literal() {}

    /** Returns whether {@code host} spells out an address. */
    static boolean isOne(String host) {
        try {
            return parse(host) != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /**
     * Returns the address that {@code host} spells out, or null if it is a name.
     *
     * @param host may have brackets ({@code "[::1]"}) and a zone ({@code "fe80::1%eth0"})
     * @throws UnknownHostException if it can be neither
     */
    static @Nullable InetAddress parse(String host) throws UnknownHostException {
        if (host.isEmpty()) {
            throw new UnknownHostException("the host is empty: give a name or an address");
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        boolean mustBe = bracketed || bare.indexOf(':') >= 0; // no name has a colon
        if (!mustBe && !Character.isDigit(bare.charAt(bare.length() - 1))) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(bare);
        } catch (IllegalArgumentException e) {
            if (mustBe) {
                UnknownHostException unknown = new UnknownHostException("'" + host + "' is not an address");
                unknown.initCause(e);
                throw unknown;
            }
            return null; // host1
        }
    }
}
