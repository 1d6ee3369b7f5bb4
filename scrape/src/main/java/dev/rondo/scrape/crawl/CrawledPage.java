package dev.rondo.scrape.crawl;

import dev.rondo.http.Headers;
import dev.rondo.http.encoding.Charsets;
import dev.rondo.http.encoding.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;

/**
 * What became of one address of a crawl: a page, a redirect, or a failure. It does not change, and may be read on any
 * thread; the body is not to be changed.
 *
 * @param url the address that was asked for, in the spelling of the crawl
 * @param redirect where a redirect leads; null if the answer is none
 * @param status the status of the answer, such as 200; 0 if none came
 * @param depth how many links it is away from where the crawl began; 0 for where it began. A redirect adds none
 * @param referrer the page on which the address was found first; null for where the crawl began
 * @param headers the headers of the answer; empty if none came
 * @param body the body, decoded; empty if none came whole
 * @param sha256 of the decoded body, in hexadecimal; null if none came. Of a page that has not changed since the last
 *     crawl (status 304), that of the body that came then
 * @param time when it was asked for
 * @param seconds how long it took, from asking to the last byte
 * @param links where its links lead, in their order, each as often as it is there, without fragments; to other hosts as
 *     well
 * @param items what was taken from the page as a user said, each a map from name to a string, a list or a map
 * @param error why the page failed, in one line; null if it did not
 */
public record CrawledPage(
        String url,
        @Nullable String redirect,
        int status,
        int depth,
        @Nullable String referrer,
        Headers headers,
        byte[] body,
        @Nullable String sha256,
        Instant time,
        double seconds,
        List<String> links,
        List<Map<String, Object>> items,
        @Nullable String error) {

    /** Returns whether the answer arrived whole, with a status below 400. */
    public boolean ok() {
        return error == null;
    }

    /** Returns the media type, in lower case and without parameters; {@code application/octet-stream} if unsaid. */
    public String contentType() {
        return MediaType.of(headers.get("Content-Type"));
    }

    /** Returns whether it says that it is HTML. */
    public boolean html() {
        return contentType().equals("text/html") || contentType().equals("application/xhtml+xml");
    }

    /** Returns the body as text, in the charset that its mark, the header or the page itself says. */
    public String text() {
        Charsets.Detected detected = Charsets.detect(body, body.length, headers.get("Content-Type"));
        int start = detected.markBytes();
        return new String(body, start, body.length - start, detected.charset());
    }

    /** Returns the page as a tree, made anew by each call: it takes time, 15 ms for a megabyte. */
    public Document document() {
        return Jsoup.parse(text(), url);
    }

    /** Returns a copy with these items. */
    public CrawledPage withItems(List<Map<String, Object>> taken) {
        return new CrawledPage(
                url, redirect, status, depth, referrer, headers, body, sha256, time, seconds, links, taken, error);
    }

    /** Returns a copy with these items behind those that it has. */
    public CrawledPage withMoreItems(List<Map<String, Object>> more) {
        List<Map<String, Object>> all = new ArrayList<>(items);
        all.addAll(more);
        return withItems(all);
    }

    CrawledPage withLinks(List<String> where) {
        return new CrawledPage(
                url, redirect, status, depth, referrer, headers, body, sha256, time, seconds, where, items, error);
    }

    CrawledPage redirectedTo(@Nullable String target, @Nullable String failure) {
        return new CrawledPage(
                url, target, status, depth, referrer, headers, body, sha256, time, seconds, links, items, failure);
    }

    /** Returns how many of {@link #links} lead to the page's own host. */
    public long ownLinks() {
        return links.stream().filter(link -> sameHost(url, link)).count();
    }

    /** Tells whether two addresses in the spelling of the crawl have the same host and port. */
    static boolean sameHost(String one, String other) {
        int first = one.indexOf("://") + 3;
        int second = other.indexOf("://") + 3;
        int length = authorityEnd(one, first) - first;
        return length == authorityEnd(other, second) - second && one.regionMatches(first, other, second, length);
    }

    private static int authorityEnd(String url, int start) {
        return url.indexOf('/', start); // in this spelling there is always a path
    }

    /** Returns address, status and size. */
    @Override
    public String toString() {
        return url + ": " + (error == null ? status + ", " + body.length + " bytes" : error);
    }
}
