/**
 * The scraper: many pages at once on one thread.
 *
 * <pre>
 *   Main ─▶ ScrapeCommand ─▶ ScrapeRun ─▶ Scraper ─▶ ClientSession   the command line; what an API user does
 *                                │           │
 *                                │           └─ Visit, CharacterCounter   one page
 *                                ├─ Tally, ProgressBar                    what has been done so far
 *                                ├─ Printer ─▶ JsonLines, Console         a thread that may wait for its reader
 *                                └─ DemoSite ─▶ HttpServer                something to scrape without a network
 * </pre>
 *
 * <p>{@link dev.rondo.scrape.Scraper} knows nothing of the command line, and prints nothing. The command line prints
 * and writes to files on a thread of its own, never on the loop.
 */
@NullMarked
package dev.rondo.scrape;

import org.jspecify.annotations.NullMarked;
