package dev.rondo.scrape.crawl;

import dev.rondo.scrape.html.NearDuplicates;
import dev.rondo.scrape.url.UrlHashes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts what a crawl does. The loop's. */
final class Tally {

    private static final int EXAMPLES = 5;
    private static final int MOST_REASONS = 200;

    long pages;
    long redirects;
    long unchanged;
    long failed;
    long bytes;
    long links;
    long externalLinks;
    long duplicates;
    long retries;
    final NearDuplicates near = new NearDuplicates();

    private final UrlHashes bodies = new UrlHashes();
    private final Map<String, Examples> passedOver = new LinkedHashMap<>();

    private static final class Examples {
        long count;
        final List<String> urls = new ArrayList<>();
    }

    /** Counts a page, and its links: how many lead to its own host, and how many elsewhere. */
    void page(CrawledPage page, long ownLinks, long others) {
        pages++;
        bytes += page.body().length;
        links += ownLinks;
        externalLinks += others;
        if (page.redirect() != null) {
            redirects++;
        } else if (page.status() == 304) {
            unchanged++;
        } else if (!page.ok()) {
            failed++;
        } else if (page.sha256() != null && page.body().length > 0 && !bodies.add(page.sha256())) {
            duplicates++;
        }
    }

    /** Counts an address that is not asked for. */
    void passedOver(String reason, String url) {
        String kind = passedOver.size() < MOST_REASONS || passedOver.containsKey(reason) ? reason : "other reasons";
        Examples examples = passedOver.computeIfAbsent(kind, key -> new Examples());
        examples.count++;
        if (examples.urls.size() < EXAMPLES) {
            examples.urls.add(url);
        }
    }

    CrawlReport report(CrawlReport.End ended, long waiting, Duration time) {
        Map<String, CrawlReport.PassedOver> reasons = new LinkedHashMap<>();
        passedOver.forEach((reason, examples) ->
                reasons.put(reason, new CrawlReport.PassedOver(examples.count, List.copyOf(examples.urls))));
        return new CrawlReport(
                ended,
                pages,
                redirects,
                unchanged,
                failed,
                bytes,
                links,
                externalLinks,
                duplicates,
                near.pairs(),
                retries,
                waiting,
                reasons,
                time);
    }
}
