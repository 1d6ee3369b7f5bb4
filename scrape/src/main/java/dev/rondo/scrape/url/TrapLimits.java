package dev.rondo.scrape.url;

/**
 * What makes an address look like one of endlessly many.
 *
 * @param length how long an address may be, in characters
 * @param segments how many segments its path may have
 * @param repeated how often one segment may stand in it
 * @param pattern how many addresses of a host may differ in their digits alone
 * @param dates how many of those that have a date in them
 * @param queries how many queries there may be of one path
 * @param depth how many links away from where the crawl began it may be
 */
public record TrapLimits(int length, int segments, int repeated, int pattern, int dates, int queries, int depth) {

    /**
     * What browsers of old took for too long, and what no site has that was made by people: 2,083 characters, 20
     * segments, the same one twice. Of {@code /doc/17.html} a site may honestly have very many: 500,000; of days as in
     * 27 years, 10,000; 1,000 queries of a path. A chain of "next" that is longer than 1,000 links has no end.
     */
    public static final TrapLimits DEFAULT = new TrapLimits(2083, 20, 2, 500_000, 10_000, 1000, 1000);
}
