package dev.rondo.scrape.crawl;

import dev.rondo.scrape.html.NearDuplicates;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a crawl came to.
 *
 * @param ended why it ended: {@link End#COMPLETE}, or which budget was used up
 * @param pages how many addresses were asked for, and answered or failed for good; redirects and failures among them
 * @param redirects how many of them were redirects
 * @param unchanged how many had not changed since the last crawl (status 304)
 * @param failed how many failed: no answer, or a status of 400 or more
 * @param bytes how large all bodies were, decoded
 * @param links how many links lead from a page to its own host, repeats counted
 * @param externalLinks how many lead to other hosts
 * @param duplicates how many pages had the same body as another
 * @param nearDuplicates pages whose words are nearly those of another, at most a thousand, if they were looked for
 * @param retries how many requests were repeated
 * @param waiting how many addresses were found and not asked for, because a budget was used up
 * @param passedOver the addresses that were not asked for: why, how many, and the first few of them
 * @param time how long it took
 */
public record CrawlReport(
        End ended,
        long pages,
        long redirects,
        long unchanged,
        long failed,
        long bytes,
        long links,
        long externalLinks,
        long duplicates,
        List<NearDuplicates.Pair> nearDuplicates,
        long retries,
        long waiting,
        Map<String, PassedOver> passedOver,
        Duration time) {

    /** Why a crawl ended. */
    public enum End {
        /** All that belongs to it was asked for. */
        COMPLETE("complete"),
        /** As many pages as were allowed. */
        PAGES("the budget of pages is used up"),
        /** As many bytes as were allowed. */
        BYTES("the budget of bytes is used up"),
        /** As much time as was allowed. */
        TIME("the budget of time is used up");

        private final String words;

        End(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * Addresses that were passed over for one reason.
     *
     * @param count how many
     * @param examples the first few
     */
    public record PassedOver(long count, List<String> examples) {}
}
