package dev.rondo.http;

import java.net.IDN;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which cookie goes where: domains and paths (RFC 6265bis §5.1, §5.7). */
final class CookieRules {

    private CookieRules() {}

    /**
     * Returns the domain that a cookie is for, in lower case and punycode, or null if it is for the host alone. A
     * domain that ends with a dot is passed over, as aiohttp does.
     */
    static @Nullable String domain(Cookie cookie) {
        String domain = cookie.domain();
        if (domain == null) {
            return null;
        }
        String bare = domain.startsWith(".") ? domain.substring(1) : domain;
        return bare.isEmpty() || bare.endsWith(".") ? null : punycode(bare).toLowerCase(Locale.ROOT);
    }

    /** Returns a domain in ASCII; one that is no name, and so will match no host, as it is. */
    static String punycode(String domain) {
        try {
            return IDN.toASCII(domain, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException noName) {
            return domain;
        }
    }

    /** Returns whether {@code host} is {@code domain} or below it. */
    static boolean domainMatches(String host, String domain) {
        return host.equals(domain)
                || (host.length() > domain.length()
                        && host.endsWith(domain)
                        && host.charAt(host.length() - domain.length() - 1) == '.'
                        && !isIpAddress(host));
    }

    /** Returns whether a host, as {@link Url#host} writes it, is an address: in brackets, or ending in a number. */
    static boolean isIpAddress(String host) {
        int dot = host.lastIndexOf('.');
        String last = host.substring(dot + 1);
        return host.startsWith("[") || (!last.isEmpty() && last.chars().allMatch(c -> c >= '0' && c <= '9'));
    }

    /** Returns whether {@code path} is {@code cookiePath} or below it. */
    static boolean pathMatches(String path, String cookiePath) {
        return path.startsWith(cookiePath)
                && (path.length() == cookiePath.length()
                        || cookiePath.endsWith("/")
                        || path.charAt(cookiePath.length()) == '/');
    }

    /** Returns the path of a cookie that names none: the directory of the address that set it. */
    static String defaultPath(Url from) {
        int slash = from.path().lastIndexOf('/');
        return slash <= 0 ? "/" : from.path().substring(0, slash);
    }

    /** Returns whether a cookie has what its name's prefix promises (RFC 6265bis §4.1.3). */
    static boolean keepsPromises(Cookie cookie) {
        // Without a name the value is what is sent, and it may look like a name.
        String begin = (cookie.name().isEmpty() ? cookie.value() : cookie.name()).toLowerCase(Locale.ROOT);
        boolean host = begin.startsWith("__host-");
        if (!host && !begin.startsWith("__secure-")) {
            return true;
        }
        return !cookie.name().isEmpty()
                && cookie.secure()
                && (!host || (cookie.domain() == null && "/".equals(cookie.path())));
    }
}
