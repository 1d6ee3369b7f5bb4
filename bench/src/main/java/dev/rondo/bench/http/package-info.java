/**
 * HTTP servers that say hello, and clients that ask for a page again and again: ours and others', for {@code http.sh}.
 */
@NullMarked
package dev.rondo.bench.http;

import org.jspecify.annotations.NullMarked;
