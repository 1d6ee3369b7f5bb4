package dev.rondo.http.client;

import dev.rondo.http.Url;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the variables of an environment say of proxies: {@link Proxies#fromEnvironment}. */
final class ProxyVariables implements Proxies {

    private final @Nullable Proxy http;
    private final @Nullable Proxy https;
    private final List<Exempt> exempt;

    private ProxyVariables(@Nullable Proxy http, @Nullable Proxy https, List<Exempt> exempt) {
        this.http = http;
        this.https = https;
        this.exempt = exempt;
    }

    static ProxyVariables of(Map<String, String> variables) {
        boolean cgi = variables.containsKey("REQUEST_METHOD");
        String all = value(variables, "all_proxy", true);
        String http = value(variables, "http_proxy", !cgi);
        String https = value(variables, "https_proxy", true);
        String none = value(variables, "no_proxy", true);
        return new ProxyVariables(
                proxy("http_proxy", http == null ? all : http),
                proxy("https_proxy", https == null ? all : https),
                none == null ? List.of() : exempt(none));
    }

    private static @Nullable String value(Map<String, String> variables, String name, boolean upperCaseToo) {
        String value = variables.get(name);
        if (value == null && upperCaseToo) {
            value = variables.get(name.toUpperCase(Locale.ROOT));
        }
        return value == null || value.isBlank() ? null : value;
    }

    private static @Nullable Proxy proxy(String name, @Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            return Proxy.parse(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " or all_proxy of the environment: " + e.getMessage(), e);
        }
    }

    private static List<Exempt> exempt(String list) {
        var all = new ArrayList<Exempt>();
        for (String entry : list.toLowerCase(Locale.ROOT).split("[,\\s]+")) {
            if (!entry.isEmpty()) {
                all.add(Exempt.parse(entry));
            }
        }
        return all;
    }

    @Override
    public @Nullable Proxy forUrl(Url url) {
        Proxy proxy = url.secure() ? https : http;
        if (proxy == null) {
            return null;
        }
        InetAddress address = address(url.host());
        for (Exempt each : exempt) {
            if (each.matches(url, address)) {
                return null;
            }
        }
        return proxy;
    }

    /** Returns the address that a host spells out, or null if it is a name. Asks nobody. */
    static @Nullable InetAddress address(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (bare.isEmpty() || (bare.indexOf(':') < 0 && !Character.isDigit(bare.charAt(bare.length() - 1)))) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(bare);
        } catch (IllegalArgumentException name) {
            return null;
        }
    }

    /**
     * One entry of no_proxy.
     *
     * @param name a host without dots in front, or {@code *}; empty for a network
     * @param network its first address, or null for a name
     * @param bits how many of it count
     * @param port 0 for any
     */
    private record Exempt(String name, byte @Nullable [] network, int bits, int port) {

        static Exempt parse(String entry) {
            int slash = entry.indexOf('/');
            InetAddress network = address(slash < 0 ? entry : entry.substring(0, slash));
            if (network != null) {
                byte[] bytes = network.getAddress();
                int bits = slash < 0 ? bytes.length * 8 : number(entry.substring(slash + 1), bytes.length * 8);
                return new Exempt("", bits < 0 ? null : bytes, bits, 0);
            }
            int colon = entry.indexOf(':', entry.lastIndexOf(']') + 1);
            int port = colon < 0 ? 0 : number(entry.substring(colon + 1), 65535);
            String host = colon < 0 ? entry : entry.substring(0, colon);
            InetAddress address = address(host);
            if (address != null) {
                byte[] bytes = address.getAddress();
                return new Exempt("", bytes, bytes.length * 8, port);
            }
            String below = host.startsWith("*.") ? host.substring(1) : host;
            return new Exempt(below.startsWith(".") ? below.substring(1) : below, null, 0, port);
        }

        /** Returns the number, or -1 if it is none, or more than it may be. */
        private static int number(String digits, int most) {
            boolean good =
                    !digits.isEmpty() && digits.length() < 6 && digits.chars().allMatch(Character::isDigit);
            int number = good ? Integer.parseInt(digits) : -1;
            return number > most ? -1 : number;
        }

        boolean matches(Url url, @Nullable InetAddress address) {
            if (port != 0 && port != url.port()) {
                return false;
            }
            if (network != null) {
                return address != null && contains(network, bits, address.getAddress());
            }
            String host = url.host();
            return name.equals("*")
                    || (!name.isEmpty() && (host.equals(name) || (address == null && host.endsWith("." + name))));
        }

        private static boolean contains(byte[] network, int bits, byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                int mask = 0x80 >> (i % 8);
                if ((network[i / 8] & mask) != (address[i / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
