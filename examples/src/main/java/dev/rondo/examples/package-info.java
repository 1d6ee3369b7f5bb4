/** Small programs that show one thing each: the ones of the README. Each is run by a test. */
@NullMarked
package dev.rondo.examples;

import org.jspecify.annotations.NullMarked;
