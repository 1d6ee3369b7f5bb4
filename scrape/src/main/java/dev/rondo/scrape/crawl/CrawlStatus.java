package dev.rondo.scrape.crawl;

import java.util.List;

/**
 * How far a crawl is, at a moment.
 *
 * @param pages how many addresses are done
 * @param failed how many of them failed
 * @param redirects how many of them were redirects
 * @param bytes how large their bodies were, decoded
 * @param waiting how many addresses wait
 * @param inFlight how many are being asked for
 * @param seconds how long the crawl has run
 * @param hosts those that were asked most, at most a hundred
 * @param errors the last failures, the newest first
 */
public record CrawlStatus(
        long pages,
        long failed,
        long redirects,
        long bytes,
        long waiting,
        int inFlight,
        double seconds,
        List<Host> hosts,
        List<Failure> errors) {

    /**
     * One origin.
     *
     * @param origin such as {@code https://example.org}
     * @param pages how many addresses of it are done
     * @param failed how many of them failed
     * @param waiting how many wait
     * @param inFlight how many are being asked for
     * @param delaySeconds how long it is left alone between two requests
     * @param seconds how long an answer took lately
     */
    public record Host(
            String origin, long pages, long failed, long waiting, int inFlight, double delaySeconds, double seconds) {}

    /** An address that failed, and why. */
    public record Failure(String url, String error) {}
}
