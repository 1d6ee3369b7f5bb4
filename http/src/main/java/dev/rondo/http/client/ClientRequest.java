package dev.rondo.http.client;

import dev.rondo.http.Body;
import dev.rondo.http.Cookie;
import dev.rondo.http.Headers;
import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.Url;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What to ask for: a value; its {@code with…} methods return changed copies. May be used from any thread and sent more
 * than once. In aiohttp: the arguments of {@code session.request}.
 *
 * @param method such as {@code GET}
 * @param url the address
 * @param headers beside those of the session, and before them
 * @param body what to send, or null
 * @param followRedirects whether a redirect is followed or is the answer. In aiohttp: {@code allow_redirects}
 * @param timeouts in place of the session's, or null
 * @param retry in place of the session's, or null
 * @param proxies in place of the session's, or null
 */
public record ClientRequest(
        String method,
        Url url,
        Headers headers,
        @Nullable Body body,
        boolean followRedirects,
        @Nullable Timeouts timeouts,
        @Nullable RetryPolicy retry,
        @Nullable Proxies proxies) {

    private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    /** Checks the method. */
    public ClientRequest {
        boolean token =
                !method.isEmpty() && method.chars().allMatch(c -> c == '-' || (c < 0x80 && Character.isLetter(c)));
        if (!token) {
            throw new IllegalArgumentException("\"" + method + "\" is no request method");
        }
        if (method.equalsIgnoreCase("CONNECT")) {
            throw new IllegalArgumentException(
                    "CONNECT opens a tunnel through a proxy; a session sends no such request");
        }
        method = method.toUpperCase(Locale.ROOT);
    }

    /**
     * Returns a request without body that follows redirects.
     *
     * @throws InvalidUrlException if {@code url} cannot be asked for: see {@link Url#parse}
     */
    public static ClientRequest of(String method, String url) throws InvalidUrlException {
        return of(method, Url.parse(url));
    }

    /** Returns a request without body that follows redirects. */
    public static ClientRequest of(String method, Url url) {
        return new ClientRequest(method, url, Headers.EMPTY, null, true, null, null, null);
    }

    /** Returns a copy with one header of that name. */
    public ClientRequest withHeader(String name, String value) {
        return withHeaders(headers.with(name, value));
    }

    /** Returns a copy with these headers in place of the others. */
    public ClientRequest withHeaders(Headers newHeaders) {
        return new ClientRequest(method, url, newHeaders, body, followRedirects, timeouts, retry, proxies);
    }

    /**
     * Returns a copy with a cookie more, which goes before one of that name in the session's jar; a redirect to another
     * origin leaves it out. In aiohttp: {@code cookies=}.
     *
     * @throws IllegalArgumentException as {@link Cookie#of}
     */
    public ClientRequest withCookie(String name, String value) {
        String added = Cookie.of(name, value).toPair();
        String before = headers.get("Cookie");
        return withHeader("Cookie", before == null ? added : before + "; " + added);
    }

    /** Returns a copy with a body; its type becomes the Content-Type header, unless the request has one. */
    public ClientRequest withBody(Body newBody) {
        return new ClientRequest(method, url, headers, newBody, followRedirects, timeouts, retry, proxies);
    }

    /**
     * Returns a copy whose body is sent only once the server has asked for it (RFC 9110 §10.1.1): one that refuses the
     * head need not be sent a large body first. A server that says nothing is waited for as {@link Timeouts#read} and
     * {@code total} allow. In aiohttp: {@code expect100=True}.
     */
    public ClientRequest withExpectContinue() {
        return withHeader("Expect", "100-continue");
    }

    /** Returns a copy with a value as its body: {@link Body#json}. In aiohttp: {@code json=}. */
    public ClientRequest withJson(Object value) {
        return withBody(Body.json(value));
    }

    /** Returns a copy with a parameter more in its query: {@link Url#withParam}. In aiohttp: {@code params=}. */
    public ClientRequest withParam(String name, String value) {
        return new ClientRequest(
                method, url.withParam(name, value), headers, body, followRedirects, timeouts, retry, proxies);
    }

    /**
     * Returns a copy that says who asks, by Basic authentication in UTF-8 (RFC 7617); a redirect to another origin
     * leaves it out. In aiohttp: {@code auth=BasicAuth(…)}.
     *
     * @throws IllegalArgumentException if there is a colon in the user's name
     */
    public ClientRequest withBasicAuth(String user, String password) {
        if (user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a colon in the user's name \"" + user
                    + "\": the server would take what follows it for the password");
        }
        return withHeader("Authorization", basic(user + ":" + password));
    }

    /** Returns what the Authorization header says of {@code "user:password"}. */
    static String basic(String userInfo) {
        return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns a copy whose answer may be a redirect. Else redirects are followed wherever they lead, from https to http
     * too, as aiohttp and browsers do; what is confidential does not go along to another origin, and another scheme is
     * one.
     */
    public ClientRequest withoutRedirects() {
        return new ClientRequest(method, url, headers, body, false, timeouts, retry, proxies);
    }

    /** Returns a copy with time limits of its own. */
    public ClientRequest withTimeouts(Timeouts newTimeouts) {
        return new ClientRequest(method, url, headers, body, followRedirects, newTimeouts, retry, proxies);
    }

    /** Returns a copy that is sent again as this policy says, whatever the session's. */
    public ClientRequest withRetry(RetryPolicy policy) {
        return new ClientRequest(method, url, headers, body, followRedirects, timeouts, policy, proxies);
    }

    /** Returns a copy that goes through this proxy, whatever the session's. In aiohttp: {@code proxy=}. */
    public ClientRequest withProxy(Proxy proxy) {
        return withProxies(Proxies.always(proxy));
    }

    /** Returns a copy that goes through no proxy, whatever the session's. */
    public ClientRequest withoutProxy() {
        return withProxies(Proxies.NONE);
    }

    /** Returns a copy that goes through the proxy that these name, each redirect anew, whatever the session's. */
    public ClientRequest withProxies(Proxies rules) {
        return new ClientRequest(method, url, headers, body, followRedirects, timeouts, retry, rules);
    }

    /**
     * Returns a copy that says who asks by a token (RFC 6750); a redirect to another origin leaves it out.
     *
     * @throws IllegalArgumentException if the token has characters that none may have
     */
    public ClientRequest withBearer(String token) {
        if (!BEARER.matcher(token).matches()) {
            throw new IllegalArgumentException("no bearer token: " + token.length()
                    + " characters, of which some are neither letters, digits nor one of -._~+/=");
        }
        return withHeader("Authorization", "Bearer " + token);
    }

    /** Returns whether sending it twice does no more than sending it once (RFC 9110 §9.2.2). */
    boolean idempotent() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** Returns whether it can be sent again, its body included. */
    boolean repeatable() {
        return body == null || body.repeatable();
    }

    @Override
    public String toString() {
        return method + " " + url;
    }
}
