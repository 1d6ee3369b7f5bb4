package dev.rondo.scrape.frontier;

/**
 * An address that a crawl is to ask for.
 *
 * @param id its number in the store, in the order of finding, from 1
 * @param url the address, in the spelling of the crawl
 * @param origin scheme and authority, as {@code https://example.org}: addresses that wait for one another
 * @param depth how many links it is away from where the crawl began
 * @param referrer the page on which it was found first; empty for where the crawl began
 * @param hops how many redirects, one behind the other, lead to it
 */
public record Found(long id, String url, String origin, int depth, String referrer, int hops) {}
