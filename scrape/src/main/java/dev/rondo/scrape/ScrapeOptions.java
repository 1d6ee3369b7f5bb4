package dev.rondo.scrape;

import java.time.Duration;

/**
 * How a {@link Scraper} goes about it.
 *
 * @param concurrency how many pages are asked for at the same time, at most. 100 by default, as many as a session has
 *     connections
 * @param timeout how long one page may take, everything included; {@link Duration#ZERO} for no limit. 30 seconds by
 *     default
 */
public record ScrapeOptions(int concurrency, Duration timeout) {

    /** 100 at a time, 30 seconds for each. */
    public static final ScrapeOptions DEFAULT = new ScrapeOptions(100, Duration.ofSeconds(30));

    /** Checks the values. */
    public ScrapeOptions {
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency must be at least 1, not " + concurrency);
        }
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
    }

    /** Returns a copy with this many pages at a time. */
    public ScrapeOptions withConcurrency(int pages) {
        return new ScrapeOptions(pages, timeout);
    }

    /** Returns a copy with this much time for each page. */
    public ScrapeOptions withTimeout(Duration limit) {
        return new ScrapeOptions(concurrency, limit);
    }
}
