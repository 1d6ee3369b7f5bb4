/** Addresses as a crawl knows them: one spelling each, what belongs to the crawl, and what looks like a trap. */
@NullMarked
package dev.rondo.scrape.url;

import org.jspecify.annotations.NullMarked;
