/**
 * Time as a seam: everything in Rondo that needs to know or to wait for the time asks a {@link dev.rondo.time.Clock}.
 */
@NullMarked
package dev.rondo.time;

import org.jspecify.annotations.NullMarked;
