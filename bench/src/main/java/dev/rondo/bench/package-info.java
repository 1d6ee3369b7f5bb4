/**
 * Programs that measure, or check at full size; the scripts in {@code bench/} run them. See {@code bench/README.md}.
 */
@NullMarked
package dev.rondo.bench;

import org.jspecify.annotations.NullMarked;
