package dev.rondo.scrape;

import org.jspecify.annotations.Nullable;

/**
 * What became of one page. Its text is not kept.
 *
 * @param url the address as it was asked for
 * @param finalUrl the address that answered, behind all redirects; null if none did
 * @param status the status of the answer, such as 200; 0 if none came
 * @param characters the length of the text, in Unicode code points, as Python's {@code len}; 0 if the page failed
 * @param bytes the length of the body, decoded; of a page that failed, as much of it as was read
 * @param seconds how long it took, from the first step to the last byte: the name lookup, connecting, redirects, and
 *     waiting for a connection of the pool where there are too few
 * @param error why the page failed, in one line; null if it did not
 */
public record Page(
        String url,
        @Nullable String finalUrl,
        int status,
        long characters,
        long bytes,
        double seconds,
        @Nullable String error) {

    /** Returns whether all of the page arrived, with a status below 400. */
    public boolean ok() {
        return error == null;
    }
}
