/** What a page holds: its links by a scanner of bytes, and what a user selects from it. */
@NullMarked
package dev.rondo.scrape.html;

import org.jspecify.annotations.NullMarked;
