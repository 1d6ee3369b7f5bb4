/**
 * The crawler: all pages of a site, each once.
 *
 * <pre>
 *   Crawler ─▶ Crawl ─▶ Fetcher ─▶ ClientSession           one run; one page
 *                │  ├─ HostQueues, Throttle                which page next, and when its host may be asked again
 *                │  ├─ robots, url, html                   what may be asked for, under which name; what a page links to
 *                │  └─ Journal ─▶ frontier, output         a thread that may wait for a disk
 *                └─ CrawlStatus                            what has been done so far
 * </pre>
 */
@NullMarked
package dev.rondo.scrape.crawl;

import org.jspecify.annotations.NullMarked;
