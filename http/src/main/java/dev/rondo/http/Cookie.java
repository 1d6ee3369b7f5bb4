package dev.rondo.http;

import dev.rondo.http.encoding.HttpDate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cookie as a server sets it: a value; its {@code with…} methods return changed copies. In aiohttp: a
 * {@code http.cookies.Morsel}.
 *
 * <pre>{@code
 * Response.text("welcome").withCookie(Cookie.of("session", id).withSecure().withHttpOnly().withMaxAge(Duration.ofHours(8)));
 * }</pre>
 *
 * <p>Values are kept as they are sent: quotes belong to them, and characters beyond ASCII are the Latin-1 reading of
 * their bytes, so that they go back as they came. Python's quoting with backslashes is not known here.
 *
 * @param name may be empty, if a server sent it so
 * @param value may be empty
 * @param domain the host that gets it, with all below it; or null: the host that set it, alone
 * @param path the path that gets it, with all below it; or null: the directory of the address that set it
 * @param maxAge for how long it lives, no more if zero or negative; or null: see {@code expires}. Goes before that
 * @param expires until when it lives; or null: until the client forgets it
 * @param secure whether it is sent by https only
 * @param httpOnly whether it is kept from a page's scripts; of no meaning to a {@link CookieJar}
 * @param sameSite which requests from other sites it is sent with, or null. A {@link CookieJar} takes every request for
 *     one from the same site
 * @param partitioned whether a browser keeps it apart for each site that embeds the server's
 */
public record Cookie(
        String name,
        String value,
        @Nullable String domain,
        @Nullable String path,
        @Nullable Duration maxAge,
        @Nullable Instant expires,
        boolean secure,
        boolean httpOnly,
        @Nullable SameSite sameSite,
        boolean partitioned) {

    /** Which requests, of those that another site's page causes, a browser sends the cookie with. */
    public enum SameSite {
        /** None. */
        STRICT,
        /** Those that lead the user to the server. */
        LAX,
        /** All, by https. */
        NONE
    }

    /**
     * Checks that nothing can be smuggled in.
     *
     * @throws IllegalArgumentException if a text has a control character or a semicolon, name, value or path a
     *     character beyond Latin-1, or the name an equals sign
     */
    public Cookie {
        CookieText.ensureSafe("name", name);
        CookieText.ensureSafe("value", value);
        if (name.indexOf('=') >= 0) {
            throw new IllegalArgumentException("the name of a cookie has an equals sign: " + name);
        }
        if (domain != null) {
            CookieText.ensureSafe("domain", CookieRules.punycode(domain));
        }
        if (path != null) {
            CookieText.ensureSafe("path", path);
        }
    }

    /**
     * Returns a cookie without attributes.
     *
     * @throws IllegalArgumentException if the name is no token, or the value has characters that cannot be sent:
     *     spaces, {@code " , ; \}, controls, what is not ASCII. Encode it first
     */
    public static Cookie of(String name, String value) {
        CookieText.ensureName(name);
        CookieText.ensureValue(name, value);
        return new Cookie(name, value, null, null, null, null, false, false, null, false);
    }

    /**
     * Reads a Set-Cookie header, as leniently as RFC 6265bis §5.6 has it: attributes that are not known or make no
     * sense are left out.
     *
     * @return the cookie, or null if it is to be ignored: empty, with a control character, or name and value longer
     *     than 4096 bytes
     */
    public static @Nullable Cookie parse(String setCookie) {
        return CookieText.parse(setCookie);
    }

    /** Returns the cookies of all Set-Cookie headers, in order, without those to be ignored: see {@link #parse}. */
    public static List<Cookie> allOf(Headers headers) {
        return headers.all("Set-Cookie").stream()
                .<Cookie>mapMulti((text, taken) -> {
                    Cookie cookie = parse(text);
                    if (cookie != null) {
                        taken.accept(cookie);
                    }
                })
                .toList();
    }

    /**
     * Reads the Cookie headers of a request: names and values in order, quotes around a value taken off. Of a name that
     * comes twice the first counts, which is the more specific one.
     */
    public static Map<String, String> sentWith(Headers headers) {
        return CookieText.pairs(headers.all("Cookie"));
    }

    // ---------------------------------------------------------------------------------------------- changed copies

    /** Returns a copy for a host and all below it. */
    public Cookie withDomain(String newDomain) {
        return new Cookie(name, value, newDomain, path, maxAge, expires, secure, httpOnly, sameSite, partitioned);
    }

    /** Returns a copy for a path and all below it. */
    public Cookie withPath(String newPath) {
        return new Cookie(name, value, domain, newPath, maxAge, expires, secure, httpOnly, sameSite, partitioned);
    }

    /** Returns a copy that lives for so long; in whole seconds. */
    public Cookie withMaxAge(Duration newMaxAge) {
        return new Cookie(name, value, domain, path, newMaxAge, expires, secure, httpOnly, sameSite, partitioned);
    }

    /** Returns a copy that lives until then; in whole seconds. */
    public Cookie withExpires(Instant newExpires) {
        return new Cookie(name, value, domain, path, maxAge, newExpires, secure, httpOnly, sameSite, partitioned);
    }

    /** Returns a copy that is sent by https only. */
    public Cookie withSecure() {
        return new Cookie(name, value, domain, path, maxAge, expires, true, httpOnly, sameSite, partitioned);
    }

    /** Returns a copy that a page's scripts do not see. */
    public Cookie withHttpOnly() {
        return new Cookie(name, value, domain, path, maxAge, expires, secure, true, sameSite, partitioned);
    }

    /** Returns a copy that says which requests of other sites it goes with. */
    public Cookie withSameSite(SameSite newSameSite) {
        return new Cookie(name, value, domain, path, maxAge, expires, secure, httpOnly, newSameSite, partitioned);
    }

    /** Returns a copy that browsers keep apart for each embedding site. */
    public Cookie withPartitioned() {
        return new Cookie(name, value, domain, path, maxAge, expires, secure, httpOnly, sameSite, true);
    }

    // ------------------------------------------------------------------------------------------------ as it is sent

    /** Returns what a Set-Cookie header says. */
    public String toSetCookie() {
        var text = new StringBuilder(name).append('=').append(value);
        if (expires != null) {
            text.append("; Expires=").append(HttpDate.format(expires));
        }
        if (maxAge != null) {
            text.append("; Max-Age=").append(maxAge.toSeconds());
        }
        if (domain != null) {
            text.append("; Domain=").append(CookieRules.punycode(domain));
        }
        if (path != null) {
            text.append("; Path=").append(path);
        }
        text.append(secure ? "; Secure" : "").append(httpOnly ? "; HttpOnly" : "");
        if (sameSite != null) {
            String said = sameSite.name();
            text.append("; SameSite=")
                    .append(said.charAt(0))
                    .append(said.substring(1).toLowerCase(Locale.ROOT));
        }
        return text.append(partitioned ? "; Partitioned" : "").toString();
    }

    /** Returns what a Cookie header says of it: name and value. */
    public String toPair() {
        return name.isEmpty() ? value : name + "=" + value;
    }

    /** Returns its name and attributes, without the value: that is often a secret. */
    @Override
    public String toString() {
        String text = toSetCookie();
        return "Cookie[" + name + "=…" + text.substring(name.length() + 1 + value.length()) + "]";
    }
}
