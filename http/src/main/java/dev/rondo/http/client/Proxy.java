package dev.rondo.http.client;

import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.Url;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Somebody to send requests through: a value. In aiohttp: {@code proxy} and {@code proxy_auth}.
 *
 * <p>Requests of http go to a proxy of kind {@link Kind#HTTP} or {@link Kind#HTTPS} as they are, with the whole
 * address, and it reads them; for https, for WebSockets and with SOCKS it opens a tunnel and sees host and port alone.
 * User and password are for the proxy only, and are never printed.
 *
 * @param kind how to speak with it
 * @param host its name, or an address, of IPv6 in brackets
 * @param port its port
 * @param user who we are to it; or null to be nobody
 * @param password of that user; or null if there is no user
 */
public record Proxy(
        Kind kind,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password) {

    /** How to speak with a proxy. */
    public enum Kind {
        /** HTTP: the address begins with {@code http://}, or with no scheme. Its port is 80 unless said. */
        HTTP("http", 80),
        /** HTTP over TLS, with the session's trust: {@code https://}, port 443. */
        HTTPS("https", 443),
        /** SOCKS 5 with names looked up here: {@code socks5://}, port 1080. */
        SOCKS5("socks5", 1080),
        /** SOCKS 5 with names looked up by the proxy: {@code socks5h://}, port 1080. */
        SOCKS5H("socks5h", 1080);

        private final String scheme;
        private final int port;

        Kind(String scheme, int port) {
            this.scheme = scheme;
            this.port = port;
        }
    }

    private static final int MAX_SOCKS_BYTES = 255;

    /** Checks that it can be spoken with. */
    public Proxy {
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("no proxy at \"" + host + "\", port " + port);
        }
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException("the proxy " + host + " has a user or a password without the other");
        }
        if (user != null && password != null) {
            ensureSendable(kind, user, password);
        }
    }

    private static void ensureSendable(Kind kind, String user, String password) {
        if (kind == Kind.HTTP || kind == Kind.HTTPS) {
            if (user.indexOf(':') >= 0) {
                throw new IllegalArgumentException("a colon in the user's name \"" + user
                        + "\": the proxy would take what follows it for the password");
            }
        } else {
            ensureLength("name", user);
            ensureLength("password", password);
        }
    }

    private static void ensureLength(String what, String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_SOCKS_BYTES) {
            throw new IllegalArgumentException(
                    "the user's " + what + " has " + length + " bytes; SOCKS takes 1 to " + MAX_SOCKS_BYTES);
        }
    }

    /**
     * Returns the proxy of an address such as {@code "http://proxy:3128"} or {@code "socks5h://user:pw@host:1080"};
     * user and password may be percent-encoded.
     *
     * @throws IllegalArgumentException if it is none; the message names no password
     */
    public static Proxy parse(String address) {
        String text = address.strip();
        int end = text.indexOf("://");
        Kind kind = end < 0 ? Kind.HTTP : kind(text.substring(0, end));
        String rest = end < 0 ? text : text.substring(end + 3);
        Url url = url(rest);
        if (!url.target().equals("/")) {
            throw new IllegalArgumentException("a proxy has no path, as the one at " + url.host() + " does");
        }
        String userInfo = url.userInfo();
        int colon = userInfo == null ? -1 : userInfo.indexOf(':');
        return new Proxy(
                kind,
                url.host(),
                namesPort(rest) ? url.port() : kind.port,
                userInfo == null ? null : colon < 0 ? userInfo : userInfo.substring(0, colon),
                userInfo == null ? null : colon < 0 ? "" : userInfo.substring(colon + 1));
    }

    private static Kind kind(String scheme) {
        for (Kind kind : Kind.values()) {
            if (kind.scheme.equals(scheme.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "\"" + scheme + "\" is no kind of proxy known here: http, https, socks5 and socks5h are");
    }

    private static Url url(String rest) {
        try {
            return Url.parse("http://" + rest);
        } catch (InvalidUrlException e) {
            String afterUser = rest.substring(rest.lastIndexOf('@') + 1);
            throw new IllegalArgumentException("no address of a proxy: \"" + afterUser + "\"");
        }
    }

    private static boolean namesPort(String rest) {
        String hostAndPort = rest.substring(rest.lastIndexOf('@') + 1);
        return hostAndPort.indexOf(':', hostAndPort.lastIndexOf(']') + 1) >= 0;
    }

    /** Returns a copy with a user. */
    public Proxy withUser(String name, String secret) {
        return new Proxy(kind, host, port, name, secret);
    }

    boolean isSocks() {
        return kind == Kind.SOCKS5 || kind == Kind.SOCKS5H;
    }

    /** Returns what the header Proxy-Authorization says, or null. */
    @Nullable String authorization() {
        return user == null ? null : ClientRequest.basic(user + ":" + password);
    }

    /** Returns its address without user and password. */
    @Override
    public String toString() {
        return kind.scheme + "://" + host + ":" + port;
    }
}
