/** Content codings and charsets: what a body's bytes stand for. Does no I/O; exported to our own modules only. */
@NullMarked
package dev.rondo.http.encoding;

import org.jspecify.annotations.NullMarked;
