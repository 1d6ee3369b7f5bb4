package dev.rondo.http.client;

import dev.rondo.http.Url;
import org.jspecify.annotations.Nullable;

/**
 * What a connection leads to: the key of the pool.
 *
 * @param proxy what it goes through, or null
 */
record Origin(
        String scheme, String host, int port, @Nullable Proxy proxy) {

    Origin(String scheme, String host, int port) {
        this(scheme, host, port, null);
    }

    static Origin of(Url url) {
        return of(url, null);
    }

    static Origin of(Url url, @Nullable Proxy proxy) {
        return new Origin(url.scheme(), url.host(), url.port(), proxy);
    }

    boolean secure() {
        return scheme.equals("https");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
