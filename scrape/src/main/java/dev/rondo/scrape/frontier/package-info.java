/** What a crawl has done and has still to do, kept in SQLite. */
@NullMarked
package dev.rondo.scrape.frontier;

import org.jspecify.annotations.NullMarked;
