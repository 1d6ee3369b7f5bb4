/**
 * The scraper: many pages at once on one thread.
 *
 * <pre>
 *   Main ──▶ ScrapeCommand ──▶ ScrapeRun ──▶ Scraper ──▶ ClientSession        what the command line does, what an API user does
 *                                 │             │
 *                                 │             └─ Visit, CharacterCounter    one page
 *                                 ├─ Tally, ProgressBar                       what has been done so far
 *                                 ├─ Printer ◀── JsonLines                    a thread of its own that may wait for its reader
 *                                 └─ DemoSite ──▶ HttpServer                  something to scrape on a machine without network
 * </pre>
 *
 * <p>{@link dev.rondo.scrape.Scraper} knows nothing of the command line, and prints nothing. Nothing that is printed or written
 * to a file is so on the loop.
 */
@NullMarked
package dev.rondo.scrape;

import org.jspecify.annotations.NullMarked;
