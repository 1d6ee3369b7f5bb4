package dev.rondo.http;

import java.net.IDN;
import java.util.Locale;

/** Reads addresses: RFC 3986 with what the URL standard of the browsers forgives. */
final class UrlParser {

    private UrlParser() {}

    static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    // ------------------------------------------------------------------------------------------------- two doors

    static Url parse(String original) throws InvalidUrlException {
        String text = tidy(original);
        int colon = schemeEnd(text);
        if (colon < 0 || looksLikePort(text, colon)) {
            throw new InvalidUrlException(noScheme(original, text));
        }
        String scheme = text.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new InvalidUrlException("unsupported scheme \"%s\" in \"%s\": only http and https can be asked for"
                    .formatted(scheme, original));
        }
        int start = colon + 1;
        while (start < text.length() && isSlash(text.charAt(start))) {
            start++;
        }
        int end = start;
        while (end < text.length() && !isSlash(text.charAt(end)) && "?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return withAuthority(original, scheme, text.substring(start, end), text.substring(end));
    }

    static Url resolve(Url base, String original) throws InvalidUrlException {
        String text = tidy(original);
        if (schemeEnd(text) >= 0) {
            return parse(text);
        }
        if (text.length() > 1 && isSlash(text.charAt(0)) && isSlash(text.charAt(1))) {
            return parse(base.scheme() + ":" + text);
        }
        if (text.isEmpty()) {
            return base.withFragment(null);
        }
        return switch (text.charAt(0)) {
            case '#' -> base.withFragment(PercentCodec.encode(text.substring(1), PercentCodec.FRAGMENT));
            case '?' -> withTail(base, base.path(), text);
            case '/', '\\' -> withTail(base, "", text);
            default -> withTail(base, base.path().substring(0, base.path().lastIndexOf('/') + 1), text);
        };
    }

    // ------------------------------------------------------------------------------------------- its parts, in order

    /** Strips what copying and typing leave around an address, and the line breaks within that browsers drop too. */
    private static String tidy(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && text.charAt(start) <= ' ') {
            start++;
        }
        while (end > start && text.charAt(end - 1) <= ' ') {
            end--;
        }
        String tidy = text.substring(start, end);
        for (String dropped : new String[] {"\t", "\r", "\n"}) {
            tidy = tidy.replace(dropped, "");
        }
        return tidy;
    }

    /** Returns the index of the colon behind the scheme, or -1 if the text begins with none. */
    private static int schemeEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (c == ':') {
                return i > 0 ? i : -1;
            } else if (!letter && (i == 0 || "0123456789+-.".indexOf(c) < 0)) {
                return -1;
            }
        }
        return -1;
    }

    /**
     * Tells {@code localhost:8080/x}, which lacks a scheme, from {@code mailto:x}, which has another one than we can
     * ask.
     */
    private static boolean looksLikePort(String text, int colon) {
        return colon + 1 < text.length() && Character.isDigit(text.charAt(colon + 1));
    }

    private static String noScheme(String original, String text) {
        if (text.isEmpty()) {
            return "empty URL";
        }
        boolean relative = isSlash(text.charAt(0)) || ".?#".indexOf(text.charAt(0)) >= 0;
        return "no scheme in \"%s\"".formatted(original) + (relative ? "" : ": write http://" + text);
    }

    private static Url withAuthority(String original, String scheme, String authority, String tail)
            throws InvalidUrlException {
        int at = authority.lastIndexOf('@');
        String userInfo = at < 0 ? null : PercentCodec.decode(authority.substring(0, at));
        String hostAndPort = authority.substring(at + 1);
        int colon = hostAndPort.startsWith("[")
                ? hostAndPort.indexOf(':', hostAndPort.indexOf(']') + 1)
                : hostAndPort.indexOf(':');
        String host = host(original, colon < 0 ? hostAndPort : hostAndPort.substring(0, colon));
        int port = colon < 0 ? defaultPort(scheme) : port(original, scheme, hostAndPort.substring(colon + 1));
        return withTail(new Url(scheme, host, port, "/", null, null, userInfo), "", tail);
    }

    private static String host(String original, String typed) throws InvalidUrlException {
        if (typed.startsWith("[")) {
            if (typed.length() > 3
                    && typed.endsWith("]")
                    && only(typed.substring(1, typed.length() - 1), "0123456789abcdefABCDEF:.")) {
                return typed.toLowerCase(Locale.ROOT);
            }
            throw new InvalidUrlException("\"%s\" in \"%s\" is no IPv6 address".formatted(typed, original));
        }
        String host = PercentCodec.decode(typed).toLowerCase(Locale.ROOT);
        if (!ascii(host)) {
            try {
                host = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
            } catch (IllegalArgumentException e) { // whose message names classes of Java
                throw new InvalidUrlException("\"%s\" in \"%s\" is no host name".formatted(typed, original));
            }
        }
        if (host.isEmpty()) {
            throw new InvalidUrlException("no host in \"%s\"".formatted(original));
        }
        if (!only(host, "abcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=")) {
            throw new InvalidUrlException("\"%s\" in \"%s\" is no host name".formatted(typed, original));
        }
        return host;
    }

    private static int port(String original, String scheme, String digits) throws InvalidUrlException {
        if (digits.isEmpty()) {
            return defaultPort(scheme);
        }
        if (digits.length() <= 5 && only(digits, "0123456789")) {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw new InvalidUrlException("port \"%s\" in \"%s\": it must be 1 to 65535".formatted(digits, original));
    }

    /** Puts {@code [path][?query][#fragment]} behind the origin of {@code base}, its path behind {@code pathStart}. */
    private static Url withTail(Url base, String pathStart, String tail) {
        int hash = tail.indexOf('#');
        String fragment = hash < 0 ? null : PercentCodec.encode(tail.substring(hash + 1), PercentCodec.FRAGMENT);
        String beforeHash = hash < 0 ? tail : tail.substring(0, hash);
        int mark = beforeHash.indexOf('?');
        String query = mark < 0 ? null : PercentCodec.encode(beforeHash.substring(mark + 1), PercentCodec.QUERY);
        String typedPath = (mark < 0 ? beforeHash : beforeHash.substring(0, mark)).replace('\\', '/');
        String path = pathStart + PercentCodec.encode(typedPath, PercentCodec.PATH);
        return new Url(base.scheme(), base.host(), base.port(), withoutDots(path), query, fragment, base.userInfo());
    }

    /** Takes {@code .} and {@code ..} out of a path (RFC 3986 §5.2.4). */
    private static String withoutDots(String path) {
        if (!path.startsWith("/")) {
            return withoutDots("/" + path);
        }
        if (!path.contains("/.") && !path.contains("/%2")) {
            return path;
        }
        var out = new StringBuilder(path.length());
        int start = 0;
        while (start < path.length()) {
            int end = path.indexOf('/', start + 1);
            end = end < 0 ? path.length() : end;
            String segment = path.substring(start + 1, end);
            int dots = dots(segment);
            if (dots == 2) {
                out.setLength(Math.max(0, out.lastIndexOf("/")));
            }
            if (dots == 0) {
                out.append('/').append(segment);
            } else if (end == path.length()) {
                out.append('/'); // "/a/.." is "/", not ""
            }
            start = end;
        }
        return out.toString();
    }

    /** Returns 1 for {@code .}, 2 for {@code ..}, also if percent-encoded, else 0. */
    private static int dots(String segment) {
        return switch (segment.length() > 6 ? segment : segment.toLowerCase(Locale.ROOT)) {
            case ".", "%2e" -> 1;
            case "..", ".%2e", "%2e.", "%2e%2e" -> 2;
            default -> 0;
        };
    }

    // ------------------------------------------------------------------------------------------------- characters

    private static boolean isSlash(char c) {
        return c == '/' || c == '\\';
    }

    private static boolean only(String text, String allowed) {
        for (int i = 0; i < text.length(); i++) {
            if (allowed.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
