/** What people read: numbers and reasons. */
@NullMarked
package dev.rondo.scrape.text;

import org.jspecify.annotations.NullMarked;
