package dev.rondo.http.client;

import dev.rondo.http.Url;

/** What a connection leads to: the key of the pool. */
record Origin(String scheme, String host, int port) {

    static Origin of(Url url) {
        return new Origin(url.scheme(), url.host(), url.port());
    }

    boolean secure() {
        return scheme.equals("https");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
