/** Where the pages of a crawl go: JSON Lines, CSV, SQLite, WARC, the graph of links. */
@NullMarked
package dev.rondo.scrape.output;

import org.jspecify.annotations.NullMarked;
