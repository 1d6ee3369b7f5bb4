package dev.rondo.http.client;

import dev.rondo.http.Url;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says which proxy leads to an address. Must not suspend. */
@FunctionalInterface
public interface Proxies {

    /** None to any address. */
    Proxies NONE = url -> null;

    /** Returns the proxy to send requests to {@code url} through, or null for none. */
    @Nullable Proxy forUrl(Url url);

    /** Returns the same proxy for all addresses. */
    static Proxies always(Proxy proxy) {
        return new Always(proxy);
    }

    /**
     * Returns what the variables {@code http_proxy}, {@code https_proxy}, {@code all_proxy} and {@code no_proxy} of the
     * environment say now. In aiohttp: {@code trust_env=True}.
     *
     * <p>Each may be written in upper case; lower case goes first, and an empty one in lower case takes the other away.
     * {@code HTTP_PROXY} does not count where {@code REQUEST_METHOD} is set: there any client of a CGI program could
     * have set it. {@code all_proxy} is for the schemes that have none of their own.
     *
     * <p>{@code no_proxy} names who is asked directly, divided by commas or blanks: hosts, with all below them, a dot
     * in front or not; addresses; networks such as {@code 10.0.0.0/8}; each with a port or without; or {@code *} for
     * all.
     *
     * @throws IllegalArgumentException if a variable names no proxy: {@link Proxy#parse}
     */
    static Proxies fromEnvironment() {
        return ProxyVariables.of(System.getenv());
    }

    /** Does so with other variables than those of the system. */
    static Proxies fromEnvironment(Map<String, String> variables) {
        return ProxyVariables.of(variables);
    }

    /** The same for all. */
    record Always(Proxy proxy) implements Proxies {
        @Override
        public Proxy forUrl(Url url) {
            return proxy;
        }
    }
}
