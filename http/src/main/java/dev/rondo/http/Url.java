package dev.rondo.http;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An http or https address, brought to the form in which it is asked for. In aiohttp: {@code yarl.URL}.
 *
 * <p>It accepts what people type and pages contain, as browsers do: spaces around it, other characters than ASCII,
 * {@code \} for {@code /}, a path with {@code ..}, a host in any script, a missing path. What comes out is plain ASCII
 * that {@link URI} accepts too: percent-encoded, host in lower case and punycode, default port left out.
 *
 * <p>User and password are kept apart ({@link #userInfo}) and never printed. May be used from any thread.
 */
public final class Url {

    private final String scheme;
    private final String host;
    private final int port;
    private final String path;
    private final @Nullable String query;
    private final @Nullable String fragment;
    private final @Nullable String userInfo;

    Url(
            String scheme,
            String host,
            int port,
            String path,
            @Nullable String query,
            @Nullable String fragment,
            @Nullable String userInfo) {
        this.scheme = scheme;
        this.host = host;
        this.port = port;
        this.path = path;
        this.query = query;
        this.fragment = fragment;
        this.userInfo = userInfo;
    }

    /**
     * Reads an address.
     *
     * @throws InvalidUrlException if it has no scheme or another one than http and https, no host, or a port out of
     *     range
     */
    public static Url parse(String text) throws InvalidUrlException {
        return UrlParser.parse(text);
    }

    /**
     * Reads what a page or a redirect refers to, starting from this address: {@code "/a"}, {@code "../b?c"},
     * {@code "//host/d"}, {@code "https://host/"} (RFC 3986 §5.2).
     *
     * @throws InvalidUrlException as {@link #parse}
     */
    public Url resolve(String reference) throws InvalidUrlException {
        return UrlParser.resolve(this, reference);
    }

    /** Returns {@code "http"} or {@code "https"}. */
    public String scheme() {
        return scheme;
    }

    /** Returns whether the scheme is https. */
    public boolean secure() {
        return scheme.equals("https");
    }

    /** Returns the host in lower case and punycode; an IPv6 address stands in brackets. */
    public String host() {
        return host;
    }

    /** Returns the port, the scheme's own if none was given. */
    public int port() {
        return port;
    }

    /** Returns host and port, the port left out if it is the scheme's own: what the Host header says. */
    public String authority() {
        return port == UrlParser.defaultPort(scheme) ? host : host + ":" + port;
    }

    /** Returns the path, percent-encoded; it begins with {@code /}. */
    public String path() {
        return path;
    }

    /** Returns the query without its {@code ?}, percent-encoded, or null if there is none. */
    public @Nullable String query() {
        return query;
    }

    /** Returns path and query: what the request line says. */
    public String target() {
        return query == null ? path : path + "?" + query;
    }

    /** Returns the fragment without its {@code #}, percent-encoded, or null; it is never sent. */
    public @Nullable String fragment() {
        return fragment;
    }

    /** Returns {@code "user:password"}, percent-decoded, or null if none was given. */
    public @Nullable String userInfo() {
        return userInfo;
    }

    /** Returns whether scheme, host and port are the same. */
    public boolean sameOrigin(Url other) {
        return port == other.port && host.equals(other.host) && scheme.equals(other.scheme);
    }

    /** Returns this address with another fragment, or with none if it is null. */
    public Url withFragment(@Nullable String newFragment) {
        return new Url(scheme, host, port, path, query, newFragment, userInfo);
    }

    /**
     * Returns this address with a parameter added behind those of its query; name and value are encoded here, so that a
     * {@code %} in them is one for the server too.
     */
    public Url withParam(String name, String value) {
        String added = encoded(name) + "=" + encoded(value);
        String all = query == null || query.isEmpty() ? added : query + "&" + added;
        return new Url(scheme, host, port, path, all, fragment, userInfo);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Returns the same as a URI, without user and password. */
    public URI toUri() {
        return URI.create(toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Url that
                && sameOrigin(that)
                && path.equals(that.path)
                && Objects.equals(query, that.query)
                && Objects.equals(fragment, that.fragment)
                && Objects.equals(userInfo, that.userInfo);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scheme, host, port, path, query, fragment);
    }

    /** Returns the address without user and password. */
    @Override
    public String toString() {
        String text = scheme + "://" + authority() + target();
        return fragment == null ? text : text + "#" + fragment;
    }
}
