package dev.rondo.scrape.url;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Hosts that are addresses, each in one spelling. */
final class Hosts {

    private Hosts() {}

    /** Returns the host as a crawl knows it; null if it ends in a number and is no IPv4 address all the same. */
    static @Nullable String canonical(String host) {
        if (host.startsWith("[")) {
            return ipv6(host);
        }
        String last = lastLabel(host);
        return numeric(last) ? ipv4(host) : host;
    }

    private static String lastLabel(String host) {
        String text = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return text.substring(text.lastIndexOf('.') + 1);
    }

    private static boolean numeric(String label) {
        return !label.isEmpty()
                && (label.chars().allMatch(c -> c >= '0' && c <= '9')
                        || (label.startsWith("0x")
                                && label.substring(2).chars().allMatch(c -> Character.digit(c, 16) >= 0)));
    }

    /** Reads one to four numbers, decimal, octal or hexadecimal, the last of which fills what is left. */
    private static @Nullable String ipv4(String host) {
        String[] parts = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).split("\\.", -1);
        if (parts.length > 4) {
            return null;
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            long value = number(parts[i]);
            boolean last = i == parts.length - 1;
            long most = last ? (1L << 8 * (5 - parts.length)) - 1 : 255;
            if (value < 0 || value > most) {
                return null;
            }
            address += last ? value : value << 8 * (3 - i);
        }
        return (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }

    private static long number(String text) {
        int radix = text.startsWith("0x") ? 16 : text.length() > 1 && text.startsWith("0") ? 8 : 10;
        String digits = radix == 16 ? text.substring(2) : text;
        if (digits.isEmpty()) {
            return radix == 16 ? 0 : -1;
        }
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static @Nullable String ipv6(String host) {
        byte[] bytes;
        try {
            InetAddress address = InetAddress.ofLiteral(host.substring(1, host.length() - 1));
            bytes = address.getAddress();
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (bytes.length == 4) { // Java takes a mapped address for what it stands for
            return "[::ffff:" + hex(bytes, 0) + ":" + hex(bytes, 2) + "]";
        }
        int zeros = -1;
        int most = 1;
        for (int i = 0; i < 16; i += 2) {
            int end = i;
            while (end < 16 && bytes[end] == 0 && bytes[end + 1] == 0) {
                end += 2;
            }
            if ((end - i) / 2 > most) {
                most = (end - i) / 2;
                zeros = i;
            }
            i = Math.max(i, end);
        }
        var text = new StringBuilder("[");
        for (int i = 0; i < 16; i += 2) {
            if (i == zeros) {
                text.append(i == 0 ? "::" : ":");
                i += 2 * (most - 1);
            } else {
                text.append(hex(bytes, i)).append(i < 14 ? ":" : "");
            }
        }
        return text.append(']').toString();
    }

    private static String hex(byte[] bytes, int i) {
        return Integer.toHexString((bytes[i] & 255) << 8 | bytes[i + 1] & 255);
    }

    /** Returns the address that the host is; null if it is a name. */
    static @Nullable InetAddress literal(String host) throws UnknownHostException {
        boolean brackets = host.startsWith("[");
        if (!brackets && !numeric(lastLabel(host))) {
            return null;
        }
        return InetAddress.getByName(host); // never looked up, for it is an address
    }
}
