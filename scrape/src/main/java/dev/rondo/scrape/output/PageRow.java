package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tables and lines say of a page.
 *
 * @param finalUrl where a redirect leads, else the address itself; null if no answer came
 * @param status null if no answer came
 * @param bytes of the decoded body
 * @param links how many lead to the page's own host and port, repeats counted
 * @param externalLinks how many lead elsewhere
 */
record PageRow(
        String url,
        @Nullable String finalUrl,
        @Nullable Integer status,
        int depth,
        @Nullable String referrer,
        @Nullable String contentType,
        int bytes,
        @Nullable String sha256,
        BigDecimal seconds,
        long links,
        long externalLinks,
        @Nullable String error) {

    /** The names of the columns, in order. */
    static final List<String> NAMES = List.of(
            "url",
            "finalUrl",
            "status",
            "depth",
            "referrer",
            "contentType",
            "bytes",
            "sha256",
            "seconds",
            "links",
            "externalLinks",
            "error");

    static PageRow of(CrawledPage page) {
        boolean answered = page.status() != 0;
        long own = page.ownLinks();
        return new PageRow(
                page.url(),
                page.redirect() != null ? page.redirect() : answered ? page.url() : null,
                answered ? page.status() : null,
                page.depth(),
                page.referrer(),
                page.headers().contains("Content-Type") ? page.contentType() : null,
                page.body().length,
                page.sha256(),
                BigDecimal.valueOf(Math.round(page.seconds() * 1e6), 6),
                own,
                page.links().size() - own,
                page.error());
    }

    /** Returns the values, in the order of {@link #NAMES}. */
    @Nullable Object[] values() {
        return new @Nullable Object[] {
            url, finalUrl, status, depth, referrer, contentType, bytes, sha256, seconds, links, externalLinks, error
        };
    }
}
