/** Content codings and charsets: what a body's bytes stand for. Does no I/O; not exported. */
@NullMarked
package dev.rondo.http.encoding;

import org.jspecify.annotations.NullMarked;
