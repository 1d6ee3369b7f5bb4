/** What a site asks of crawlers: robots.txt and sitemaps. */
@NullMarked
package dev.rondo.scrape.robots;

import org.jspecify.annotations.NullMarked;
