package dev.rondo.scrape.url;

import org.jspecify.annotations.Nullable;

/**
 * An http or https address in the one spelling in which a crawl knows it: see {@link Canonicalizer}. It has no fragment
 * and no user. May be used on any thread.
 */
public final class PageUrl {

    private final String text;
    private final int pathStart;
    private final int mark; // where the query's question mark is; the length of the text if there is none

    PageUrl(String text) {
        this.text = text;
        this.pathStart = text.indexOf('/', text.indexOf("://") + 3);
        int question = text.indexOf('?', pathStart);
        this.mark = question < 0 ? text.length() : question;
    }

    /** Returns all of it. */
    public String text() {
        return text;
    }

    /** Returns {@code "http"} or {@code "https"}. */
    public String scheme() {
        return text.substring(0, text.indexOf(':'));
    }

    /** Returns scheme, host and port: {@code "https://example.org"}, {@code "http://localhost:8080"}. */
    public String origin() {
        return text.substring(0, pathStart);
    }

    /** Returns host and port, the port left out if it is the scheme's own. */
    public String authority() {
        return text.substring(text.indexOf("://") + 3, pathStart);
    }

    /** Returns whether that is its {@link #authority}; without making one. */
    public boolean isOn(String authority) {
        int begin = text.indexOf("://") + 3;
        return pathStart - begin == authority.length() && text.startsWith(authority, begin);
    }

    /** Returns the host; an IPv6 address stands in brackets. */
    public String host() {
        String authority = authority();
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    /** Returns the path, which begins with a slash. */
    public String path() {
        return text.substring(pathStart, mark);
    }

    /** Returns the query without its question mark; null if there is none. */
    public @Nullable String query() {
        return mark == text.length() ? null : text.substring(mark + 1);
    }

    int pathStart() {
        return pathStart;
    }

    /** Where the last segment of the path begins, behind its slash. */
    int lastSegment() {
        return text.lastIndexOf('/', mark - 1) + 1;
    }

    int pathEnd() {
        return mark;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PageUrl that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Returns all of it. */
    @Override
    public String toString() {
        return text;
    }
}
