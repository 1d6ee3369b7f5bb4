/** A page that shows a crawl while it runs. */
@NullMarked
package dev.rondo.scrape.dashboard;

import org.jspecify.annotations.NullMarked;
